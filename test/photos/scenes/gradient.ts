import { hash, noise, smoothstep } from '../noise';
import { blend, color } from '../scene';
import type { Rgb, SceneKind } from '../scene';

/** Smooth colour ramps, one corner dissolving into noise: banding and grain side by side. */
export const gradient: SceneKind = {
  grain: 0,
  vignette: 0,
  make(seed, aspect) {
    const corners = [0x24408e, 0xe9a25b, 0x7fc8b4, 0xc03f6b].map(color) as [Rgb, Rgb, Rgb, Rgb];
    return (x, y) => {
      const u = x / aspect;
      const smooth = blend(blend(corners[0], corners[1], u), blend(corners[2], corners[3], u), y);
      const share = smoothstep(0.9, 1.7, u + y) * 0.35;
      const px = Math.floor(x * 640);
      const py = Math.floor(y * 640);
      return smooth.map((v, c) => {
        const rough = 0.5 * hash(px, py, seed + c) + 0.5 * noise(x * 160, y * 160, seed + 9 + c);
        return v * (1 - share) + rough * share;
      }) as Rgb;
    };
  },
};
