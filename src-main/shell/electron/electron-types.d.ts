/**
 * The part of Electron's interface that the shell uses. Electron's own package, which carries the
 * whole, cannot be installed with every Node that builds and tests Lavi.
 */
declare module 'electron' {
  interface Listening {
    on(event: string, listener: (...args: never[]) => void): this;
  }

  interface WebFrameMain {
    readonly url: string;
    readonly parent: WebFrameMain | null;
  }
  interface MessagePortMain extends Listening {
    on(event: 'message', listener: (event: { data: unknown }) => void): this;
    on(event: 'close', listener: () => void): this;
    off(event: 'message', listener: (event: { data: unknown }) => void): this;
    postMessage(message: unknown): void;
    start(): void;
    close(): void;
  }
  export interface IpcMainEvent {
    readonly sender: WebContents;
    readonly senderFrame: WebFrameMain | null;
    readonly ports: MessagePortMain[];
  }
  export const ipcMain: {
    on(channel: string, listener: (event: IpcMainEvent, value: unknown) => void): void;
    handle(channel: string, listener: (event: IpcMainEvent, value: unknown) => unknown): void;
  };

  interface Prevented {
    preventDefault(): void;
  }
  interface WebContents {
    on(event: 'will-navigate' | 'will-attach-webview', listener: (event: Prevented) => void): void;
    send(channel: string, value: unknown): void;
    setWindowOpenHandler(handler: () => { action: 'deny' }): void;
    startDrag(item: { file: string; files: string[]; icon: NativeImage | string }): void;
  }
  interface Rectangle {
    x: number;
    y: number;
    width: number;
    height: number;
  }
  interface WindowOptions {
    x?: number;
    y?: number;
    width: number;
    height: number;
    minWidth: number;
    minHeight: number;
    show: boolean;
    title: string;
    icon: string;
    webPreferences: {
      preload: string;
      contextIsolation: true;
      sandbox: true;
      nodeIntegration: false;
      webviewTag: false;
    };
  }
  export class BrowserWindow {
    constructor(options: WindowOptions);
    readonly webContents: WebContents;
    once(event: 'ready-to-show' | 'close' | 'closed', listener: () => void): this;
    loadURL(url: string): Promise<void>;
    show(): void;
    focus(): void;
    restore(): void;
    isMinimized(): boolean;
    maximize(): void;
    isMaximized(): boolean;
    getNormalBounds(): Rectangle;
  }

  export const app: Listening & {
    on(
      event: 'second-instance',
      listener: (event: unknown, argv: string[], folder: string) => void,
    ): void;
    on(event: 'open-file', listener: (event: Prevented, path: string) => void): void;
    on(event: 'window-all-closed', listener: () => void): void;
    on(event: 'before-quit', listener: (event: Prevented) => void): void;
    on(
      event: 'web-contents-created',
      listener: (event: unknown, contents: WebContents) => void,
    ): void;
    requestSingleInstanceLock(): boolean;
    whenReady(): Promise<void>;
    quit(): void;
    exit(code?: number): void;
    setName(name: string): void;
    setPath(name: 'userData', path: string): void;
    addRecentDocument(path: string): void;
    clearRecentDocuments(): void;
    getFileIcon(path: string): Promise<NativeImage>;
  };
  export const clipboard: {
    writeBuffer(format: string, bytes: Buffer): void;
    writeImage(image: NativeImage): void;
  };
  interface NativeImage {
    isEmpty(): boolean;
  }
  export const nativeImage: { createFromPath(path: string): NativeImage };
  export const dialog: {
    showOpenDialog(
      window: BrowserWindow,
      options: { properties: string[]; filters?: { name: string; extensions: string[] }[] },
    ): Promise<{ canceled: boolean; filePaths: string[] }>;
  };
  export const protocol: {
    registerSchemesAsPrivileged(
      schemes: { scheme: string; privileges: Record<string, boolean> }[],
    ): void;
    handle(scheme: string, handler: (request: Request) => Promise<Response>): void;
  };
  export const nativeTheme: { themeSource: 'system' | 'light' | 'dark' };
  interface Display {
    readonly workArea: Rectangle;
  }
  export const screen: { getPrimaryDisplay(): Display; getAllDisplays(): Display[] };
  export const session: {
    readonly defaultSession: {
      setPermissionRequestHandler(
        handler: (contents: unknown, permission: string, done: (granted: boolean) => void) => void,
      ): void;
      setPermissionCheckHandler(handler: () => boolean): void;
    };
  };
  export const shell: { showItemInFolder(path: string): void };

  export interface MenuItemConstructorOptions {
    label?: string;
    role?: string;
    type?: 'separator';
    accelerator?: string;
    enabled?: boolean;
    click?: () => void;
    submenu?: MenuItemConstructorOptions[];
  }
  export const Menu: {
    buildFromTemplate(template: MenuItemConstructorOptions[]): object;
    setApplicationMenu(menu: object): void;
  };

  export const contextBridge: { exposeInMainWorld(name: string, api: object): void };
  export const ipcRenderer: {
    invoke(channel: string, value?: unknown): Promise<unknown>;
    send(channel: string, value: unknown): void;
    postMessage(channel: string, message: unknown, ports: unknown[]): void;
    on(channel: string, listener: (event: unknown, value: unknown) => void): void;
    off(channel: string, listener: (event: unknown, value: unknown) => void): void;
  };
  export const webUtils: { getPathForFile(file: unknown): string };
}
