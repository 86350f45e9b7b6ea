import { clamp, fbm, hash, noise, smoothstep } from '../noise';
import { blend, color, cover, scale } from '../scene';
import type { Rgb, SceneKind } from '../scene';

/** A flower bed from above: leaves with veins in several depths, flowers of several kinds on top. */
export const flowers: SceneKind = {
  grain: 0.9,
  vignette: 0.3,
  make(seed) {
    const petals = [0xd8385e, 0xf2b632, 0xf4f0ea, 0x8b5ac8, 0xf27fa5, 0xe8632c].map(color);

    /** Leaves of one layer: the topmost at a point, or undefined between them. */
    const leaf = (x: number, y: number, size: number, layer: number, pixel: number) => {
      const gx = Math.floor(x / size);
      const gy = Math.floor(y / size);
      let best: { light: Rgb; order: number; alpha: number } | undefined;
      for (let j = -2; j <= 2; j++) {
        for (let i = -2; i <= 2; i++) {
          const cx = gx + i;
          const cy = gy + j;
          const order = hash(cx, cy, seed + 10 * layer);
          if (best && order < best.order) continue;
          const turn = 6.2832 * hash(cx, cy, seed + 10 * layer + 1);
          const px = (x - (cx + hash(cx, cy, seed + 10 * layer + 2)) * size) / size;
          const py = (y - (cy + hash(cx, cy, seed + 10 * layer + 3)) * size) / size;
          const along = px * Math.cos(turn) + py * Math.sin(turn);
          const across = py * Math.cos(turn) - px * Math.sin(turn) + 0.12 * along * along;
          if (Math.abs(along) > 1.25) continue;
          const t = (along + 1.25) / 2.5;
          const half = 0.95 * Math.sqrt(t) * (1 - t) + 0.004;
          const edge = Math.abs(across) - half * (1 + 0.05 * Math.sin(along * 40));
          const alpha = cover(edge, pixel / size);
          if (alpha <= 0) continue;
          const vein = Math.abs(Math.sin((along * 1.2 - Math.abs(across) * 1.4) * 22));
          const lines =
            smoothstep(0.22, 0, vein) * 0.25 + smoothstep(0.035, 0.008, Math.abs(across)) * 0.5;
          const hue = hash(cx, cy, seed + 10 * layer + 4);
          const base = blend(
            color(0x1d4a1c),
            color(0x7fa63a),
            hue * 0.6 + 0.4 * fbm(px * 5, py * 5, seed + 60, 3),
          );
          const bend = 0.8 + 0.5 * (across / (half + 0.02)) * Math.sin(turn + 0.8);
          const gloss = 0.22 * smoothstep(0.5, 0.05, Math.abs(across / (half + 0.02) - 0.35)) * hue;
          const lit = scale(blend(base, color(0xb9d07a), lines), bend * (0.65 + 0.35 * t));
          best = { light: blend(lit, color(0xe8f4e0), gloss), order, alpha };
        }
      }
      return best;
    };

    const bloom = (x: number, y: number, size: number, layer: number, pixel: number) => {
      const gx = Math.floor(x / size);
      const gy = Math.floor(y / size);
      let found: { light: Rgb; alpha: number } | undefined;
      let shadow = 1;
      for (let j = -1; j <= 1; j++) {
        for (let i = -1; i <= 1; i++) {
          const cx = gx + i;
          const cy = gy + j;
          if (hash(cx, cy, seed + 200 + layer) > 0.42) continue;
          const px = x / size - cx - 0.25 - 0.5 * hash(cx, cy, seed + 201 + layer);
          const py = y / size - cy - 0.25 - 0.5 * hash(cx, cy, seed + 202 + layer);
          const radius = 0.24 + 0.18 * hash(cx, cy, seed + 203 + layer);
          const r = Math.hypot(px, py) / radius;
          shadow = Math.min(
            shadow,
            smoothstep(0.6, 1.35, Math.hypot(px - 0.08, py - 0.1) / radius) * 0.6 + 0.4,
          );
          if (r > 1.05) continue;
          const count = 5 + Math.floor(8 * hash(cx, cy, seed + 204 + layer));
          const angle = Math.atan2(py, px) + 6.28 * hash(cx, cy, seed + 205);
          const phase = (angle * count) / 6.2832;
          const within = Math.abs(phase - Math.floor(phase) - 0.5) * 2;
          const reach = 0.62 + 0.38 * Math.sqrt(clamp(1 - within * within));
          const tint = petals[Math.floor(hash(cx, cy, seed + 206 + layer) * petals.length)]!;
          const streak = 0.82 + 0.3 * noise(angle * 26, r * 3, seed + 210);
          const shade = (0.55 + 0.5 * r) * (1.12 - 0.45 * within * within) * streak;
          let light = scale(tint, shade);
          light = blend(light, scale(tint, 0.45), smoothstep(0.5, 0.2, r));
          const eye = blend(color(0x6a3d10), color(0xf3c53c), noise(px * 90, py * 90, seed + 220));
          light = blend(light, scale(eye, 0.7 + 1.2 * (0.3 - r)), smoothstep(0.3, 0.27, r));
          const alpha = cover(r - reach, pixel / size / radius);
          if (alpha > 0) found = { light, alpha };
        }
      }
      return { found, shadow };
    };

    return (x, y, pixel) => {
      let light: Rgb = scale(color(0x1a150c), 0.5 + fbm(x * 40, y * 40, seed + 1, 4));
      const under = [0.16, 0.13, 0.105];
      under.forEach((size, layer) => {
        const leafAt = leaf(x + 0.37 * layer, y + 0.21 * layer, size, layer, pixel);
        const near = leaf(x + 0.37 * layer - 0.012, y + 0.21 * layer - 0.016, size, layer, pixel);
        if (near) light = scale(light, 0.6);
        const depth = [0.4, 0.7, 1.05][layer]!;
        if (leafAt) light = blend(light, scale(leafAt.light, depth), leafAt.alpha);
      });
      [0.17, 0.26].forEach((size, layer) => {
        const { found, shadow } = bloom(x + 0.11 * layer, y + 0.4 * layer, size, 40 * layer, pixel);
        light = scale(light, shadow);
        if (found) light = blend(light, found.light, found.alpha);
      });
      return scale(light, 1.1 + 0.25 * noise(x * 1.3, y * 1.3, seed + 300));
    };
  },
};
