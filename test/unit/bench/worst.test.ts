import { expect, test } from 'vitest';
import type { Point } from '../../bench/points';
import { byPhoto } from '../../bench/worst';

/** A curve of 6 dB a doubling of bits, `factor` times the rate of the plainest. */
const points = (factor: number, levels: number[]): Point[] =>
  levels.map((psnr) => ({
    bpp: factor * 2 ** ((psnr - 30) / 6),
    psnr,
    msssim: 0.9,
    ssimulacra2: 70,
    bytes: 1,
    encMs: 1,
    decMs: 1,
    cached: false,
  }));
const wide = [26, 29, 32, 35, 38, 41];
const photo = (file: string, factor: number, levels = wide) => ({
  file,
  points: { ours: points(factor, levels), theirs: points(1, wide) },
});

test('the photo that takes most bits against the other codec comes first', () => {
  const rows = byPhoto(
    [photo('a', 0.8), photo('b', 1.5), photo('c', 1.1)],
    'ours',
    'theirs',
    [28, 38],
  );
  expect(rows.map(({ file }) => file)).toEqual(['b', 'c', 'a']);
  expect(rows[0]!.percent).toBeCloseTo(50, 6);
  expect(rows[0]!.span).toEqual([28, 38]);
});

test('a photo is compared where both curves reach, and left out where they have little in common', () => {
  const rows = byPhoto(
    [photo('short', 1.2, [31, 32, 33, 34]), photo('apart', 1.2, [40, 40.5, 41, 42])],
    'ours',
    'theirs',
    [28, 38],
  );
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({ file: 'short', span: [31, 34] });
});
