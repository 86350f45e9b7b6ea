import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readSamples, writeSamplesPng } from '../../../src-main/image/samples';

const folder = mkdtempSync(join(tmpdir(), 'lavi-samples-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each(
  [1, 2, 3, 4].flatMap(
    (channels) =>
      [
        [channels, 8],
        [channels, 16],
      ] as [number, 8 | 16][],
  ),
)('a PNG of %i channels of %i bits keeps its samples and its metadata', async (channels, depth) => {
  const count = 7 * 5 * channels;
  const data = depth === 8 ? new Uint8Array(count) : new Uint16Array(count);
  data.forEach((_, i) => (data[i] = (i * 7919 + 13) % 2 ** depth));
  const exif = Uint8Array.of(0x49, 0x49, 42, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  const picture = { width: 7, height: 5, channels, depth, data };
  const path = join(folder, `${channels}-${depth}.png`);
  writeFileSync(path, await writeSamplesPng(picture, { exif }));
  expect(await readSamples(path)).toMatchObject({ ...picture, exif, format: 'png' });
});

test('a missing file and one that is no picture are named', async () => {
  await expect(readSamples(join(folder, 'none.png'))).rejects.toMatchObject({
    code: 'FILE_NOT_FOUND',
  });
  const path = join(folder, 'text.png');
  writeFileSync(path, 'no picture');
  await expect(readSamples(path)).rejects.toMatchObject({ name: 'LaviError' });
});
