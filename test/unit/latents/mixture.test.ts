import { describe, expect, it } from 'vitest';
import { LaviError } from '../../../src-main/api/errors';
import { distinctColours, samplePixels } from '../../../src-main/latents/colours';
import { clipEigenvalues, eigen, fitCovariance } from '../../../src-main/latents/covariance';
import { Fit, mixtureMethods } from '../../../src-main/latents/em';
import { gaussian, logDensity } from '../../../src-main/latents/gaussian';
import { mulberry32 } from '../../../src-main/latents/k-means-plus-plus';
import { likeliest } from '../../../src-main/latents/mixture';
import { refinedStart } from '../../../src-main/latents/photo-mixture';
import { segmentByColour } from '../../../src-main/latents/segment';
import { renderScene } from '../../photos';
import { clouds } from './clouds';

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

describe('covariance', () => {
  const next = mulberry32(12);
  const root = Float64Array.from({ length: 16 }, () => next() - 0.5);
  const matrix = Float64Array.from({ length: 16 }, (_, at) => {
    const [i, j] = [Math.floor(at / 4), at % 4];
    return [0, 1, 2, 3].reduce((sum, k) => sum + root[4 * i + k]! * root[4 * j + k]!, 0);
  });

  it('has eigenvalues and vectors that make the matrix up', () => {
    const { values, vectors } = eigen(matrix, 4);
    for (let i = 0; i < 4; i++) {
      for (let j = 0; j < 4; j++) {
        const made = [0, 1, 2, 3].reduce(
          (sum, k) => sum + values[k]! * vectors[4 * i + k]! * vectors[4 * j + k]!,
          0,
        );
        expect(made).toBeCloseTo(matrix[4 * i + j]!, 12);
      }
    }
  });

  it('clips eigenvalues from below and leaves the others', () => {
    const before = [...eigen(matrix, 4).values].sort((a, b) => a - b);
    const floor = (before[1]! + before[2]!) / 2;
    const after = [...eigen(clipEigenvalues(matrix, 4, floor), 4).values].sort((a, b) => a - b);
    [floor, floor, before[2]!, before[3]!].forEach((value, i) =>
      expect(after[i]).toBeCloseTo(value, 12),
    );
    expect(clipEigenvalues(matrix, 4, before[0]! / 2)).toBe(matrix);
  });

  it('keeps to its shape', () => {
    const scatter = Float64Array.of(4, 1, 1, 2);
    expect([...fitCovariance(scatter, 2, 'diagonal', 0)]).toEqual([4, 0, 0, 2]);
    expect([...fitCovariance(scatter, 2, 'spherical', 0)]).toEqual([3, 0, 0, 3]);
    expect([...fitCovariance(scatter, 2, 'diagonal', 3)]).toEqual([4, 0, 0, 3]);
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
    for (const method of mixtureMethods) {
      const { components, weights } = new Fit(points, 3, { method, seed: 5 }).run().mixture;
      for (const [k, centre] of centres.entries()) {
        const distances = components.map(({ mean }) =>
          Math.hypot(mean[0]! - centre[0]!, mean[1]! - centre[1]!),
        );
        expect(Math.min(...distances), `${method}, cloud ${k}`).toBeLessThan(0.3);
      }
      expect(weights.reduce((a, b) => a + b)).toBeCloseTo(1, 9);
    }
  });

  it('sees different spreads, as k-means does not', () => {
    const pair = clouds([[0, 0], [4, 0]], [0.3, 1.5], 2000); // prettier-ignore
    const wrong = (method: (typeof mixtureMethods)[number]) => {
      const { mixture } = new Fit(pair, 2, { method, seed: 2 }).run();
      const labels = Array.from({ length: 4000 }, (_, i) => likeliest(mixture, pair.values, 2 * i));
      const first = labels.slice(0, 2000).filter((label) => label === labels[0]).length;
      const second = labels.slice(2000).filter((label) => label === labels[0]).length;
      return 2000 - first + second;
    };
    expect(wrong('em')).toBeLessThan(wrong('k-means'));
  });

  it('is the same for the same seed', () => {
    const fit = (seed: number) => new Fit(points, 5, { seed }).run().mixture.components[0]!.mean;
    expect(fit(9)).toEqual(fit(9));
    expect(fit(9)).not.toEqual(fit(10));
  });

  it('copes with more components than distinct points', () => {
    for (const method of mixtureMethods) {
      const same = { values: new Float64Array(30).fill(2), size: 3 };
      const { components } = new Fit(same, 4, { method }).run().mixture;
      expect(components.length).toBe(1);
      expect([...components[0]!.mean]).toEqual([2, 2, 2]);
    }
    expect(() => new Fit({ values: new Float64Array(), size: 3 }, 2)).toThrow(RangeError);
  });
});

describe('colours of a photo', () => {
  const { rgb } = renderScene('landscape', { width: 160, height: 100 });

  it('are each counted', () => {
    const { codes, counts } = distinctColours(rgb);
    const known = new Map<number, number>();
    for (let i = 0; i < rgb.length; i += 3) {
      const code = (rgb[i]! << 16) | (rgb[i + 1]! << 8) | rgb[i + 2]!;
      known.set(code, (known.get(code) ?? 0) + 1);
    }
    expect(codes.length).toBe(known.size);
    codes.forEach((code, i) => expect(counts[i]).toBe(known.get(code)));
  });

  it('are sampled in proportion to their pixels', () => {
    const sample = samplePixels(
      { values: Float64Array.of(0, 0, 0, 1, 1, 1), size: 3, counts: Float64Array.of(3, 1), codes: Uint32Array.of(0, 1) }, // prettier-ignore
      8,
    );
    expect([...sample.values].filter((_, i) => i % 3 === 0)).toEqual([0, 0, 0, 0, 0, 0, 1, 1]);
  });

  it('are fitted in fewer rounds from a refined start, to about as much', () => {
    const colours = distinctColours(rgb);
    const start = refinedStart(colours, 5, { seed: 3 }, 2000);
    const quick = new Fit(colours, 5, { start }).run();
    const plain = new Fit(colours, 5, { seed: 3 }).run();
    expect(quick.converged && plain.converged).toBe(true);
    expect(quick.steps.length).toBeLessThan(plain.steps.length);
    expect(quick.steps.at(-1)!.elbo).toBeGreaterThan(plain.steps.at(-1)!.elbo - 0.1);
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
    for (const method of mixtureMethods) {
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
