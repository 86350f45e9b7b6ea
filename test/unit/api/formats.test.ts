import { describe, expect, it } from 'vitest';
import {
  acceptOf,
  baselineLadders,
  extensionOf,
  isLaviName,
  isPhotoName,
  measuringOrder,
  openedExtensions,
} from '../../../src-main/api/formats';

describe('extensions', () => {
  it('tell photos and .lavi files by name, in any case', () => {
    for (const name of ['a.jpg', 'a.JPEG', 'a.jfif', 'a.b.gif', '/x.y/a.TIF', 'C:\\x\\a.webp']) {
      expect([name, isPhotoName(name)]).toEqual([name, true]);
    }
    for (const name of ['a', '.gif', 'gif', 'a.gif.txt', '/x.gif/a', 'a.lavi']) {
      expect([name, isPhotoName(name)]).toEqual([name, false]);
    }
    expect([isLaviName('a.LAVI'), isLaviName('a.png')]).toEqual([true, false]);
    expect(extensionOf('.bashrc')).toBe('');
  });

  it('are one list for dialogs, drops and folders: GIF and JFIF are in it', () => {
    expect(openedExtensions).toEqual(expect.arrayContaining(['gif', 'jfif', 'lavi']));
    expect(acceptOf(['gif', 'lavi'])).toBe('.gif,.lavi');
  });
});

it('measures every step of the other codecs’ ladders once, the middle and the ends first', () => {
  for (const ladder of Object.values(baselineLadders)) {
    expect([...ladder].sort((a, b) => a - b)).toEqual(ladder);
    expect([...measuringOrder].sort((a, b) => a - b)).toEqual([...ladder.keys()]);
  }
});
