import { clamp, fbm, hash, noise, smoothstep } from '../noise';
import { add, blend, color, cover, scale } from '../scene';
import type { Rgb, SceneKind } from '../scene';

const waterline = 0.7;

/** A skyline at night: lit windows, a moonlit sky with stars, lamps, all mirrored in a river. */
export const city: SceneKind = {
  grain: 1.6,
  vignette: 0.35,
  make(seed, aspect) {
    const glow = color(0xd98a4b);
    const moon = { x: aspect * 0.78, y: 0.16, r: 0.035 };
    const windowLights = [0xffd9a0, 0xffe9c4, 0xf7b86a, 0xcfe3ff, 0xfff6e0].map(color);

    const sky = (x: number, y: number, pixel: number): Rgb => {
      let light = blend(color(0x060b1e), color(0x37305a), smoothstep(0, 0.62, y));
      light = add(light, glow, 0.38 * smoothstep(0.2, waterline, y) ** 2);
      const cloud = smoothstep(0.5, 0.8, fbm(x * 1.6, y * 5, seed + 3, 6));
      light = add(light, blend(color(0x2b2f55), color(0x8a5f58), y * 1.4), 0.55 * cloud);
      const sx = Math.floor(x * 130);
      const sy = Math.floor(y * 130);
      if (hash(sx, sy, seed + 5) > 0.965) {
        const d = Math.hypot(
          x * 130 - sx - 0.2 - 0.6 * hash(sx, sy, seed + 6),
          y * 130 - sy - 0.2 - 0.6 * hash(sx, sy, seed + 7),
        );
        const star = Math.exp(-((d / (0.07 + 40 * pixel)) ** 2)) * hash(sx, sy, seed + 8) ** 3;
        light = add(light, [0.9, 0.95, 1], star * (1 - cloud) * smoothstep(0.5, 0.2, y));
      }
      const d = Math.hypot(x - moon.x, y - moon.y);
      const crater = 0.75 + 0.35 * fbm((x - moon.x) * 45, (y - moon.y) * 45, seed + 9, 4);
      light = blend(light, scale(color(0xf4ecd8), crater), cover(d - moon.r, pixel));
      return add(light, color(0xbfc7e8), 0.25 * Math.exp(-d * 14));
    };

    const layers = [
      { width: 0.055, low: 0.1, high: 0.34, body: 0x232544, lit: 0.35, dim: 0.4, rows: 95 },
      { width: 0.085, low: 0.08, high: 0.42, body: 0x14162c, lit: 0.45, dim: 0.75, rows: 62 },
      { width: 0.13, low: 0.05, high: 0.2, body: 0x0a0b17, lit: 0.5, dim: 1.1, rows: 44 },
    ];

    const buildings = (x: number, y: number, pixel: number): Rgb | undefined => {
      for (let n = layers.length - 1; n >= 0; n--) {
        const layer = layers[n]!;
        const at = x / layer.width + 0.37 * n;
        const house = Math.floor(at);
        const h = hash(house, n, seed + 20);
        const inset = 0.02 + 0.1 * hash(house, n, seed + 21);
        const across = at - house;
        if (across < inset || across > 1 - inset * 0.6) continue;
        const peak =
          layer.high *
          smoothstep(1.1, 0.1, Math.abs(((house - 0.37 * n) * layer.width) / aspect - 0.42) * 1.6);
        let top = waterline - layer.low - (peak - layer.low * 0.2) * h * h;
        // Some towers step back or carry a mast.
        if (h > 0.55 && Math.abs(across - 0.5) < 0.22) top -= 0.035;
        if (h > 0.75 && Math.abs(across - 0.5) < 0.012) top -= 0.09;
        if (y < top) continue;
        let light = scale(color(layer.body), 0.8 + 0.5 * smoothstep(top, waterline, y));
        light = add(light, glow, 0.1 * smoothstep(waterline - 0.2, waterline, y));
        const columns = Math.round(layer.width * layer.rows * 1.3);
        const wx = ((across - inset) / (1 - 1.6 * inset)) * columns;
        const wy = (y - top) * layer.rows;
        const cx = Math.floor(wx);
        const cy = Math.floor(wy);
        const pane =
          smoothstep(0.5, 0.5 - 60 * pixel - 0.12, Math.abs(wx - cx - 0.5) * 1.5) *
          smoothstep(0.5, 0.5 - 60 * pixel - 0.12, Math.abs(wy - cy - 0.5) * 1.35);
        const floor = hash(house, cy, seed + 23 + n) > 0.72 ? 0.35 : 0;
        const on = hash(cx + 57 * house, cy, seed + 30 + n) < layer.lit * (0.35 + h * 0.6) + floor;
        if (on && wy > 0.8) {
          const tint = windowLights[Math.floor(hash(cx, cy + 31 * house, seed + 34) * 5)]!;
          const level = 0.35 + 0.9 * hash(cx, cy, seed + 35 + house);
          light = add(light, tint, pane * level * layer.dim);
        }
        return light;
      }
      return undefined;
    };

    const lamps = (x: number, y: number): Rgb => {
      const n = Math.floor(x / 0.07);
      let light: Rgb = [0, 0, 0];
      for (let i = n - 1; i <= n + 1; i++) {
        const lx = (i + 0.5) * 0.07 + 0.012 * hash(i, 0, seed + 41);
        const d = Math.hypot(x - lx, y - waterline + 0.016);
        const tint = hash(i, 1, seed + 42) > 0.8 ? color(0xbfe0ff) : color(0xffb765);
        light = add(light, tint, 1.6 * Math.exp(-((d / 0.0035) ** 2)) + 0.5 * Math.exp(-d / 0.012));
      }
      return light;
    };

    const above = (x: number, y: number, pixel: number): Rgb =>
      add(buildings(x, y, pixel) ?? sky(x, y, pixel), lamps(x, y));

    return (x, y, pixel) => {
      if (y < waterline) return above(x, y, pixel);
      const quay = y - waterline;
      if (quay < 0.012)
        return add(
          scale(color(0x1b1a22), 0.7 + 0.6 * noise(x * 160, y * 300, seed)),
          lamps(x, y),
          0.5,
        );
      const near = clamp(quay / (1 - waterline));
      const wave = fbm(x * 26, (y * 180) / (0.4 + near * 1.8), seed + 50, 4) - 0.5;
      let light: Rgb = [0, 0, 0];
      // A rough surface mirrors a column of heights: lights become streaks.
      for (let k = 0; k < 4; k++) {
        const spread = (k - 1.5) * 0.035 * near + wave * (0.05 + 0.16 * near);
        const my = 2 * waterline + 0.012 - y + spread;
        light = add(
          light,
          above(x + wave * 0.012, Math.min(waterline - 0.001, Math.max(0.02, my)), pixel),
          0.25,
        );
      }
      const deep = scale(blend(light, color(0x0a1424), 0.3), 0.75);
      return add(deep, glow, 0.05 * smoothstep(0.05, 0.3, wave));
    };
  },
};
