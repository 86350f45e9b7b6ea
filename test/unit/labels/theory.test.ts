import { describe, expect, it } from 'vitest';
import { encodeMap } from '../../../src-main/labels/codec';
import { predictors, rowsOf, strides } from '../../../src-main/labels/grid';
import { complete, sparseMask } from '../../../src-main/labels/sparse';
import { completionFrames, unitAt } from '../../../src-main/labels/animation';
import { discs } from './maps';

const side = 3;
const pixels = side * side;
const mapCount = 2 ** pixels;
const completions = strides.flatMap((stride) =>
  predictors.map((_, predictor) => ({ stride, predictor })),
);

const mapOf = (code: number) => Uint16Array.from({ length: pixels }, (_, i) => (code >> i) & 1);
const codeOfMap = (labels: Uint16Array) => labels.reduce((code, bit, i) => code | (bit << i), 0);
const count = (mask: Uint8Array) => mask.reduce((sum, bit) => sum + bit, 0);

describe('completion', () => {
  it('visits each pixel once', () => {
    for (const stride of strides) {
      for (const [width, height] of [
        [1, 1],
        [1, 70],
        [70, 1],
        [65, 67],
        [130, 5],
      ] as const) {
        const visits = new Uint8Array(width * height);
        for (const { x0, step, y, unit } of rowsOf(width, height, stride)) {
          for (let x = x0; x < width; x += step) {
            visits[y * width + x]!++;
            expect(unitAt(x, y, stride)).toBe(unit);
          }
        }
        expect(visits.every((times) => times === 1)).toBe(true);
      }
    }
  });

  it('lists the fewest pixels possible, by brute force over all z of all 2-label maps of 3×3', () => {
    for (const completion of completions) {
      const fewest = new Uint8Array(mapCount).fill(255);
      const mask = new Uint8Array(pixels);
      const values = new Uint16Array(pixels);
      for (let z = 0; z < 3 ** pixels; z++) {
        for (let i = 0, rest = z; i < pixels; i++, rest = Math.floor(rest / 3)) {
          mask[i] = rest % 3 > 0 ? 1 : 0;
          values[i] = rest % 3 === 2 ? 1 : 0;
        }
        const completed = codeOfMap(complete(mask, values, side, side, completion));
        fewest[completed] = Math.min(fewest[completed]!, count(mask));
      }
      for (let code = 0; code < mapCount; code++) {
        const map = mapOf(code);
        const z = sparseMask(map, side, side, completion);
        expect(complete(z, map, side, side, completion)).toEqual(map);
        expect(count(z)).toBe(fewest[code]);
      }
    }
  });

  it('gives probabilities that sum to at most 1 over all 2-label maps of 3×3', () => {
    const sum = (bitsOf: (labels: Uint16Array) => number) => {
      let total = 0;
      for (let code = 0; code < mapCount; code++) total += 2 ** -bitsOf(mapOf(code));
      return total;
    };
    const coded = (options: Parameters<typeof encodeMap>[1]) => (labels: Uint16Array) =>
      encodeMap({ width: side, height: side, labels }, options).modelledBits;
    const limit = 1 + 1e-6;
    let all = 0;
    for (const completion of completions) {
      const one = sum(coded({ completion }));
      expect(one).toBeLessThanOrEqual(limit);
      expect(one).toBeGreaterThan(0);
      all += one;
    }
    expect(all).toBeLessThanOrEqual(limit);
    expect(sum(coded({ effort: 'fast' }))).toBeLessThanOrEqual(limit);
    expect(sum(coded({ effort: 'best' }))).toBeLessThanOrEqual(limit);
  });

  it('runs from a coarse guess to the map itself', () => {
    const map = discs(100, 80, 5);
    const completion = { stride: 64, predictor: 0 };
    const wrong = [];
    let points = -1;
    let last: Uint16Array | undefined;
    for (const frame of completionFrames(map, completion)) {
      wrong.push(
        frame.labels.reduce((sum, label, i) => sum + (label === map.labels[i] ? 0 : 1), 0),
      );
      expect(frame.points).toBeGreaterThanOrEqual(points);
      points = frame.points;
      last = frame.labels;
    }
    expect(wrong.length).toBe(7);
    expect(wrong[0]).toBeGreaterThan(wrong[4]!);
    expect(wrong[6]).toBe(0);
    expect(last).toEqual(map.labels);
  });
});
