import { describe, expect, it } from 'vitest';
import { bytesAtPsnr, Curve, monotone } from '../../../src-renderer/library/curve';

const point = (quality: number, bytes: number, psnr: number) => ({
  quality,
  bytes,
  bpp: (8 * bytes) / 100_000,
  psnr,
});

describe('monotone', () => {
  it('goes through its points and never beyond them', () => {
    const xs = [0, 1, 2, 5, 6];
    const ys = [0, 0.1, 4, 4, 9];
    const f = monotone(xs, ys);
    xs.forEach((x, index) => expect(f(x)).toBeCloseTo(ys[index]!, 12));
    let before = f(0);
    for (let x = 0; x <= 6; x += 0.01) {
      expect(f(x)).toBeGreaterThanOrEqual(before - 1e-12);
      before = f(x);
    }
    for (const x of [2.5, 3, 4.9]) expect(f(x)).toBeCloseTo(4, 12);
  });

  it('stays at its end values beyond its ends', () => {
    const f = monotone([1, 2], [10, 20]);
    expect([f(0), f(3)]).toEqual([10, 20]);
  });
});

describe('Curve', () => {
  const points = [point(100, 90_000, 44), point(0, 3_000, 28), point(50, 20_000, 36)];

  it('needs two qualities', () => {
    expect(Curve.through([])).toBeNull();
    expect(Curve.through([points[0]!, points[0]!])).toBeNull();
  });

  it('reads measured points back exactly, in bytes and bits per pixel alike', () => {
    const curve = Curve.through(points)!;
    for (const { quality, bytes, bpp, psnr } of points) {
      const read = curve.at(quality);
      expect(read.bytes).toBe(bytes);
      expect(read.bpp).toBeCloseTo(bpp, 9);
      expect(read.psnr).toBeCloseTo(psnr, 9);
    }
  });

  it.each([
    ['bytes', 40_000],
    ['bpp', 0.9],
    ['psnr', 33.3],
  ] as const)('finds the quality for a value of %s', (of, value) => {
    const curve = Curve.through(points)!;
    const read = curve.at(curve.qualityFor(of, value))[of]!;
    expect(Math.abs(read / value - 1)).toBeLessThan(0.001);
  });

  it('answers a value out of reach with its nearer end', () => {
    const curve = Curve.through(points)!;
    expect(curve.qualityFor('bytes', 10)).toBeCloseTo(0, 3);
    expect(curve.qualityFor('psnr', 99)).toBeCloseTo(100, 3);
  });
});

describe('bytes at a PSNR', () => {
  const points = [
    { bytes: 1000, psnr: 30 },
    { bytes: 4000, psnr: 34 },
    { bytes: 9000, psnr: null },
  ];

  it('are read between points, logarithms linear', () => {
    expect(bytesAtPsnr(points, 32)).toBeCloseTo(2000, 6);
    expect(bytesAtPsnr(points, 30)).toBeCloseTo(1000, 6);
  });

  it('are unknown beyond them', () => {
    expect(bytesAtPsnr(points, 29)).toBeNull();
    expect(bytesAtPsnr(points, 34.1)).toBeNull();
  });
});
