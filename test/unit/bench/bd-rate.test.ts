import { describe, expect, it } from 'vitest';
import { bdRate, pchip, unevenness, UncoveredSpan } from '../../bench/bd-rate';
import type { Curve } from '../../bench/bd-rate';

const curve: Curve = {
  bpp: [0.08, 0.15, 0.3, 0.55, 0.95, 1.5, 2.4, 3.3],
  psnr: [25.2, 27.4, 29.9, 32.1, 34.4, 36.9, 39.6, 41],
};
const span = [28, 38] as const;

describe('bdRate', () => {
  it('is 0 for equal curves and −50 for half the rate', () => {
    expect(bdRate(curve, curve, span)).toBeCloseTo(0, 10);
    const half = { ...curve, bpp: curve.bpp.map((v) => v / 2) };
    expect(bdRate(curve, half, span)).toBeCloseTo(-50, 8);
    expect(bdRate(half, curve, span)).toBeCloseTo(100, 8);
  });

  it('is the closed form for straight lines of log rate', () => {
    const psnr = [26, 29, 32, 35, 38, 41];
    const line = (slope: number, offset: number): Curve => ({
      psnr,
      bpp: psnr.map((v) => Math.exp(slope * v + offset)),
    });
    // Mean over 28…38 of (0.22 v − 7.3) − (0.2 v − 7) = 0.02 · 33 − 0.3.
    const expected = 100 * (Math.exp(0.02 * 33 - 0.3) - 1);
    expect(bdRate(line(0.2, -7), line(0.22, -7.3), span)).toBeCloseTo(expected, 5);
  });

  it('does not depend on the order of points, nor on points beaten in both', () => {
    const order = [3, 0, 7, 5, 1, 6, 2, 4];
    const shuffled = {
      bpp: [...order.map((i) => curve.bpp[i]!), 1.2],
      psnr: [...order.map((i) => curve.psnr[i]!), 33],
    };
    expect(bdRate(curve, shuffled, span)).toBeCloseTo(0, 10);
  });

  it('refuses a curve that does not reach both ends', () => {
    const short = { bpp: curve.bpp.slice(2), psnr: curve.psnr.slice(2) };
    expect(() => bdRate(curve, short, span)).toThrow(UncoveredSpan);
    expect(() => bdRate(short, curve, span)).toThrow(/29\.90/);
    expect(() => bdRate(curve, curve, [28, 41.5])).toThrow(UncoveredSpan);
  });
});

describe('pchip', () => {
  it('gives SciPy 1.17 PchipInterpolator values', () => {
    const expected = [
      0.48474482758620696, 1.2005458679874155, 3.7144980147475892, 4.435627906976745,
    ];
    const f = pchip([0, 1, 2.5, 3, 5], [0, 1, 1.5, 4, 4.5]);
    [0.4, 1.7, 2.9, 4.2].forEach((x, i) => expect(f(x)).toBeCloseTo(expected[i]!, 9));
  });
});

describe('unevenness', () => {
  const psnr = [26, 28, 30.5, 32, 34, 37, 39];
  const bpp = psnr.map((v) => Math.exp(0.004 * (v - 30) ** 2 + 0.15 * v - 6));

  it('is 0 on a smooth curve', () => {
    for (const { percent } of unevenness({ psnr, bpp })) expect(percent).toBeCloseTo(0, 8);
  });

  it('finds the point that takes more, and by how much', () => {
    const dented = bpp.map((v, i) => (i === 3 ? v * 1.02 : v));
    const worst = unevenness({ psnr, bpp: dented }).sort((a, b) => b.percent - a.percent)[0]!;
    expect(worst.index).toBe(3);
    expect(worst.percent).toBeCloseTo(2, 8);
  });
});
