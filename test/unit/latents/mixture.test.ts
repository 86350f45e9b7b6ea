import { describe, expect, it } from 'vitest';
import { LaviError } from '../../../src-main/api/errors';
import { gaussian, logDensity } from '../../../src-main/latents/gaussian';
import { mulberry32 } from '../../../src-main/latents/k-means-plus-plus';
import { fitMixture, likeliest, type MixtureMethod } from '../../../src-main/latents/mixture';
import { segmentByColour } from '../../../src-main/latents/segment';

const methods: MixtureMethod[] = ['k-means', 'hard-em', 'em'];

/** `each` points around each centre, by Box and Muller. */
function clouds(centres: number[][], deviations: number[], each: number, seed = 3) {
  const next = mulberry32(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return Float64Array.from(
    centres.flatMap((centre, k) =>
      Array.from({ length: each }, () => centre.map((c) => c + deviations[k]! * normal())).flat(),
    ),
  );
}

describe('gaussian', () => {
  it('has the density of the formula', () => {
    const flat = gaussian(Float64Array.of(1), Float64Array.of(4));
    expect(logDensity(flat, Float64Array.of(3), 0)).toBeCloseTo(
      -0.5 * Math.log(2 * Math.PI * 4) - 0.5,
      12,
    );
    // Σ = [[2, 1], [1, 3]]: determinant 5, inverse [[3, −1], [−1, 2]] / 5.
    const pair = gaussian(Float64Array.of(0, 0), Float64Array.of(2, 1, 1, 3));
    const expected = -Math.log(2 * Math.PI) - 0.5 * Math.log(5) - 0.5 * ((3 - 4 + 8) / 5);
    expect(logDensity(pair, Float64Array.of(1, 2), 0)).toBeCloseTo(expected, 12);
  });

  it('refuses what is no covariance', () => {
    expect(() => gaussian(Float64Array.of(0, 0), Float64Array.of(1, 2, 2, 1))).toThrow(RangeError);
  });
});

describe('mixture', () => {
  const centres = [
    [0, 0],
    [6, 0],
    [0, 8],
  ];
  const points = clouds(centres, [1, 0.5, 1.5], 400);

  it('finds separate clouds by every method', () => {
    for (const method of methods) {
      const { components, weights } = fitMixture(points, 2, 3, { method, seed: 5 });
      for (const [k, centre] of centres.entries()) {
        const distances = components.map(({ mean }) =>
          Math.hypot(mean[0]! - centre[0]!, mean[1]! - centre[1]!),
        );
        expect(Math.min(...distances), `${method}, cloud ${k}`).toBeLessThan(0.3);
      }
      expect(weights.reduce((a, b) => a + b)).toBeCloseTo(1, 9);
    }
  });

  it('never lowers its objective', () => {
    const overlapping = clouds(
      [
        [0, 0],
        [2, 0],
        [1, 2],
      ],
      [1, 1, 1],
      300,
    );
    for (const method of methods) {
      const { objective } = fitMixture(overlapping, 2, 4, { method, tolerance: -1, floor: 0 });
      for (let i = 1; i < objective.length; i++) {
        expect(objective[i]! - objective[i - 1]!, method).toBeGreaterThan(-1e-9);
      }
      expect(objective.at(-1)! - objective[0]!).toBeGreaterThan(0);
    }
  });

  it('sees different spreads, as k-means does not', () => {
    const pair = clouds(
      [
        [0, 0],
        [4, 0],
      ],
      [0.3, 1.5],
      2000,
    );
    const wrong = (method: MixtureMethod) => {
      const mixture = fitMixture(pair, 2, 2, { method, seed: 2 });
      const labels = Array.from({ length: 4000 }, (_, i) => likeliest(mixture, pair, 2 * i));
      const first = labels.slice(0, 2000).filter((label) => label === labels[0]).length;
      const second = labels.slice(2000).filter((label) => label === labels[0]).length;
      return 2000 - first + second;
    };
    expect(wrong('em')).toBeLessThan(wrong('k-means'));
  });

  it('is the same for the same seed', () => {
    const fit = (seed: number) => fitMixture(points, 2, 5, { seed }).components[0]!.mean;
    expect(fit(9)).toEqual(fit(9));
  });

  it('copes with more components than distinct points', () => {
    for (const method of methods) {
      const same = new Float64Array(30).fill(2);
      expect(fitMixture(same, 3, 4, { method }).components.length).toBe(1);
    }
    expect(() => fitMixture(new Float64Array(), 3, 2)).toThrow(RangeError);
  });
});

describe('segmentation by colour', () => {
  const width = 30;
  const colors = [
    [200, 30, 30],
    [20, 160, 40],
    [30, 40, 210],
  ];
  const next = mulberry32(8);
  const truth = Array.from({ length: width * 20 }, (_, i) =>
    i % width < 15 ? 0 : i < 300 ? 1 : 2,
  );
  const rgb = Uint8Array.from(
    truth.flatMap((label) => colors[label]!.map((c) => c + Math.floor(next() * 11) - 5)),
  );

  it('labels each pixel by its colour, the largest region first', () => {
    for (const method of methods) {
      const found = segmentByColour({ width, height: 20, rgb }, 3, { method });
      expect(new Set(Array.from(found.labels, (label, i) => `${label}:${truth[i]}`)).size).toBe(3);
      expect(found.labels[0]).toBe(0);
      for (let c = 0; c < 3; c++) {
        expect(Math.abs(found.palette[c]! - colors[0]![c]!)).toBeLessThanOrEqual(2);
      }
    }
  });

  it('gives fewer labels where there are fewer colours', () => {
    const flat = { width: 4, height: 4, rgb: new Uint8Array(48).fill(90) };
    const { labels, palette } = segmentByColour(flat, 8);
    expect(labels.every((label) => label === 0)).toBe(true);
    expect(Array.from(palette)).toEqual([90, 90, 90, 255]);
  });

  it('refuses impossible numbers of colours', () => {
    for (const count of [0, 257, 1.5]) {
      expect(() => segmentByColour({ width: 1, height: 1, rgb: new Uint8Array(3) }, count)).toThrow(
        LaviError,
      );
    }
  });
});
