import { describe, expect, it } from 'vitest';
import { below, cholesky, gumbelOf, normal } from '../../../src-main/colorize/normal';
import { SeededRandom } from '../../../src-main/colorize/random';
import { blurred, segmentsOf } from '../../../src-main/colorize/segments';
import { smooth } from '../../../src-main/colorize/smooth';

const [width, height] = [48, 32];
/** A disc on a ground, in three planes, with a little noise. */
function disc(): Float32Array {
  const random = new SeededRandom(1);
  return Float32Array.from({ length: 3 * width * height }, (_, i) => {
    const at = Math.floor(i / 3);
    const inside = Math.hypot((at % width) - 24, Math.floor(at / width) - 16) < 9;
    return (inside ? 0.8 : 0.3) + (0.01 * random.next()) / 2 ** 32;
  });
}

describe('segments', () => {
  it('are what edges part, at every scale that sees them', () => {
    const scales = [40, 80].map((scale) => ({ scale, least: 20 }));
    for (const { of, count } of segmentsOf(disc(), width, height, scales)) {
      expect(count).toBe(2);
      expect(of[0]).toBe(0);
      expect(of[16 * width + 24]).toBe(1);
      const area = of.reduce((sum, one) => sum + one, 0);
      expect(area / (Math.PI * 81)).toBeCloseTo(1, 1);
    }
  });

  it('are never smaller than asked for', () => {
    const random = new SeededRandom(2);
    const noise = Float32Array.from({ length: 3 * width * height }, () => random.next() / 2 ** 32);
    const [{ of, count }] = segmentsOf(noise, width, height, [{ scale: 10, least: 30 }]) as [
      { of: Uint16Array; count: number },
    ];
    const sizes = new Array<number>(count).fill(0);
    for (const one of of) sizes[one]!++;
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(30);
    expect(count).toBeGreaterThan(3);
  });

  it('are sought on a blur that keeps the mean', () => {
    const planes = disc();
    const mean = (of: Float32Array) => of.reduce((sum, value) => sum + value, 0) / of.length;
    expect(mean(blurred(planes, width, height, 0.6))).toBeCloseTo(mean(planes), 3);
  });
});

describe('the smoother', () => {
  it('evens out what is even, keeps the mean, and stops at edges', () => {
    const guide = Float32Array.from({ length: width * height }, (_, i) =>
      i % width < 24 ? 0.2 : 0.8,
    );
    const random = new SeededRandom(3);
    const noise = () => random.next() / 2 ** 32;
    const values = Float32Array.from({ length: 2 * width * height }, (_, i) =>
      Math.floor(i / 2) % width < 24 ? 10 + noise() : -10 + noise(),
    );
    const before = values.slice();
    smooth(values, guide, { width, height }, { strength: 60, edge: 0.03 });
    const variance = (of: Float32Array, left: boolean) => {
      const own = of.filter((_, i) => Math.floor(i / 2) % width < 24 === left);
      const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
      return own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / own.length;
    };
    for (const left of [true, false]) {
      expect(variance(values, left)).toBeLessThan(variance(before, left) / 10);
    }
    const sum = (of: Float32Array) => of.reduce((total, value) => total + value, 0);
    expect(sum(values)).toBeCloseTo(sum(before), 0);
    expect(values[0]! - values[2 * (width - 1)]!).toBeGreaterThan(19);
  });
});

describe('normal and Gumbel numbers', () => {
  it('have their moments and quantiles', () => {
    const random = new SeededRandom(4);
    const draws = Array.from({ length: 20_000 }, () => normal(random));
    const mean = draws.reduce((sum, value) => sum + value, 0) / draws.length;
    const square = draws.reduce((sum, value) => sum + value ** 2, 0) / draws.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(square - 1)).toBeLessThan(0.04);
    // Φ(1) and Φ(−3), Abramowitz and Stegun's table 26.1.
    expect(below(1)).toBeCloseTo(0.841344746, 6);
    expect(below(-3)).toBeCloseTo(0.001349898, 8);
    expect(gumbelOf(0)).toBeCloseTo(-Math.log(Math.LN2), 6);
    expect(Number.isFinite(gumbelOf(40))).toBe(true);
    expect(Number.isFinite(gumbelOf(-40))).toBe(true);
  });

  it('are correlated as a matrix says', () => {
    const matrix = Float64Array.of(4, 2, 0.6, 2, 3, 1, 0.6, 1, 2);
    const factor = cholesky(matrix, 3);
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) {
        let sum = 0;
        for (let k = 0; k < 3; k++) sum += factor[3 * i + k]! * factor[3 * j + k]!;
        expect(sum).toBeCloseTo(matrix[3 * i + j]!, 12);
      }
    }
  });
});
