import { describe, expect, it } from 'vitest';
import { decodeLabels, encodeLabels } from '../../../src-main/labels/file';
import { predictors, strides } from '../../../src-main/labels/grid';
import { encodeMap, decodeMap } from '../../../src-main/labels/codec';
import { type LabelMap, presentLabels } from '../../../src-main/labels/map';
import { labelStatistics } from '../../../src-main/labels/statistics';
import { cells, codeOf, discs, noise, random } from './maps';

/** Signature, version, content, chunk frame of up to three length bytes, end, sides and method. */
const frameBytes = 12 + 1 + 3 + 4 + 7;

function expectRoundTrip(map: LabelMap, effort: 'fast' | 'best' = 'fast'): Uint8Array {
  const { file, modelledBits, listBits } = encodeLabels(map, { effort });
  const decoded = decodeLabels(file).map;
  expect(decoded.width).toBe(map.width);
  expect(decoded.height).toBe(map.height);
  expect(Buffer.compare(Buffer.from(decoded.labels.buffer), Buffer.from(map.labels.buffer))).toBe(
    0,
  );
  const bits = Math.ceil(Math.log2(presentLabels(map.labels).length));
  const bound = (bits * map.labels.length * 1.02 + listBits) / 8 + 64;
  expect(file.length).toBeLessThanOrEqual(bound);
  const payload = file.length - frameBytes;
  expect(payload).toBeLessThanOrEqual((modelledBits / 8) * 1.005 + 8);
  return file;
}

describe('label codec', () => {
  it('gives maps of shapes back, at both efforts', () => {
    expectRoundTrip(cells(150, 97, 6));
    expectRoundTrip(discs(203, 130, 9));
    expectRoundTrip(cells(70, 41, 5), 'best');
    expectRoundTrip(discs(64, 65, 4), 'best');
  });

  it('gives random maps of all small sizes back', () => {
    for (let width = 1; width <= 9; width++) {
      for (let height = 1; height <= 9; height++) {
        expectRoundTrip(noise(width, height, 1 + ((width * height) % 5), width * 10 + height));
      }
    }
  });

  it('gives lines back', () => {
    expectRoundTrip(noise(3001, 1, 7));
    expectRoundTrip(noise(1, 3001, 7));
    expectRoundTrip(cells(65_535, 1, 40));
    expectRoundTrip(cells(1, 65_535, 40));
  });

  it('keeps noise within the bound, whatever the number of labels', () => {
    for (const labelCount of [2, 3, 5, 16, 17, 100, 256, 257, 5000]) {
      expectRoundTrip(noise(157, 131, labelCount, labelCount));
    }
  });

  it('keeps noise of 65,535 labels', () => {
    const labels = Uint16Array.from({ length: 300 * 300 }, (_, i) => i % 65_535);
    const next = random(9);
    for (let i = labels.length - 1; i > 0; i--) {
      const j = Math.floor(next() * (i + 1));
      const kept = labels[i]!;
      labels[i] = labels[j]!;
      labels[j] = kept;
    }
    expectRoundTrip({ width: 300, height: 300, labels });
  });

  it('keeps maps made to be guessed wrong', () => {
    const width = 128;
    const labels = new Uint16Array(width * width);
    for (let i = 0; i < labels.length; i++) labels[i] = ((i % width) + Math.floor(i / width)) & 1;
    expectRoundTrip({ width, height: width, labels });
    const stripes = labels.map((_, i) => i % 3);
    expectRoundTrip({ width, height: width, labels: stripes });
  });

  it('says a single label once, at 64 megapixels too', () => {
    const labels = new Uint16Array(8000 * 8000).fill(77);
    const file = expectRoundTrip({ width: 8000, height: 8000, labels });
    expect(file.length).toBeLessThan(40);
  });

  it('is small where one pixel differs', () => {
    const labels = new Uint16Array(1000 * 1000);
    labels[123_456] = 1;
    expect(expectRoundTrip({ width: 1000, height: 1000, labels }).length).toBeLessThan(60);
  });

  it('decodes every stride and predictor', () => {
    const map = discs(90, 77, 5);
    for (const stride of strides) {
      predictors.forEach((_, predictor) => {
        const { type, payload, completion } = encodeMap(map, { completion: { stride, predictor } });
        expect(completion).toEqual({ stride, predictor });
        expect(decodeMap(type, payload).map.labels).toEqual(map.labels);
      });
    }
  });

  it('never takes more bytes with effort best', () => {
    for (const seed of [1, 2, 3]) {
      const map = cells(120, 90, 7, seed);
      const fast = encodeLabels(map, { effort: 'fast' }).file.length;
      expect(encodeLabels(map, { effort: 'best' }).file.length).toBeLessThanOrEqual(fast);
    }
  });

  it('keeps palette, names and void label unless told to leave them out', () => {
    const palette = Uint8Array.of(0, 0, 0, 255, 200, 10, 20, 255, 1, 2, 3, 128);
    const map = { ...cells(20, 20, 3), palette, names: { 1: 'sky', 2: 'Bäume' }, voidLabel: 0 };
    const whole = encodeLabels(map);
    expect(decodeLabels(whole.file).map).toEqual(map);
    const bare = encodeLabels(map, { bare: true });
    expect(bare.extraBytes).toBe(0);
    expect(whole.file.length - whole.extraBytes).toBe(bare.file.length);
    expect(Object.keys(decodeLabels(bare.file).map)).toEqual(['width', 'height', 'labels']);
  });

  it('refuses sizes over the limit, naming it, before making anything of that size', () => {
    const file = encodeLabels({ width: 60_000, height: 1000, labels: new Uint16Array(6e7) }).file;
    expect(() => decodeLabels(file, { pixelLimit: 1e6 })).toThrow(/at most 1\.0 megapixels/);
    const huge = { width: 65_536, height: 1, labels: new Uint16Array(65_536) };
    expect(codeOf(() => encodeLabels(huge))).toBe('IMAGE_TOO_LARGE');
  });

  it('accounts for all bits by level and by class', () => {
    const map = { ...discs(160, 120, 6), names: { 2: 'tree' } };
    const { file, points, modelledBits } = encodeLabels(map);
    const found = labelStatistics(file);
    const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
    expect(found.modelledBits).toBeCloseTo(modelledBits, 6);
    expect(sum(found.levels.map(({ bits }) => bits))).toBeCloseTo(found.pixelBits, 6);
    expect(sum(found.classes.map(({ bits }) => bits))).toBeCloseTo(found.pixelBits, 6);
    expect(sum(found.levels.map(({ pixels }) => pixels))).toBe(160 * 120);
    expect(sum(found.levels.map((level) => level.points))).toBe(points);
    expect(sum(found.classes.map((row) => row.points))).toBe(points);
    expect(sum(Array.from(found.mask))).toBe(points);
    expect(found.levels.map(({ unit }) => unit)).toEqual([64, 32, 16, 8, 4, 2, 1]);
    expect(found.classes.find(({ label }) => label === 2)?.name).toBe('tree');
  });
});
