import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { RangeDecoder, RangeEncoder } from '../../../src-main/entropy/range';
import { HyperPrior } from '../../../src-main/rda/hyper-prior';
import { type Manifest, readManifest, readPrior } from '../../../src-main/rda/manifest';

const modelsDir = join(import.meta.dirname, '../../../models');
let decode: Manifest['decode'];
let bytes: Uint8Array;

beforeAll(async () => {
  ({ decode } = await readManifest(modelsDir));
  bytes = await readPrior(modelsDir);
});

/** Whole numbers that lean towards 0 and reach the ends. */
function hyperLatents(count: number, seed: number): Int32Array {
  let state = seed;
  return Int32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const size = (state >>> 8) % 64;
    return size < 62 ? (size % 5) - 2 : size === 62 ? 63 : -63;
  });
}

describe('the prior of the hyper-latents', () => {
  it.each([
    [1, 1, 0],
    [3, 5, 31],
    [16, 16, 63],
  ])(
    'gives %i × %i places at point %i back, in about the bits that it says',
    (height, width, point) => {
      const prior = new HyperPrior(decode, bytes);
      const hyper = hyperLatents(decode.hyper * height * width, 3);
      const coder = new RangeEncoder();
      prior.encode(coder, hyper, height, width, point);
      const stream = coder.finish();
      const back = prior.decodeFrom(new RangeDecoder(stream), height, width, point);
      expect(back).toEqual(hyper);
      const bits = prior.bits(hyper, height, width, point).reduce((sum, value) => sum + value, 0);
      expect(Math.abs(8 * stream.length - bits)).toBeLessThan(0.002 * bits + 16);
    },
  );

  it('codes nothing but zeros in far fewer bits', () => {
    const prior = new HyperPrior(decode, bytes);
    const sum = (hyper: Int32Array) => prior.bits(hyper, 4, 4, 20).reduce((a, b) => a + b, 0);
    const count = decode.hyper * 16;
    expect(sum(new Int32Array(count))).toBeLessThan(0.7 * sum(hyperLatents(count, 1)));
  });

  it('refuses a file of another length, and hyper-latents beyond the range', () => {
    expect(() => new HyperPrior(decode, bytes.subarray(1))).toThrow(
      `Expected a prior of ${bytes.length} bytes, found ${bytes.length - 1}.`,
    );
    const prior = new HyperPrior({ ...decode, hyperClip: 1 }, bytes);
    const coder = new RangeEncoder();
    prior.encode(coder, new Int32Array(decode.hyper).fill(3), 1, 1, 31);
    expect(() => prior.decodeFrom(new RangeDecoder(coder.finish()), 1, 1, 31)).toThrow(
      /beyond the format/,
    );
  });
});
