import { describe, expect, it } from 'vitest';
import { mse, msSsim, psnr } from '../../../src-main/image/metrics';
import { pattern } from './samples';

/** Deterministic noise added to a picture, clipped to 0…255. */
function noisy(rgb: Uint8Array, amount: number, seed = 1): Uint8Array {
  let state = seed;
  return rgb.map((v) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.max(0, Math.min(255, Math.round(v + amount * (state / 2 ** 31 - 1))));
  });
}

/** MS-SSIM straight from the definition: five sums over every 11 × 11 window, no shortcuts. */
function naiveMsSsim(a: Uint8Array, b: Uint8Array, width: number, height: number): number {
  const weights = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];
  const g = Array.from({ length: 11 }, (_, i) => Math.exp(-((i - 5) ** 2) / 4.5));
  const norm = g.reduce((sum, v) => sum + v, 0) ** 2;
  let total = 0;
  for (let c = 0; c < 3; c++) {
    let p = { w: width, h: height, a: [...a].filter((_, i) => i % 3 === c), b: [] as number[] };
    p.b = [...b].filter((_, i) => i % 3 === c);
    let product = 1;
    weights.forEach((weight, scale) => {
      let ssim = 0;
      let cs = 0;
      for (let y = 0; y + 11 <= p.h; y++) {
        for (let x = 0; x + 11 <= p.w; x++) {
          let [ma, mb, aa, bb, ab] = [0, 0, 0, 0, 0];
          for (let j = 0; j < 11; j++) {
            for (let i = 0; i < 11; i++) {
              const k = (g[i]! * g[j]!) / norm;
              const u = p.a[(y + j) * p.w + x + i]!;
              const v = p.b[(y + j) * p.w + x + i]!;
              ma += k * u;
              mb += k * v;
              aa += k * u * u;
              bb += k * v * v;
              ab += k * u * v;
            }
          }
          const contrast = (2 * (ab - ma * mb) + 58.5225) / (aa - ma * ma + bb - mb * mb + 58.5225);
          cs += contrast;
          ssim += (contrast * (2 * ma * mb + 6.5025)) / (ma * ma + mb * mb + 6.5025);
        }
      }
      const windows = (p.w - 10) * (p.h - 10);
      product *= Math.max(0, (scale === 4 ? ssim : cs) / windows) ** weight;
      const w = Math.ceil(p.w / 2);
      const h = Math.ceil(p.h / 2);
      const pool = (from: number[]) =>
        Array.from({ length: w * h }, (_, i) => {
          let sum = 0;
          for (const dy of [0, 1]) {
            for (const dx of [0, 1]) {
              const x = 2 * (i % w) + dx - (p.w % 2);
              const y = 2 * Math.floor(i / w) + dy - (p.h % 2);
              if (x >= 0 && y >= 0) sum += from[y * p.w + x]!;
            }
          }
          return sum / 4;
        });
      p = { w, h, a: pool(p.a), b: pool(p.b) };
    });
    total += product / 3;
  }
  return total;
}

describe('mse and psnr', () => {
  it('average squares over all samples', () => {
    expect(mse(Uint8Array.of(0, 10, 255), Uint8Array.of(3, 10, 251))).toBeCloseTo(25 / 3, 12);
    expect(mse(new Uint8Array(9).fill(255), new Uint8Array(9))).toBe(65025);
    expect(psnr(65025)).toBe(0);
    expect(psnr(650.25)).toBeCloseTo(20, 12);
    expect(psnr(0)).toBe(Infinity);
  });
  it('refuse pictures of different size', () => {
    expect(() => mse(new Uint8Array(3), new Uint8Array(6))).toThrow(RangeError);
  });
});

describe('msSsim', () => {
  it('agrees with the plain definition, odd sides included', () => {
    for (const [w, h] of [
      [176, 163],
      [161, 200],
    ] as const) {
      const a = pattern(w, h);
      const b = noisy(a, 30);
      expect(msSsim(a, b, w, h)).toBeCloseTo(naiveMsSsim(a, b, w, h), 6);
    }
  });

  it('gives what pytorch-msssim 1.0.0 gave for this pair', () => {
    const a = pattern(200, 171);
    expect(msSsim(a, noisy(a, 60), 200, 171)).toBeCloseTo(0.679543, 5);
  });

  it('is 1 for equal pictures and falls with noise', () => {
    const a = pattern(180, 170);
    expect(msSsim(a, a, 180, 170)).toBe(1);
    const values = [10, 40, 120].map((amount) => msSsim(a, noisy(a, amount), 180, 170));
    expect(values[0]).toBeLessThan(1);
    expect(values[1]).toBeLessThan(values[0]!);
    expect(values[2]).toBeLessThan(values[1]!);
  });

  it('is a number from 0 to 1 for every size, with fewer scales for small pictures', () => {
    for (const [w, h] of [
      [1, 1],
      [1, 40],
      [2, 7],
      [8, 8],
      [11, 12],
      [21, 90],
      [81, 160],
      [160, 161],
    ] as const) {
      const a = pattern(w, h);
      expect(msSsim(a, a, w, h)).toBeCloseTo(1, 12);
      const value = msSsim(a, noisy(a, 90), w, h);
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThan(1);
    }
    const black = new Uint8Array(3 * 64 * 64);
    expect(
      msSsim(
        black,
        black.map((_, i) => (i % 7) * 40),
        64,
        64,
      ),
    ).toBeGreaterThanOrEqual(0);
  });

  it('refuses a size that does not fit', () => {
    expect(() => msSsim(new Uint8Array(12), new Uint8Array(12), 3, 2)).toThrow(RangeError);
  });
});
