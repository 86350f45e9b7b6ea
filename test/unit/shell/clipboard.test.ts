import type { NativeImage } from 'electron';
import { describe, expect, it } from 'vitest';
import type { ClipboardModule } from '../../../src-main/shell/electron/clipboard';
import { copyFiles, copyPicture } from '../../../src-main/shell/electron/clipboard';

const paths = ['/home/me/süß & <new>.lavi', '/home/me/b c.lavi'];
const urls = ['file:///home/me/s%C3%BC%C3%9F%20&%20%3Cnew%3E.lavi', 'file:///home/me/b%20c.lavi'];
const picture = { toPNG: () => Buffer.from('a png') } as unknown as NativeImage;

class Item {
  constructor(readonly items: Record<string, string | Blob>) {}
}

/** As the pinned Electron has it: `write` alone, which takes items. */
function newer() {
  const written: Item[] = [];
  const clipboard = { write: async (items: Item[]) => void written.push(...items) };
  return { module: { clipboard, ClipboardItem: Item } as unknown as ClipboardModule, written };
}

/** As Electron 33 has it: its `write` takes no items. */
function older() {
  const written: unknown[][] = [];
  const clipboard = {
    write: () => written.push(['wrong call']),
    writeBuffer: (format: string, bytes: Buffer) => written.push([format, bytes.toString()]),
    writeImage: (image: NativeImage) => written.push([image]),
  };
  return { module: { clipboard } as unknown as ClipboardModule, written };
}

/** The formats of an item as text. */
async function textsOf({ items }: Item): Promise<Record<string, string>> {
  const texts = Object.entries(items).map(async ([format, value]) => [
    format,
    typeof value === 'string' ? value : await value.text(),
  ]);
  return Object.fromEntries(await Promise.all(texts)) as Record<string, string>;
}

describe('the clipboard', () => {
  it('takes files as a list of addresses, with what to do for the desktops that ask', async () => {
    const { module, written } = newer();
    await copyFiles(module, paths, 'linux');
    expect(await Promise.all(written.map(textsOf))).toEqual([
      {
        'text/uri-list': urls.join('\r\n'),
        'electron application/osclipboard;format="x-special/gnome-copied-files"': `copy\n${urls.join('\n')}`,
      },
    ]);
  });

  it.each(['win32', 'darwin'] as const)(
    'takes files as the system lists them on %s',
    async (os) => {
      const { module, written } = newer();
      await copyFiles(module, paths.slice(1), os);
      expect(await Promise.all(written.map(textsOf))).toMatchObject([{ 'text/uri-list': urls[1] }]);
      expect(Object.keys(written[0]!.items)).toHaveLength(1);
    },
  );

  it('takes a picture as PNG', async () => {
    const { module, written } = newer();
    await copyPicture(module, picture);
    expect(await Promise.all(written.map(textsOf))).toEqual([{ 'image/png': 'a png' }]);
  });

  it('takes both in Electron 33, which writes one format a call', async () => {
    const { module, written } = older();
    await copyFiles(module, paths, 'linux', 'GNOME');
    await copyFiles(module, paths, 'linux', 'KDE');
    await copyPicture(module, picture);
    expect(written).toEqual([
      ['x-special/gnome-copied-files', `copy\n${urls.join('\n')}`],
      ['text/uri-list', `${urls.join('\r\n')}\r\n`],
      [picture],
    ]);
  });
});
