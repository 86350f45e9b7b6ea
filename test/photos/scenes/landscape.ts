import { clamp, fbm, mix, noise, smoothstep } from '../noise';
import { add, blend, color, scale } from '../scene';
import type { Rgb, SceneKind } from '../scene';

const horizon = 0.56;
const shore = 0.6;

/** Mountains over a lake at evening: sky, clouds, ridges in haze, woods, rippled water, grass. */
export const landscape: SceneKind = {
  grain: 1.1,
  vignette: 0.25,
  make(seed, aspect) {
    const sunX = aspect * (0.25 + 0.5 * noise(seed, 3, 11));
    const zenith = color(0x2d62a8);
    const low = color(0xf3c08e);
    const haze = color(0xd8b9a4);
    const sun = color(0xfff0c8);

    const sky = (x: number, y: number): Rgb => {
      const up = clamp(y / horizon);
      let light = blend(zenith, low, up * up * (0.4 + 0.6 * up));
      const d = Math.hypot(x - sunX, 1.6 * (y - 0.44));
      light = add(light, sun, 0.9 * Math.exp(-d * 7) + 2.4 * smoothstep(0.034, 0.026, d));
      // Perspective: clouds flatten and crowd toward the horizon.
      const depth = 0.25 + (horizon - y) * 1.9;
      const cx = (x - aspect / 2) / depth + 3;
      const cy = 1.3 / depth;
      const warp = fbm(cx * 1.1, cy * 2.2, seed + 40, 3);
      const body = fbm(cx * 1.3 + warp, cy * 3.4 + 0.6 * warp, seed + 20, 6);
      const amount = smoothstep(0.5, 0.74, body) * smoothstep(horizon, 0.3, y) * 0.95;
      const lit = blend(color(0x8b8fa8), color(0xfff1dc), smoothstep(0.62, 0.5, body) * 0.8 + 0.15);
      return blend(light, lit, amount);
    };

    const ridge = (x: number, layer: number): number => {
      const f = 1.3 + layer * 0.9;
      const base = fbm(x * f + 13 * layer, layer * 7.7, seed + 60 + layer, 7);
      const height = [0.42, 0.2, 0.13, 0.07][layer]!;
      return horizon + 0.012 - height * smoothstep(0.22, 0.8, base);
    };

    const land = (x: number, y: number): Rgb | undefined => {
      for (let layer = 3; layer >= 0; layer--) {
        let top = ridge(x, layer);
        if (layer === 3) {
          const trunk = noise(x * 190, 0.5, seed + 91);
          top -= 0.018 * trunk * noise(x * 60, 5, seed + 92) + 0.004;
        }
        if (y < top) continue;
        const slope = fbm(x * (14 + 12 * layer), y * (30 + 10 * layer), seed + 70 + layer, 5);
        // Light falls along the slope of a rough surface, from the sun's side.
        const toSun = sunX > x ? 0.006 : -0.006;
        const beside = fbm(
          (x + toSun) * (14 + 12 * layer),
          y * (30 + 10 * layer),
          seed + 70 + layer,
          5,
        );
        const side = clamp(0.5 + 2.6 * (slope - beside));
        const rock = blend(color(0x3d4252), color(0x96897e), clamp(slope * 0.8 + side * 0.35));
        const snow = layer === 0 ? smoothstep(0.12, 0.02, y - top + 0.1 * (slope - 0.5)) : 0;
        const wood = blend(color(0x1a2b1c), color(0x5a6f37), slope * slope * 1.2);
        const ground = layer < 2 ? blend(rock, color(0xf2ece8), snow) : wood;
        const lit = scale(ground, 0.55 + 0.6 * side);
        const distance = [0.62, 0.42, 0.22, 0.06][layer]!;
        return blend(lit, haze, distance * (0.6 + 0.4 * smoothstep(top, horizon, y)));
      }
      return undefined;
    };

    const water = (x: number, y: number): Rgb => {
      const near = (y - shore) / (1 - shore);
      const pitch = mix(260, 36, Math.sqrt(near));
      const ripple =
        fbm(x * pitch * 0.22, y * pitch * 1.5, seed + 110, 4) -
        0.5 +
        0.4 * (noise(x * 9, y * 70, seed + 120) - 0.5);
      const my = 2 * shore - y + ripple * (0.02 + 0.1 * near);
      const mx = x + ripple * 0.012;
      const mirrored = land(mx, Math.min(my, horizon)) ?? sky(mx, Math.max(0.01, my));
      const glitter = smoothstep(0.1, 0.22, ripple) * Math.exp(-Math.abs(x - sunX) * 7) * 0.9;
      const deep = blend(mirrored, color(0x16384a), 0.25 + 0.25 * near);
      return add(deep, sun, glitter);
    };

    const bank = (x: number): number =>
      0.9 - 0.11 * fbm(x * 1.6, 2, seed + 130, 4) + 0.06 * Math.abs(x / aspect - 0.45);

    return (x, y) => {
      const edge =
        bank(x) - 0.025 * noise(x * 240, y * 5, seed + 141) * noise(x * 37, 1, seed + 142);
      if (y > edge) {
        const blades = noise(x * 240 + 30 * fbm(x * 8, y * 3, seed + 143, 2), y * 16, seed + 140);
        const patch = fbm(x * 6, y * 9, seed + 150, 4);
        const bloom =
          smoothstep(0.83, 0.9, noise(x * 120, y * 120, seed + 160)) * smoothstep(0.5, 0.62, patch);
        const grass = blend(
          color(0x1d2a10),
          blend(color(0x6d8430), color(0xb39b4a), patch),
          blades * blades,
        );
        return blend(scale(grass, 0.6 + 0.7 * patch), color(0xe8d9f2), bloom);
      }
      if (y > shore) return water(x, y);
      return land(x, y) ?? (y > horizon ? haze : sky(x, y));
    };
  },
};
