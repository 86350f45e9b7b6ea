import { fbm, hash, noise, smoothstep } from '../noise';
import { blend, color, scale } from '../scene';
import type { Rgb, SceneKind } from '../scene';

/** A wall of rough stones with mortar and moss in slanting light: texture everywhere. */
export const wall: SceneKind = {
  grain: 0.9,
  vignette: 0.3,
  make(seed) {
    const stones = [0x8d8478, 0xa69884, 0x746f6b, 0xb3a48f, 0x8f7a66, 0x9a9a94].map(color);
    // Distances to the nearest and second nearest stone centre, and the nearest stone's number.
    const nearest = (x: number, y: number): [number, number, number] => {
      const cx = Math.floor(x);
      const cy = Math.floor(y);
      let first = 9;
      let second = 9;
      let id = 0;
      for (let j = -1; j <= 1; j++) {
        for (let i = -1; i <= 1; i++) {
          const px = cx + i + 0.15 + 0.7 * hash(cx + i, cy + j, seed);
          const py = cy + j + 0.2 + 0.6 * hash(cx + i, cy + j, seed + 1);
          const d = Math.hypot(x - px, y - py);
          if (d < first) [second, first, id] = [first, d, hash(cx + i, cy + j, seed + 2)];
          else if (d < second) second = d;
        }
      }
      return [first, second, id];
    };
    const height = (x: number, y: number): number => {
      const wobble = 0.16 * (fbm(x * 9, y * 9, seed + 5, 3) - 0.5);
      const [first, second, id] = nearest(x * 5 + wobble, y * 8 + wobble);
      const stone = smoothstep(0.02, 0.3, second - first);
      const grit = fbm(x * 60, y * 60, seed + 9, 5);
      return stone * (0.55 + 0.25 * id) + 0.22 * grit + 0.1 * fbm(x * 14, y * 14, seed + 15, 3);
    };
    return (x, y, pixel): Rgb => {
      const wobble = 0.16 * (fbm(x * 9, y * 9, seed + 5, 3) - 0.5);
      const [first, second, id] = nearest(x * 5 + wobble, y * 8 + wobble);
      const gap = second - first;
      const step = Math.max(0.0016, pixel);
      const h = height(x, y);
      const slant = (h - height(x - step, y - step)) / step;
      const lightness = 0.75 - 0.022 * slant + 0.35 * (h - 0.5);
      const stained = fbm(x * 3, y * 3, seed + 21, 5);
      const base = blend(
        stones[Math.floor(id * stones.length)]!,
        color(0x5b4a3b),
        smoothstep(0.45, 0.75, stained) * 0.5,
      );
      const speckle = 0.75 + 0.5 * noise(x * 210, y * 210, seed + 30);
      let body = blend(color(0x6f675c), scale(base, speckle), smoothstep(0.03, 0.12, gap));
      const moss =
        smoothstep(0.52, 0.7, fbm(x * 4 + 3, y * 4, seed + 40, 6)) * smoothstep(0.5, 0.0, gap);
      const green = blend(color(0x2e3d14), color(0x8a9a3a), fbm(x * 120, y * 120, seed + 45, 3));
      body = blend(body, green, moss * 0.9);
      return scale(body, Math.max(0.08, lightness) * (1.15 - 0.35 * y));
    };
  },
};
