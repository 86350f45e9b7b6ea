import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MessagePortMain } from 'electron';
import {
  app,
  BrowserWindow,
  ipcMain,
  nativeTheme,
  protocol,
  screen,
  session as webSession,
} from 'electron';
import { appContract } from '../../api/calls/contract';
import type { Transport } from '../../api/channel/channel';
import { serveChannel } from '../../api/channel/channel';
import type { Session } from '../../session/session';
import { answerApp, appOrigin } from './app-scheme';
import { isOurs, serveCalls } from './calls';
import { setMenu } from './menu';
import { menuTexts } from './menu-texts';
import { openSession } from '../process/open-session';
import { filesOnCommandLine } from './opened-files';
import { engineNode, packageRoot, workerScript } from '../process/paths';
import { RecentFiles } from './recent-files';
import { rendererFiles } from '../process/renderer-files';
import { userFolders } from '../process/user-folders';
import { windowLog } from './window-log';
import { keepWindowState, placeWindow, readWindowState, smallest } from './window-state';

/** The app in a window of its own. */

const out = join(packageRoot(), 'out');
const { config, logs } = userFolders();
let window: BrowserWindow | undefined;
let session: Session | undefined;
let keeping: Promise<void> = Promise.resolve();
/** The page hears what it is sent. */
let listening = false;
/** Files that were to be opened before it did. */
const early: string[] = [];
const recent = new RecentFiles(config, () => showMenu());

protocol.registerSchemesAsPrivileged([
  { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
]);

app.setName('Lavi');
// Whose runs share nothing may run beside each other: the lock lies in this folder.
app.setPath('userData', join(config, 'electron'));
if (app.requestSingleInstanceLock()) start();
else app.quit();

function start(): void {
  app.on('second-instance', (_, argv, folder) => {
    if (window?.isMinimized()) window.restore();
    window?.focus();
    open(filesOnCommandLine(argv.slice(1), folder, packageRoot()));
  });
  app.on('open-file', (event, path) => {
    event.preventDefault();
    open([path]);
  });
  app.on('web-contents-created', (_, contents) => {
    contents.on('will-navigate', (event) => event.preventDefault());
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  });
  app.on('window-all-closed', () => app.quit());
  let closing = false;
  app.on('before-quit', (event) => {
    if (!session) return;
    event.preventDefault();
    if (closing) return;
    closing = true;
    keepWindow();
    void Promise.all([keeping, recent.flushed(), session.close()]).finally(() => app.exit(0));
  });
  open(filesOnCommandLine(process.argv.slice(1), process.cwd(), packageRoot()));
  app.whenReady().then(openWindow).catch(fail);
}

async function openWindow(): Promise<void> {
  const opened = await openSession('electron', {
    script: workerScript(),
    log: windowLog(join(logs, 'window.log')),
    // sharp and onnxruntime run in plain Node, not in Electron's.
    node: engineNode(),
    languages: app.getPreferredSystemLanguages(),
  });
  session = opened;
  const files = rendererFiles(join(out, 'renderer'));
  protocol.handle('app', (request) => answerApp(request, opened, files));
  const { defaultSession } = webSession;
  // Text that the page copies may be written to the clipboard; nothing else is asked for, or granted.
  const granted = (permission: string) => permission === 'clipboard-sanitized-write';
  defaultSession.setPermissionRequestHandler((_, permission, done) => done(granted(permission)));
  defaultSession.setPermissionCheckHandler((_, permission) => granted(permission));
  serveChannels(opened);
  const texts = () => menuTexts[opened.settings.current.language];
  const dragIcon = join(out, 'icons', 'icon-64.png');
  serveCalls({ session: opened, window: () => window, texts, dragIcon });

  // Frame and menu are as light or dark as the page.
  nativeTheme.themeSource = opened.settings.current.theme;
  const state = readWindowState(config);
  const [main, ...others] = [screen.getPrimaryDisplay(), ...screen.getAllDisplays()];
  window = new BrowserWindow({
    ...placeWindow(
      state,
      [main, ...others].map(({ workArea }) => workArea),
    ),
    ...{ minWidth: smallest.width, minHeight: smallest.height, show: false, title: 'Lavi' },
    icon: join(out, 'icons', 'icon-512.png'),
    webPreferences: {
      preload: join(out, 'preload', 'preload.cjs'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
    },
  });
  if (state?.maximised) window.maximize();
  window.once('ready-to-show', () => window?.show());
  window.once('close', keepWindow);
  window.once('closed', () => (window = undefined));
  showMenu();
  let { language } = opened.settings.current;
  opened.listen((name) => {
    if (name !== 'settings') return;
    nativeTheme.themeSource = opened.settings.current.theme;
    if (opened.settings.current.language === language) return;
    ({ language } = opened.settings.current);
    showMenu();
  });
  await window.loadURL(`${appOrigin}/`);
  // Whoever started the app learns that its window came.
  const ready = process.env['LAVI_READY'];
  if (ready) await writeFile(ready, '').catch(() => {});
  listening = true;
  open(early.splice(0));
}

/** What the window is like, for the next run; when the app ends it may have gone already. */
function keepWindow(): void {
  if (!window) return;
  const state = { ...window.getNormalBounds(), maximised: window.isMaximized() };
  keeping = keepWindowState(config, state);
}

function showMenu(): void {
  if (!session) return;
  setMenu({
    texts: menuTexts[session.settings.current.language],
    recent: recent.paths,
    send: (command) => window?.webContents.send('lavi:command', command),
    open(path) {
      if (existsSync(path)) open([path]);
      else recent.remove(path);
    },
    clearRecent() {
      recent.clear();
      app.clearRecentDocuments();
    },
  });
}

/** Gives our page its channel. */
function serveChannels(served: Session): void {
  const handlers = {
    ...served.handlers,
    'files.add': (args: { paths: string[] }) => {
      remember(args.paths);
      return served.handlers['files.add'](args);
    },
  };
  ipcMain.on('lavi:port', (event) => {
    const [port] = event.ports;
    if (!port || !isOurs(event)) return;
    const channel = serveChannel(appContract, mainPort(port), handlers);
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

/** Adds files that the system hands over, and shows the first. */
function open(paths: string[]): void {
  if (paths.length === 0) return;
  if (!session || !listening) {
    early.push(...paths);
    return;
  }
  remember(paths);
  void Promise.resolve(session.handlers['files.add']({ paths })).then(({ added }) => {
    const ids = added.map(({ id }) => id);
    if (ids.length > 0) window?.webContents.send('lavi:opened', ids);
  }, fail);
}

function remember(paths: string[]): void {
  const there = paths.filter((path) => existsSync(path));
  for (const path of there.slice(0, 10).reverse()) app.addRecentDocument(path);
  recent.add(there);
}

function fail(error: unknown): void {
  process.stderr.write(`lavi: ${error instanceof Error ? error.message : String(error)}\n`);
  app.exit(1);
}
