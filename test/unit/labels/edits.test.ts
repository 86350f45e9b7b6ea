import { describe, expect, it } from 'vitest';
import {
  countOf,
  regionSpans,
  setSpans,
  strokeSpans,
  surroundings,
} from '../../../src-main/labels/edits';
import { discs, random } from './maps';

const size = { width: 40, height: 30 };

function pixelsOf(spans: Uint32Array): number[] {
  const found = [];
  for (let i = 0; i < spans.length; i += 2) {
    for (let pixel = spans[i]!; pixel < spans[i + 1]!; pixel++) found.push(pixel);
  }
  return found;
}

const at = (x: number, y: number) => y * size.width + x;

describe('a stroke', () => {
  it('of size 1 is the pixels that it passes through the middle of', () => {
    expect(pixelsOf(strokeSpans(size, 1, [3.5, 4.5]))).toEqual([at(3, 4)]);
    const line = pixelsOf(strokeSpans(size, 1, [3.5, 4.5, 6.5, 4.5]));
    expect(line).toEqual([at(3, 4), at(4, 4), at(5, 4), at(6, 4)]);
  });

  it('covers what is within half its size of its line, by brute force', () => {
    const points = [5.5, 5.5, 20.5, 11.5, 20.5, 25.5];
    const expected = [];
    for (let y = 0; y < size.height; y++) {
      for (let x = 0; x < size.width; x++) {
        let near = false;
        for (let s = 0; s + 3 < points.length; s += 2) {
          for (let t = 0; t <= 1; t += 1 / 4096) {
            const px = points[s]! + t * (points[s + 2]! - points[s]!);
            const py = points[s + 1]! + t * (points[s + 3]! - points[s + 1]!);
            if (Math.hypot(x + 0.5 - px, y + 0.5 - py) <= 3.7) near = true;
          }
        }
        if (near) expected.push(at(x, y));
      }
    }
    expect(pixelsOf(strokeSpans(size, 7.4, points))).toEqual(expected);
  });

  it('outside the map changes nothing, across its rim what lies inside', () => {
    expect(strokeSpans(size, 9, [-100, -100, -50, -50])).toHaveLength(0);
    expect(strokeSpans(size, 9, [100, 5])).toHaveLength(0);
    const corner = pixelsOf(strokeSpans(size, 3, [0, 0]));
    expect(corner).toEqual([at(0, 0)]);
  });
});

describe('a region', () => {
  it('is what a plain flood finds', () => {
    const next = random(5);
    const labels = Uint16Array.from({ length: 1200 }, () => (next() < 0.55 ? 1 : 2));
    const map = { ...size, labels };
    for (const start of [0, 37, 615, 1199]) {
      const open = [start];
      const seen = new Set<number>();
      for (let pixel = open.pop(); pixel !== undefined; pixel = open.pop()) {
        if (seen.has(pixel) || labels[pixel] !== labels[start]) continue;
        seen.add(pixel);
        if (pixel % 40 > 0) open.push(pixel - 1);
        if (pixel % 40 < 39) open.push(pixel + 1);
        if (pixel >= 40) open.push(pixel - 40);
        if (pixel < 1160) open.push(pixel + 40);
      }
      const spans = regionSpans(map, start % 40, Math.floor(start / 40));
      expect(pixelsOf(spans)).toEqual([...seen].sort((a, b) => a - b));
    }
  });
});

describe('surroundings', () => {
  it('give each pixel a label of a nearest one outside', () => {
    const map = discs(40, 30, 5, 4);
    const spans = strokeSpans(size, 9, [8.5, 8.5, 30.5, 20.5]);
    const inside = new Set(pixelsOf(spans));
    const found = surroundings(map, spans)!;
    pixelsOf(spans).forEach((pixel, i) => {
      const distance = (other: number) =>
        Math.abs((pixel % 40) - (other % 40)) +
        Math.abs(Math.floor(pixel / 40) - Math.floor(other / 40));
      const outside = Array.from(map.labels.keys()).filter((other) => !inside.has(other));
      const nearest = Math.min(...outside.map(distance));
      const labels = outside.filter((other) => distance(other) === nearest);
      expect(labels.map((other) => map.labels[other])).toContain(found[i]);
    });
  });

  it('of the whole map are none', () => {
    expect(surroundings(discs(40, 30, 5), Uint32Array.of(0, 1200))).toBeUndefined();
  });
});

it('setting spans gives back what was there', () => {
  const { labels } = discs(40, 30, 5, 4);
  const original = labels.slice();
  const spans = strokeSpans(size, 9, [8.5, 8.5, 30.5, 20.5]);
  const before = setSpans(labels, spans, 77);
  expect(before).toHaveLength(countOf(spans));
  expect(labels.filter((label) => label === 77)).toHaveLength(countOf(spans));
  setSpans(labels, spans, before);
  expect(labels).toEqual(original);
});
