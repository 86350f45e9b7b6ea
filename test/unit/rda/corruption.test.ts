import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LaviError } from '../../../src-main/api/errors';
import { readContainer, writeContainer } from '../../../src-main/entropy/container';
import { Codec } from '../../../src-main/rda/codec';
import { photoChunk } from '../../../src-main/rda/file';
import { renderScene } from '../../photos';

const modelsDir = join(import.meta.dirname, '../../../models');
let codec: Codec;
let files: Uint8Array[];
let pictures: Uint8Array[];

beforeAll(async () => {
  codec = await Codec.load({ modelsDir, provider: 'cpu' });
  files = [];
  pictures = [];
  for (const [i, name] of (['landscape', 'portrait', 'page'] as const).entries()) {
    const photo = { ...renderScene(name, { width: 60 + i, height: 50, seed: 4 }) };
    const exif = Uint8Array.from({ length: 40 }, (_, k) => k);
    const rich = i === 1 ? { ...photo, exif, alpha: photo.rgb.slice(0, 61 * 50) } : photo;
    const target = { kind: 'quality', value: 30 + 30 * i } as const;
    const { file } = await codec.compress(rich, { target });
    files.push(file);
    pictures.push((await codec.decompress(file)).rgb);
  }
});
afterAll(() => codec.close());

function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

type Damage = (file: Uint8Array, r: (below: number) => number) => Uint8Array;

/** Damage that a disk, a network or a bad program does. */
const damages: Record<string, Damage> = {
  flips(file, r) {
    const out = file.slice();
    for (let n = 1 + r(4); n > 0; n--) out[r(out.length)]! ^= 1 << r(8);
    return out;
  },
  truncations: (file, r) => file.slice(0, r(file.length)),
  splices(file, r) {
    const other = files[r(files.length)]!;
    const from = r(file.length);
    return Uint8Array.of(...file.subarray(0, from), ...other.subarray(r(other.length)));
  },
  'random headers'(file, r) {
    const out = file.slice();
    for (let i = 0; i < Math.min(out.length, 30); i++) if (r(3) === 0) out[i] = r(256);
    return out;
  },
  'sound frames with damaged contents'(file, r) {
    const { content, chunks } = readContainer(file);
    const chunk = chunks[r(chunks.length)]!;
    chunk.data = chunk.data.slice();
    if (r(4) === 0) chunk.data = chunk.data.slice(0, r(chunk.data.length + 1));
    else if (chunk.data.length > 0) chunk.data[r(chunk.data.length)] = r(256);
    return writeContainer(content, chunks);
  },
};

describe('damaged files', () => {
  it.each(Object.keys(damages))(
    '400 %s end in a named error or the right picture',
    async (name) => {
      const r = random(name.length * 7919);
      for (let n = 0; n < 400; n++) {
        const which = r(files.length);
        const damaged = damages[name]!(files[which]!, r);
        try {
          const { rgb } = await codec.decompress(damaged);
          // A whole file may come out of a splice, and metadata may be dropped with its chunk.
          const right = pictures.some((picture) => Buffer.compare(picture, rgb) === 0);
          if (!right && name !== 'sound frames with damaged contents') {
            throw new Error(`Damage ${n} gave a wrong picture.`);
          }
        } catch (error) {
          if (!(error instanceof LaviError) || error.code === 'INTERNAL') throw error;
        }
      }
    },
  );

  it('a tile with other symbols never becomes a picture', async () => {
    const { content, chunks } = readContainer(files[0]!);
    const tile = chunks.find((chunk) => chunk.type === photoChunk.tile)!;
    for (let at = 4; at < tile.data.length; at += 5) {
      const data = tile.data.slice();
      data[at]! ^= 16;
      const damaged = writeContainer(
        content,
        chunks.map((chunk) => (chunk === tile ? { ...chunk, data } : chunk)),
      );
      const found = await codec.decompress(damaged).catch((error: LaviError) => error.code);
      // The stream's last byte has values to spare that mean the same symbols.
      if (typeof found === 'string') expect(found).toBe('CORRUPT');
      else expect([at > tile.data.length - 3, found.rgb]).toEqual([true, pictures[0]]);
    }
  });

  it('names what is wrong', async () => {
    const file = files[0]!;
    const code = (bytes: Uint8Array) =>
      codec.decompress(bytes).then(
        () => 'none',
        (error: LaviError) => error.code,
      );
    expect(await code(new Uint8Array(0))).toBe('TRUNCATED');
    expect(await code(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 0, 0, 0, 0, 0))).toBe('NOT_LAVI');
    expect(await code(file.slice(0, file.length - 3))).toBe('TRUNCATED');
    const { chunks } = readContainer(file);
    const header = (change: (data: Uint8Array) => void) => {
      const data = chunks[0]!.data.slice();
      change(data);
      return writeContainer(1, [{ type: photoChunk.header, data }, ...chunks.slice(1)]);
    };
    expect(await code(header((data) => (data[data.length - 3]! ^= 1)))).toBe('WRONG_MODEL');
    expect(await code(header((data) => (data[data.length - 1] = 255)))).toBe('CORRUPT');
    const huge = Uint8Array.of(255, 255, 3, 255, 255, 3, ...chunks[0]!.data.slice(-6));
    const absurd = writeContainer(1, [{ type: photoChunk.header, data: huge }]);
    expect(await code(absurd)).toBe('IMAGE_TOO_LARGE');
    expect(await code(writeContainer(2, chunks))).toBe('WRONG_CONTENT');
  });
});
