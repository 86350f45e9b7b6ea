import { describe, expect, it } from 'vitest';
import { mse } from '../../../src-main/image/metrics';
import { renderScene, sceneNames } from '../../photos/index';

const size = { width: 90, height: 60 };

describe('renderScene', () => {
  it.each(sceneNames)('%s is the same every time, differs by seed, and fills its range', (name) => {
    const scene = renderScene(name, { ...size, seed: 5 });
    expect(scene.rgb.length).toBe(90 * 60 * 3);
    expect(renderScene(name, { ...size, seed: 5 }).rgb).toEqual(scene.rgb);
    expect(mse(renderScene(name, { ...size, seed: 6 }).rgb, scene.rgb)).toBeGreaterThan(1);
    const sorted = [...scene.rgb].sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))]!;
    expect(at(0.95) - at(0.05)).toBeGreaterThan(60);
  });

  it('keeps its composition at another size', () => {
    const small = renderScene('landscape', { width: 60, height: 40 });
    const large = renderScene('landscape', { width: 240, height: 160 });
    const shrunk = small.rgb.map((_, i) => {
      const [x, y, c] = [Math.floor(i / 3) % 60, Math.floor(i / 180), i % 3];
      let sum = 0;
      for (let k = 0; k < 16; k++) {
        sum += large.rgb[3 * ((4 * y + (k >> 2)) * 240 + 4 * x + (k & 3)) + c]!;
      }
      return Math.round(sum / 16);
    });
    expect(mse(small.rgb, shrunk)).toBeLessThan(150);
  });

  it('takes any size', () => {
    for (const [width, height] of [
      [1, 1],
      [7, 50],
    ] as const) {
      expect(renderScene('page', { width, height }).rgb.length).toBe(3 * width * height);
    }
  });
});
