import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { MessagePortMain } from 'electron';
import { app, BrowserWindow, ipcMain, protocol, session } from 'electron';
import { appContract } from '../api/app';
import type { Transport } from '../api/channel';
import { serveChannel } from '../api/channel';
import type { Desk } from '../app/desk/desk';
import { answerApp, appOrigin } from './app-scheme';
import { isOurs, serveCalls } from './electron-calls';
import { setMenu } from './menu';
import { openDesk } from './open-desk';
import { packageRoot } from './paths';
import { rendererFiles } from './renderer-files';

/** The app in a window of its own. */

const out = join(packageRoot(), 'out');
let window: BrowserWindow | undefined;
let desk: Desk | undefined;
/** Files that were to be opened before there was a desk. */
const early: string[] = [];

protocol.registerSchemesAsPrivileged([
  { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
]);

app.setName('Lavi');
if (app.requestSingleInstanceLock()) start();
else app.quit();

function start(): void {
  app.on('second-instance', (_, argv) => {
    if (window?.isMinimized()) window.restore();
    window?.focus();
    openFiles(argv.slice(1));
  });
  app.on('open-file', (event, path) => {
    event.preventDefault();
    openFiles([path]);
  });
  app.on('web-contents-created', (_, contents) => {
    contents.on('will-navigate', (event) => event.preventDefault());
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  });
  app.on('window-all-closed', () => app.quit());
  let closing = false;
  app.on('before-quit', (event) => {
    if (!desk) return;
    event.preventDefault();
    if (closing) return;
    closing = true;
    void desk.close().finally(() => app.exit(0));
  });
  openFiles(process.argv.slice(1));
  app.whenReady().then(openWindow).catch(fail);
}

async function openWindow(): Promise<void> {
  const opened = await openDesk('electron', {
    script: join(out, 'main', 'worker.js'),
    // sharp and onnxruntime run in plain Node, not in Electron's.
    node: process.env['LAVI_NODE'] ?? 'node',
  });
  desk = opened;
  const files = rendererFiles(join(out, 'renderer'));
  protocol.handle('app', (request) => answerApp(request, opened, files));
  const { defaultSession } = session;
  defaultSession.setPermissionRequestHandler((_, __, done) => done(false));
  defaultSession.setPermissionCheckHandler(() => false);
  serveWindow(opened);
  serveCalls({
    desk: opened,
    window: () => window,
    texts: () => ({ photos: 'Photos', allFiles: 'All files' }),
    dragIcon: join(out, 'icons', 'icon-64.png'),
  });

  window = new BrowserWindow({
    ...{ width: 1280, height: 800, minWidth: 900, minHeight: 600, show: false, title: 'Lavi' },
    webPreferences: {
      preload: join(out, 'preload', 'preload.cjs'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
    },
  });
  window.once('ready-to-show', () => window?.show());
  window.once('closed', () => (window = undefined));
  setMenu((command) => window?.webContents.send('lavi:command', command));
  await window.loadURL(`${appOrigin}/`);
  openFiles(early.splice(0));
}

/** Gives our page its channel. */
function serveWindow(served: Desk): void {
  ipcMain.on('lavi:port', (event) => {
    const [port] = event.ports;
    if (!port || !isOurs(event)) return;
    const channel = serveChannel(appContract, mainPort(port), served.handlers);
    const stop = served.listen(channel.emit);
    port.on('close', () => {
      stop();
      channel.close();
    });
  });
}

function mainPort(port: MessagePortMain): Transport {
  return {
    post: (message) => port.postMessage(message),
    listen(listener) {
      const hear = ({ data }: { data: unknown }) => listener(data);
      port.on('message', hear);
      port.start();
      return () => port.off('message', hear);
    },
  };
}

/** Adds files that the system hands over; everything else on a command line is Electron's. */
function openFiles(paths: string[]): void {
  const found = paths.filter(
    (path) => isAbsolute(path) && path !== packageRoot() && existsSync(path),
  );
  if (found.length === 0) return;
  if (!desk) early.push(...found);
  else void desk.handlers['files.add']({ paths: found });
}

function fail(error: unknown): void {
  process.stderr.write(`lavi: ${error instanceof Error ? error.message : String(error)}\n`);
  app.exit(1);
}
