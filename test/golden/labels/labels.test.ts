import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { contentType, writeContainer } from '../../../src-main/entropy/container';
import { encodeMap } from '../../../src-main/labels/codec';
import { decodeLabels, decodeSeededLabels, encodeLabels } from '../../../src-main/labels/file';
import { goldenMaps, goldenPhoto, hashOf, seededMap, seedsOf } from './maps';

const read = (name: string) => new Uint8Array(readFileSync(new URL(name, import.meta.url)));
const hashes = JSON.parse(Buffer.from(read('hashes.json')).toString()) as Record<string, string>;

describe('golden label files', () => {
  it.each(goldenMaps())('$name decodes to its labels, and they code to the same bytes', (golden) => {
    const { name, map, completion } = golden;
    const file = read(`${name}.lavi`);
    const decoded = decodeLabels(file);
    expect(hashOf(decoded.map)).toBe(hashes[name]);
    const { labels, ...extras } = map;
    expect(decoded.map).toMatchObject(extras);
    expect(hashOf({ ...extras, labels })).toBe(hashes[name]);
    if (completion) {
      const { type, payload } = encodeMap(decoded.map, { completion });
      expect(decoded.completion).toEqual(completion);
      const again = writeContainer(contentType.labels, [{ type, data: payload }]);
      expect(Buffer.from(again).equals(file)).toBe(true);
    } else {
      // Palettes and names are deflated by whatever zlib is there: their bytes are not the format.
      const bare = encodeLabels(decoded.map, { bare: true }).file;
      const end = bare.length - 2;
      expect(Buffer.from(bare.subarray(0, end)).equals(file.subarray(0, end))).toBe(true);
    }
  });

  it('has a raw one', () => {
    expect(decodeLabels(read('noise.lavi')).mode).toBe('raw');
  });

  it('seeded decodes on its photo', () => {
    const { map, seeds } = decodeSeededLabels(read('seeded.lavi'), goldenPhoto());
    expect(hashOf(map)).toBe(hashes['seeded']);
    expect(seeds).toEqual(seedsOf(seededMap()));
  });
});
