/**
 * How the app's page meets its shell; the calls themselves are in app.ts.
 *
 * In a browser the page opens a WebSocket at `socketPath` of its own origin. In Electron the preload
 * script puts a `ShellBridge` on `window.lavi` and, once the page asked by posting `portRequest` to
 * its own window, posts `portAnswer` back to the window with one MessagePort.
 */
export const socketPath = '/socket';
export const uploadPath = '/upload';
export const portRequest = 'lavi:port?';
export const portAnswer = 'lavi:port';

/**
 * What a page cannot do by itself. Every member may be missing, and in a browser all of them are: a
 * page shows no button for what its shell cannot do.
 */
export interface ShellBridge {
  /** The path of a dropped or chosen file; empty for one that has none (pasted pixels). */
  pathOf?(file: File): string;
  /** The system's open dialog; no paths when it was dismissed. */
  choose?(what: 'files' | 'folder'): Promise<string[]>;
  /** Shows where a file was saved in the system's file manager. */
  reveal?(id: string): Promise<void>;
  /**
   * Drags what files were saved as out of the window; to be called in a `dragstart` event whose own
   * drag was prevented.
   */
  startDrag?(ids: string[]): void;
  /** Puts what files were saved as on the clipboard, as files; answers whether they are there. */
  copyFiles?(ids: string[]): Promise<boolean>;
  /**
   * Puts the picture that a saved file shows on the clipboard, as pixels; answers whether it is there.
   * A .lavi file is decoded first; WebP, AVIF and TIFF are formats that the clipboard does not take.
   */
  copyPicture?(id: string): Promise<boolean>;
  /** Hears what was chosen in the menu ("open", "save", "undo", …) until the returned call. */
  onCommand?(listener: (command: ShellCommand) => void): () => void;
  /** Hears which files the system asked the app to open: they are on the list, or soon will be. */
  onOpened?(listener: (ids: string[]) => void): () => void;
}

export const shellCommands = [
  'open',
  'openFolder',
  'save',
  'undo',
  'settings',
  'about',
  'fit',
  'actual',
  'worst',
] as const;
export type ShellCommand = (typeof shellCommands)[number];
