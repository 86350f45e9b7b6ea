import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { LaviError } from '../../../src-main/api/errors';
import { decodeLossless, encodeLossless, losslessInfo } from '../../../src-main/lossless/file';
import type { Samples } from '../../../src-main/lossless/samples';
import { emptySamples, tilesOf } from '../../../src-main/lossless/samples';

/** Mulberry32: the same numbers on every machine. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `noise` 0 is a plane of colour, 1 is white noise. */
function picture(
  width: number,
  height: number,
  channels: number,
  depth: 8 | 16,
  noise: number,
  seed = 1,
): Samples {
  const random = numbers(seed);
  const samples = emptySamples({ width, height, channels, depth });
  const most = 2 ** depth - 1;
  for (let i = 0; i < samples.data.length; i++) {
    const x = Math.floor(i / channels) % width;
    const ramp = (x / width) * (1 - noise) * most;
    samples.data[i] = Math.floor(ramp + noise * random() * most);
  }
  return samples;
}

const sizes = [[1, 1], [1, 9], [9, 1], [2, 2], [17, 13], [40, 33]] as const; // prettier-ignore

test.each(sizes)('%i × %i come back to the last bit, in every colour type and depth', (w, h) => {
  for (const channels of [1, 2, 3, 4]) {
    for (const depth of [8, 16] as const) {
      for (const noise of [0, 0.03, 1]) {
        const samples = picture(w, h, channels, depth, noise);
        expect(decodeLossless(encodeLossless({ samples }).file).samples).toEqual(samples);
      }
    }
  }
});

test('300 random small pictures come back, extreme values included', () => {
  const random = numbers(7);
  for (let i = 0; i < 300; i++) {
    const below = (n: number) => 1 + Math.floor(random() * n);
    const depth = random() < 0.5 ? 8 : 16;
    const samples = picture(below(12), below(12), below(4), depth, random(), i);
    if (i % 3 === 0) samples.data.forEach((v, k) => (samples.data[k] = v & 1 ? 2 ** depth - 1 : 0));
    expect(decodeLossless(encodeLossless({ samples }).file).samples.data).toEqual(samples.data);
  }
});

test('a long strip is cut into tiles and comes back', () => {
  const samples = picture(20000, 3, 1, 8, 0.1);
  const seen: number[] = [];
  const { file } = encodeLossless({ samples }, (done) => seen.push(done));
  expect(losslessInfo(file)).toEqual({ width: 20000, height: 3, channels: 1, depth: 8, tiles: 20 });
  expect(seen).toHaveLength(20);
  expect(decodeLossless(file).samples.data).toEqual(samples.data);
});

test('tiles cover a picture once and have no side over 1024', () => {
  const tiles = tilesOf(2500, 1025);
  expect(tiles.reduce((sum, { width, height }) => sum + width * height, 0)).toBe(2500 * 1025);
  expect(Math.max(...tiles.flatMap(({ width, height }) => [width, height]))).toBeLessThanOrEqual(
    1024,
  );
});

test('metadata come back byte for byte', () => {
  const icc = Uint8Array.from({ length: 500 }, (_, i) => i & 255);
  const exif = Uint8Array.of(0x49, 0x49, 42, 0);
  const xmp = new TextEncoder().encode('<x:xmpmeta/>');
  const { file } = encodeLossless({ samples: picture(3, 3, 3, 8, 0.5), icc, exif, xmp });
  expect(decodeLossless(file)).toMatchObject({ icc, exif, xmp });
});

test("the model's bits are the file's, within 0.5 %", () => {
  const { file, modelBits } = encodeLossless({ samples: picture(160, 160, 3, 8, 0.2) });
  expect(Math.abs(8 * file.length - modelBits) / modelBits).toBeLessThan(0.005);
});

test('noise costs no more than its samples and the frame, a plane hardly anything', () => {
  const noise = picture(64, 64, 3, 8, 1);
  expect(encodeLossless({ samples: noise }).file.length).toBeLessThan(noise.data.length + 64);
  const flat = emptySamples({ width: 64, height: 64, channels: 3, depth: 8 });
  expect(encodeLossless({ samples: flat }).file.length).toBeLessThan(0.02 * flat.data.length);
});

test('a picture keeps its bytes: the model does not drift', () => {
  const { file } = encodeLossless({ samples: picture(40, 24, 3, 8, 0.1) });
  expect(createHash('sha256').update(file).digest('hex')).toMatchInlineSnapshot(
    `"3411f114ecebb6e1a87ba3889b35a3a0a4ca3da5996855cfa5b47b0798081b74"`,
  );
});

test('every cut and 3,000 changes of bytes end in a named error', () => {
  const { file } = encodeLossless({
    samples: picture(24, 24, 3, 8, 0.2),
    icc: Uint8Array.of(1, 2, 3),
  });
  const codeOf = (bytes: Uint8Array): string => {
    try {
      decodeLossless(bytes);
      return 'none';
    } catch (error) {
      return error instanceof LaviError ? error.code : `unnamed: ${String(error)}`;
    }
  };
  const named = [
    'NOT_LAVI',
    'TRUNCATED',
    'CORRUPT',
    'UNSUPPORTED_VERSION',
    'WRONG_CONTENT',
    'IMAGE_TOO_LARGE',
  ];
  for (let end = 0; end < file.length; end++)
    expect(named).toContain(codeOf(file.subarray(0, end)));
  const random = numbers(3);
  for (let i = 0; i < 3000; i++) {
    const damaged = file.slice();
    damaged[Math.floor(random() * file.length)]! ^= 1 + Math.floor(random() * 255);
    expect(named).toContain(codeOf(damaged));
  }
});

test.each([
  ['too few samples', { width: 2, height: 2, channels: 3, depth: 8, data: new Uint8Array(5) }],
  ['16 bits in bytes', { width: 1, height: 1, channels: 1, depth: 16, data: new Uint8Array(1) }],
  ['no width', { width: 0, height: 2, channels: 1, depth: 8, data: new Uint8Array(0) }],
] as const)('%s: refused by name', (_, samples) => {
  expect(() => encodeLossless({ samples: samples as Samples })).toThrow(
    expect.objectContaining({ code: 'BAD_REQUEST' }),
  );
});
