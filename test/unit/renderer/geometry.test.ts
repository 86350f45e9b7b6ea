import { describe, expect, it } from 'vitest';
import {
  fitScale,
  fitView,
  levelFor,
  maxScale,
  photoPoint,
  settle,
  toPane,
  visible,
  zoomAt,
} from '../../../src-renderer/canvas/geometry';

const photo = { width: 4000, height: 3000 };
const pane = { width: 801, height: 600 };

describe('fit', () => {
  it('shows the whole photo within its margins', () => {
    const margin = { width: 10, height: 50 };
    const box = toPane({ x: 0, y: 0, ...photo }, fitView(photo, pane, margin), pane);
    expect(box.height).toBeCloseTo(500, 9);
    expect(box.y).toBeCloseTo(50, 9);
    expect(box.x).toBeGreaterThanOrEqual(10);
  });

  it('never enlarges a small photo', () => {
    expect(fitScale({ width: 20, height: 10 }, pane)).toBe(1);
  });
});

describe('zoomAt', () => {
  it('keeps the point under the pointer in place', () => {
    const view = { scale: 0.7, x: 1800, y: 1200 };
    const before = photoPoint(view, 600, 80, pane);
    const after = photoPoint(zoomAt(view, 2.5, 600, 80, pane), 600, 80, pane);
    expect(after.x).toBeCloseTo(before.x, 9);
    expect(after.y).toBeCloseTo(before.y, 9);
  });
});

describe('settle', () => {
  it('puts the photo’s pixels on the screen’s at 100 %', () => {
    for (const x of [700.3, 1999.5, 2200.77]) {
      const view = settle({ scale: 1, x, y: 1500.2 }, photo, pane);
      const box = toPane({ x: 0, y: 0, ...photo }, view, pane);
      expect(box.x).toBeCloseTo(Math.round(box.x), 9);
      expect(box.y).toBeCloseTo(Math.round(box.y), 9);
    }
  });

  it('keeps the pane filled', () => {
    const view = settle({ scale: 0.5, x: -9999, y: 9999 }, photo, pane);
    const box = toPane({ x: 0, y: 0, ...photo }, view, pane);
    expect(box.x).toBeCloseTo(0, 9);
    expect(box.y + box.height).toBeCloseTo(pane.height, 9);
  });

  it('centres what is smaller than the pane, and bounds the scale', () => {
    const small = { width: 100, height: 50 };
    expect(settle({ scale: 1.5, x: 0, y: 0 }, small, pane)).toEqual({ scale: 1.5, x: 50, y: 25 });
    expect(settle({ scale: 1000, x: 0, y: 0 }, photo, pane).scale).toBe(maxScale);
    expect(settle({ scale: 0, x: 0, y: 0 }, photo, pane).scale).toBe(fitScale(photo, pane));
  });
});

describe('visible', () => {
  it('is what lies in the pane, cut at the photo’s edges', () => {
    const rect = visible({ scale: 2, x: 10, y: 1500 }, photo, pane)!;
    expect(rect).toEqual({ x: 0, y: 1350, width: 210.25, height: 300 });
  });

  it('is nothing where the photo is out of sight', () => {
    expect(visible({ scale: 1, x: -5000, y: 0 }, photo, pane)).toBeNull();
  });
});

describe('levelFor', () => {
  it('has at least a pixel for each of the screen’s, and no more than needed', () => {
    expect([4, 1, 0.51, 0.5, 0.26, 0.25, 0.01].map((scale) => levelFor(scale, 5))).toEqual([
      0, 0, 0, 1, 1, 2, 4,
    ]);
  });
});
