import { describe, expect, test } from 'vitest';
import { decodeLossless, encodeLossless } from '../../../src-main/lossless/file';
import { SeededRandom } from '../../../src-main/colorize/random';

/** A page of glyphs drawn from `count` patterns of 8 × 8 samples in the colours of `palette`. */
function page(columns: number, rows: number, count: number, channels: number, depth: 8 | 16) {
  const random = new SeededRandom(7);
  const below = (n: number) => random.next() % n;
  const palette = Array.from({ length: 5 }, () =>
    Array.from({ length: channels }, () => below(2 ** depth)),
  );
  const glyphs = Array.from({ length: count }, () => Array.from({ length: 64 }, () => below(5)));
  const width = 8 * columns;
  const height = 8 * rows;
  const size = width * height * channels;
  const data = depth === 8 ? new Uint8Array(size) : new Uint16Array(size);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      glyphs[below(count)]!.forEach((colour, i) => {
        const at = (8 * row + (i >> 3)) * width + 8 * column + (i & 7);
        palette[colour]!.forEach((value, c) => (data[at * channels + c] = value));
      });
    }
  }
  return { width, height, channels, depth, data };
}

describe('repeats', () => {
  test.each([
    [1, 8],
    [3, 8],
    [4, 8],
    [3, 16],
  ] as const)('of %i channels of %i bits come back to the last bit', (channels, depth) => {
    const samples = page(12, 6, 4, channels, depth);
    const { file } = encodeLossless({ samples });
    expect(decodeLossless(file).samples).toEqual(samples);
  });

  test('cost little once their glyphs are known', () => {
    const bits = (rows: number) => encodeLossless({ samples: page(16, rows, 4, 3, 8) }).modelBits;
    const first = bits(4);
    const later = (bits(16) - first) / (12 * 8 * 128);
    // Five random colours are 2.3 bits a pixel to whoever knows no glyph.
    expect(later).toBeLessThan(0.6);
    expect(later).toBeLessThan(first / (4 * 8 * 128) / 3);
  });

  test('noise costs no more than its samples', () => {
    const random = new SeededRandom(3);
    const data = Uint8Array.from({ length: 3 * 64 * 64 }, () => random.next() & 255);
    const samples = { width: 64, height: 64, channels: 3, depth: 8 as const, data };
    expect(encodeLossless({ samples }).modelBits).toBeLessThanOrEqual(8 * data.length + 8);
  });
});
