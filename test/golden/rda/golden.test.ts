import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodePhoto } from '../../../src-main/image/photo';
import { Codec } from '../../../src-main/rda/codec';
import { readPhotoFile } from '../../../src-main/rda/file';
import { encodeSymbols } from '../../../src-main/rda/symbols';
import { withWasmRows } from '../../wasm-rows';
import { goldenCases, symbolHash, symbolsOf } from './cases';

const modelsDir = join(import.meta.dirname, '../../../models');
const read = async (name: string) => new Uint8Array(await readFile(join(import.meta.dirname, name)));
let codec: Codec;
let golden: { model: string; symbols: Record<string, string> };

beforeAll(async () => {
  codec = await Codec.load({ modelsDir, provider: 'cpu' });
  golden = JSON.parse(await readFile(join(import.meta.dirname, 'golden.json'), 'utf8'));
});
afterAll(() => codec.close());

describe('committed files', () => {
  it('belong to the committed model', () => {
    expect(golden.model).toBe(codec.model.manifest.id);
  });

  it.each(goldenCases)('$name decodes to the committed symbols', async ({ name }) => {
    expect(await symbolHash(codec.model, await read(`${name}.lavi`))).toBe(golden.symbols[name]);
  });

  it('decode to the committed symbols with rows that WebAssembly computes', async () => {
    const model = await withWasmRows(codec.model, modelsDir);
    for (const { name } of goldenCases) {
      expect(await symbolHash(model, await read(`${name}.lavi`))).toBe(golden.symbols[name]);
    }
  });

  it.each(goldenCases)('$name: coding its symbols again gives the same bytes', async ({ name }) => {
    const bytes = await read(`${name}.lavi`);
    const { tiles } = readPhotoFile(bytes);
    const symbols = await symbolsOf(codec.model, bytes);
    expect(symbols.length).toBe(tiles.length);
    symbols.forEach((tile, i) => {
      expect(Buffer.compare(encodeSymbols(codec.model, tile), tiles[i]!.stream)).toBe(0);
    });
  });

  it.each(goldenCases)('$name: pixels within one level', async ({ name }) => {
    const now = await codec.decompress(await read(`${name}.lavi`));
    const then = await decodePhoto(await read(`${name}.png`));
    expect([now.width, now.height]).toEqual([then.width, then.height]);
    let largest = 0;
    now.rgb.forEach((v, i) => (largest = Math.max(largest, Math.abs(v - then.rgb[i]!))));
    expect(largest).toBeLessThanOrEqual(1);
  });
});

describe('one file, many machines', () => {
  const variants = [
    { threads: 1 },
    { threads: 2 },
    { threads: 2, optimize: false },
  ];
  it.each(variants)('the same symbols with %o', async (variant) => {
    const other = await Codec.load({ modelsDir, provider: 'cpu', ...variant });
    try {
      for (const { name } of goldenCases) {
        expect(await symbolHash(other.model, await read(`${name}.lavi`))).toBe(golden.symbols[name]);
      }
    } finally {
      await other.close();
    }
  });
});
