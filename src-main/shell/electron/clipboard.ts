import { pathToFileURL } from 'node:url';
import type { Clipboard, ClipboardItem, NativeImage } from 'electron';

/** What of Electron's module is used here. Electron before 45 has no ClipboardItem, but calls of its own. */
export interface ClipboardModule {
  clipboard: Clipboard | OlderClipboard;
  ClipboardItem?: new (items: Record<string, string | Blob>) => ClipboardItem;
}

/** As Electron 33 has it: one format a call. */
export interface OlderClipboard {
  writeBuffer(format: string, bytes: Buffer): void;
  writeImage(picture: NativeImage): void;
}

/** The list of files that GNOME and its kin read; others read `text/uri-list`. */
const gnomeFormat = 'x-special/gnome-copied-files';

/**
 * Puts files (not their content) on the clipboard, so that file managers paste them. `text/uri-list`
 * stands for each system's own list of files.
 *
 * @param paths absolute
 */
export async function copyFiles(
  { clipboard, ClipboardItem }: ClipboardModule,
  paths: readonly string[],
  platform: NodeJS.Platform = process.platform,
  desktop = process.env['XDG_CURRENT_DESKTOP'] ?? '',
): Promise<void> {
  const urls = paths.map((path) => pathToFileURL(path).href);
  const list = urls.join('\r\n');
  const gnome = ['copy', ...urls].join('\n');
  if (ClipboardItem && 'write' in clipboard) {
    const formats: Record<string, string | Blob> = { 'text/uri-list': list };
    if (platform === 'linux') {
      formats[`electron application/osclipboard;format="${gnomeFormat}"`] = new Blob([gnome]);
    }
    await clipboard.write([new ClipboardItem(formats)]);
    return;
  }
  // One format can be written there: KDE reads the standard's, the others the one that says copy or cut.
  const older = clipboard as OlderClipboard;
  if (/KDE/i.test(desktop)) older.writeBuffer('text/uri-list', Buffer.from(`${list}\r\n`));
  else older.writeBuffer(gnomeFormat, Buffer.from(gnome));
}

/** Puts a picture on the clipboard. */
export async function copyPicture(
  { clipboard, ClipboardItem }: ClipboardModule,
  picture: NativeImage,
): Promise<void> {
  if (ClipboardItem && 'write' in clipboard) {
    const png = new Blob([new Uint8Array(picture.toPNG())], { type: 'image/png' });
    await clipboard.write([new ClipboardItem({ 'image/png': png })]);
    return;
  }
  (clipboard as OlderClipboard).writeImage(picture);
}
