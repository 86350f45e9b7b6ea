import { rm } from 'node:fs/promises';
import type { BrowserWindow, IpcMainEvent } from 'electron';
import electron, { app, dialog, ipcMain, nativeImage, shell } from 'electron';
import type { z } from 'zod';
import { parseOrRefuse, toLaviError } from '../../api/channel/answer';
import type { ShellCall } from '../../api/calls/shell';
import { shellCalls } from '../../api/calls/shell';
import { openedExtensions } from '../../api/formats';
import type { Session } from '../../session/session';
import { appOrigin } from './app-scheme';
import type { ClipboardModule } from './clipboard';
import { copyFiles, copyPicture } from './clipboard';

/** What the system's dialogs and clipboard are asked with; in the app's language. */
export interface CallTexts {
  photos: string;
  allFiles: string;
}

export interface CallsOptions {
  session: Session;
  window: () => BrowserWindow | undefined;
  texts: () => CallTexts;
  /** The picture under the pointer while files are dragged, where the system has none of its own. */
  dragIcon: string;
}

/** Not imported by name: Electron before 45 has no ClipboardItem. */
const clipboardModule: ClipboardModule = electron;

/** Whether a message comes from our own page, not from a frame in it or from another address. */
export function isOurs({ senderFrame }: Pick<IpcMainEvent, 'senderFrame'>): boolean {
  return (
    senderFrame !== null &&
    senderFrame.parent === null &&
    senderFrame.url.startsWith(`${appOrigin}/`)
  );
}

/** Does for the page what only the system can do; see `ShellBridge`. Files are named by id alone. */
export function serveCalls({ session, window, texts, dragIcon }: CallsOptions): void {
  answer('choose', async (what) => {
    const owner = window();
    if (!owner) return [];
    const { photos, allFiles } = texts();
    const { filePaths } = await dialog.showOpenDialog(
      owner,
      what === 'folder'
        ? { properties: ['openDirectory', 'createDirectory'] }
        : {
            properties: ['openFile', 'multiSelections'],
            filters: [
              { name: photos, extensions: [...openedExtensions] },
              { name: allFiles, extensions: ['*'] },
            ],
          },
    );
    return filePaths;
  });

  answer('reveal', async (id) => {
    shell.showItemInFolder(await session.saved.path(id));
  });

  answer('copyFiles', async (ids) => {
    await copyFiles(clipboardModule, await session.saved.paths(ids));
    return true;
  });

  answer('copyPicture', async (id) => {
    const { path, temporary } = await session.saved.picture(id);
    const picture = nativeImage.createFromPath(path);
    if (temporary) await rm(path, { force: true });
    if (picture.isEmpty()) return false;
    await copyPicture(clipboardModule, picture);
    return true;
  });

  // Not answered: the system takes the drag over.
  ipcMain.on('lavi:startDrag', (event, ids) => {
    if (!isOurs(event)) return;
    const drag = async () => {
      const files = await session.saved.paths(parseOrRefuse(shellCalls.startDrag, ids, 'A drag'));
      const [file] = files as [string];
      const own = await app.getFileIcon(file).catch(() => undefined);
      event.sender.startDrag({ file, files, icon: own && !own.isEmpty() ? own : dragIcon });
    };
    drag().catch(report);
  });
}

type Value<Call extends ShellCall> = z.output<(typeof shellCalls)[Call]>;

/** Answers one of the page's calls: undefined where it is not our page or nothing came of it. */
function answer<Call extends ShellCall>(
  call: Call,
  work: (value: Value<Call>) => Promise<unknown>,
): void {
  const schema = shellCalls[call] as unknown as z.ZodType<Value<Call>>;
  ipcMain.handle(`lavi:${call}`, async (event, value) => {
    if (!isOurs(event)) return undefined;
    try {
      return await work(parseOrRefuse(schema, value, `The call "${call}"`));
    } catch (error) {
      return report(error);
    }
  });
}

function report(error: unknown): undefined {
  process.stderr.write(`lavi: ${toLaviError(error).message}\n`);
}
