import { describe, expect, it } from 'vitest';
import {
  decodeLabels,
  decodeSeededLabels,
  encodeSeededLabels,
} from '../../../src-main/labels/file';
import type { LabelMap } from '../../../src-main/labels/map';
import { reduceToSeeds } from '../../../src-main/labels/reduce';
import { costsOf, lumaOf, type Seed, watershed } from '../../../src-main/labels/watershed';
import { codeOf, discs, random } from './maps';

/** A photo of the map: a grey a label, some noise, and so edges where labels meet. */
function photoOf({ labels }: LabelMap, seed = 4): Uint8Array {
  const next = random(seed);
  return Uint8Array.from(labels, (label) => 20 + ((label * 53) % 200) + Math.floor(next() * 12));
}

/** What the watershed must agree with: always serve the earliest of the cheapest, by plain search. */
function slowWatershed(costs: Uint8Array, width: number, seeds: readonly Seed[]): Uint16Array {
  const labels = new Uint16Array(costs.length);
  const known = new Set(seeds.map(({ index }) => index));
  const waiting: { pixel: number; at: number }[] = [];
  let level = 0;
  const spread = (pixel: number) => {
    const x = pixel % width;
    const around = [
      x > 0 ? pixel - 1 : -1,
      x + 1 < width ? pixel + 1 : -1,
      pixel - width,
      pixel + width < costs.length ? pixel + width : -1,
    ];
    for (const other of around) {
      if (other < 0 || known.has(other)) continue;
      known.add(other);
      labels[other] = labels[pixel]!;
      waiting.push({ pixel: other, at: Math.max(level, costs[other]!) });
    }
  };
  for (const { index, label } of seeds) labels[index] = label;
  for (const { index } of seeds) spread(index);
  while (waiting.length > 0) {
    const least = Math.min(...waiting.map(({ at }) => at));
    const place = waiting.findIndex(({ at }) => at === least);
    level = least;
    spread(waiting.splice(place, 1)[0]!.pixel);
  }
  return labels;
}

describe('watershed from seeds', () => {
  it('floods as a plain search does', () => {
    const next = random(11);
    for (let round = 0; round < 20; round++) {
      const width = 3 + Math.floor(next() * 12);
      const luma = Uint8Array.from({ length: width * 9 }, () => Math.floor(next() * 6) * 10);
      const seeds = Array.from({ length: 4 }, (_, label) => ({
        index: label * 9 + Math.floor(next() * 9),
        label: label + 1,
      })).filter(({ index }) => index < luma.length);
      const costs = costsOf(luma, width);
      expect(watershed(costs, width, seeds)).toEqual(slowWatershed(costs, width, seeds));
    }
  });

  it('stops at the edges of the photo', () => {
    const map: LabelMap = { width: 40, height: 30, labels: new Uint16Array(1200) };
    for (let i = 0; i < 1200; i++) map.labels[i] = i % 40 < 11 ? 1 : 2;
    const luma = Uint8Array.from(map.labels, (label) => label * 90);
    const seeds = [
      { index: 10 * 40 + 2, label: 1 },
      { index: 20 * 40 + 38, label: 2 },
    ];
    const found = watershed(costsOf(luma, 40), 40, seeds);
    const wrong = found.filter((label, i) => label !== map.labels[i]).length;
    // The two columns at the edge cost the same to enter from either side.
    expect(wrong).toBeLessThanOrEqual(60);
    const away = found.filter(
      (label, i) => i % 40 !== 10 && i % 40 !== 11 && label !== map.labels[i],
    );
    expect(away.length).toBe(0);
  });

  it('is all 0 without seeds', () => {
    expect(watershed(new Uint8Array(12), 4, []).every((label) => label === 0)).toBe(true);
  });

  it('takes luma from RGB', () => {
    expect(Array.from(lumaOf(Uint8Array.of(255, 255, 255, 0, 0, 0, 255, 0, 0)))).toEqual([
      255, 0, 76,
    ]);
  });
});

describe('reducing a map to seeds', () => {
  const map = discs(120, 90, 7, 3);
  const costs = costsOf(photoOf(map), 120);

  it('reaches the agreement asked for, with more seeds for more', async () => {
    const counts: number[] = [];
    for (const target of [0.9, 0.95, 0.99]) {
      const { seeds, labels, agreement } = await reduceToSeeds(map, costs, target);
      expect(agreement).toBeGreaterThanOrEqual(target);
      expect(labels).toEqual(watershed(costs, 120, seeds));
      const equal = labels.filter((label, i) => label === map.labels[i]).length;
      expect(agreement).toBe(equal / labels.length);
      counts.push(seeds.length);
    }
    expect(counts[0]).toBeLessThanOrEqual(counts[2]!);
    expect(counts[2]).toBeLessThan(60);
  });

  it('has no seed that the agreement could do without', async () => {
    const { seeds } = await reduceToSeeds(map, costs, 0.9);
    const agreement = (kept: readonly Seed[]) =>
      watershed(costs, 120, kept).filter((label, i) => label === map.labels[i]).length /
      map.labels.length;
    for (const left of seeds) {
      expect(agreement(seeds.filter((seed) => seed !== left))).toBeLessThan(0.9);
    }
  });

  it('ends where every pixel needs a seed of its own', async () => {
    const labels = Uint16Array.from({ length: 100 }, (_, i) => ((i % 10) + Math.floor(i / 10)) % 2);
    const found = await reduceToSeeds({ width: 10, height: 10, labels }, new Uint8Array(100), 1);
    expect(found.labels).toEqual(labels);
  });

  it('refuses costs of another size', async () => {
    const refused = reduceToSeeds(map, costs.subarray(1), 0.9);
    await expect(refused).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });
});

describe('seeds with corrections', async () => {
  const map = { ...discs(100, 70, 6, 8), names: { 1: 'disc' } };
  const luma = photoOf(map);
  const { seeds } = await reduceToSeeds(map, costsOf(luma, 100), 0.97);
  const file = encodeSeededLabels(map, luma, seeds);

  it('give map and seeds back exactly', () => {
    const decoded = decodeSeededLabels(file, luma);
    expect(decoded.map).toEqual(map);
    expect(decoded.seeds).toEqual(seeds);
    expect(decoded.corrections).toBeGreaterThan(0);
    expect(decoded.corrections).toBeLessThanOrEqual(0.03 * map.labels.length);
  });

  it('work without seeds, and with labels up to 65,535', () => {
    const labels = map.labels.map((label) => 65_535 - label);
    const large = { width: 100, height: 70, labels };
    expect(decodeSeededLabels(encodeSeededLabels(large, luma, []), luma).map).toEqual(large);
  });

  it('say that they need their photo', () => {
    expect(codeOf(() => decodeLabels(file))).toBe('BAD_REQUEST');
    const other = luma.slice();
    other[0]! ^= 1;
    expect(codeOf(() => decodeSeededLabels(file, other))).toBe('WRONG_CONTENT');
  });
});
