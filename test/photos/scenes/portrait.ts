import { clamp, fbm, hash, noise, smoothstep } from '../noise';
import { add, blend, color, cover, scale } from '../scene';
import type { Rgb, SceneKind } from '../scene';

/** Two people of simple shapes before a blurred garden: skin, hair, eyes, cloth, soft shadows. */
export const portrait: SceneKind = {
  grain: 1,
  vignette: 0.3,
  make(seed, aspect) {
    const skins = [0xe8b796, 0x8d5b3f, 0xf1cdb0, 0xb98160, 0x5f3b29].map(color);
    const hairs = [0x2a1c14, 0x6e4423, 0xc79a52, 0x15120f, 0x8c2f1c].map(color);
    const cloths = [0x2f5d8a, 0xa33b3b, 0x3d7a57, 0xe0d4bd, 0x6a4f86].map(color);
    const pick = <T>(list: T[], n: number): T => list[Math.floor(hash(n, 7, seed) * list.length)]!;

    const garden = (x: number, y: number): Rgb => {
      let light = blend(
        color(0x6f8f4e),
        color(0x223a22),
        smoothstep(0.1, 0.9, fbm(x * 2, y * 2, seed + 2, 3)),
      );
      light = blend(light, color(0xcfdfe4), smoothstep(0.42, 0.1, y) * 0.5);
      for (let n = 0; n < 26; n++) {
        const r = 0.025 + 0.05 * hash(n, 1, seed + 3);
        const d = Math.hypot(x - aspect * hash(n, 2, seed + 3), y - 0.85 * hash(n, 3, seed + 3));
        const tint = [color(0xfff0c0), color(0xbfe39a), color(0xffd0b8)][n % 3]!;
        light = add(
          light,
          tint,
          0.2 * smoothstep(r, r * 0.86, d) * (0.7 + 0.3 * smoothstep(0, r, d)),
        );
      }
      return light;
    };

    const person = (cx: number, cy: number, size: number, n: number) => {
      const skin = pick(skins, 10 * n);
      const hair = pick(hairs, 10 * n + 1);
      const cloth = pick(cloths, 10 * n + 2);
      const long = hash(n, 8, seed) > 0.45;
      const iris = pick([0x3b5d7a, 0x4d3219, 0x4b6b3c].map(color), 10 * n + 3);
      return (gx: number, gy: number, pixel: number, behind: Rgb): Rgb => {
        const x = (gx - cx) / size;
        const y = (gy - cy) / size;
        const p = pixel / size;
        let light = behind;
        const ellipse = (ex: number, ey: number, rx: number, ry: number): number =>
          (Math.hypot((x - ex) / rx, (y - ey) / ry) - 1) * Math.min(rx, ry);
        const paint = (d: number, tint: Rgb, soft = 0): void => {
          light = blend(light, tint, soft ? smoothstep(soft, -soft, d) : cover(d, p));
        };
        const strands = noise(x * 130 + 20 * y * Math.sign(x), y * 7 + 3 * x * x, seed + 20 + n);
        const strand = scale(
          hair,
          0.55 + 0.9 * strands * strands + 0.35 * smoothstep(-0.2, -0.75, y + Math.abs(x + 0.25)),
        );
        // Hair behind, shoulders, neck.
        if (long) paint(Math.max(ellipse(0, 0.05, 0.66, 0.98), y - 0.95), scale(strand, 0.55));
        const fold = fbm(x * 3, y * 1.4, seed + 30 + n, 4);
        const weave = 0.9 + 0.2 * noise(x * 110, y * 110, seed + 31);
        const side = clamp(1.05 - 0.45 * x);
        paint(ellipse(0, 2.05, 1.25, 1.12), scale(cloth, (0.45 + 0.75 * fold) * weave * side));
        paint(
          Math.max(Math.abs(x) - 0.24 - 0.1 * smoothstep(0.8, 1.1, y), Math.abs(y - 0.8) - 0.36),
          scale(skin, 0.55 + 0.2 * side),
        );
        paint(ellipse(0, 1.12, 0.36, 0.12), scale(skin, 0.72));
        // Head: an ellipsoid lit from the upper left; its jaw narrows.
        const narrow = 0.56 - 0.13 * smoothstep(0.15, 0.7, y);
        const head = ellipse(0, 0, narrow, 0.74);
        for (const s of [-1, 1])
          paint(ellipse(s * 0.55, 0.06, 0.08, 0.15), scale(skin, 0.75 - 0.12 * s));
        const nx = x / narrow;
        const ny = y / 0.74;
        const nz = Math.sqrt(clamp(1 - nx * nx - ny * ny));
        const lambert = clamp(-0.5 * nx - 0.42 * ny + 0.76 * nz);
        const pores = 0.97 + 0.06 * noise(x * 140, y * 140, seed + 40);
        let face = scale(skin, (0.3 + 0.85 * lambert) * pores);
        face = add(face, color(0xfff4e8), 0.22 * clamp(-0.35 * nx - 0.4 * ny + 0.85 * nz) ** 18);
        const blush = Math.exp(-(((Math.abs(x) - 0.27) / 0.14) ** 2) - ((y - 0.24) / 0.11) ** 2);
        face = blend(face, [face[0] * 1.05, face[1] * 0.72, face[2] * 0.7], 0.5 * blush);
        paint(head, face);
        if (head < 0.02) {
          // Nose: a lit ridge, a shadow to its right and below.
          paint(ellipse(0.075, 0.14, 0.05, 0.2), scale(face, 0.8), 0.04);
          paint(ellipse(-0.02, 0.16, 0.022, 0.16), blend(face, color(0xfff4e8), 0.22), 0.02);
          paint(ellipse(0.01, 0.285, 0.1, 0.03), scale(face, 0.68), 0.022);
          for (const s of [-1, 1])
            paint(ellipse(s * 0.05, 0.285, 0.022, 0.012), scale(face, 0.3), 0.01);
          for (const s of [-1, 1]) {
            const ex = s * 0.225;
            paint(ellipse(ex, -0.06, 0.15, 0.085), scale(face, 0.82), 0.04);
            const lid = Math.max(ellipse(ex, 0.0, 0.115, 0.1), ellipse(ex, -0.11, 0.15, 0.14));
            paint(lid, scale([0.82, 0.8, 0.77], 0.75 + 0.25 * smoothstep(-0.08, 0, y)));
            const look = Math.max(ellipse(ex + 0.012, -0.045, 0.052, 0.052), lid);
            const ring = Math.hypot(x - ex - 0.012, y + 0.045) / 0.052;
            paint(
              look,
              scale(iris, 0.5 + 0.7 * noise(Math.atan2(y + 0.045, x - ex) * 12, ring, seed) * ring),
            );
            paint(Math.max(ellipse(ex + 0.012, -0.045, 0.023, 0.023), lid), [0.004, 0.004, 0.004]);
            paint(ellipse(ex - 0.008, -0.066, 0.011, 0.011), [1, 1, 1], 0.005);
            const lash = Math.abs(lid) - 0.007 - 0.008 * smoothstep(-0.05, -0.09, y);
            paint(lash, scale(hair, 0.25), 0.005);
            const arch = y + 0.2 - 0.05 * ((x - ex) / 0.15) ** 2 + 0.01;
            const brow = Math.max(Math.abs(arch) - 0.026, Math.abs(x - ex) - 0.15);
            paint(brow, scale(hair, 0.5 + 0.6 * strands), 0.014);
          }
          const smile = 0.43 - 0.35 * x * x;
          const lips = Math.max(
            Math.abs(y - smile) - 0.045 * (1 - (x / 0.19) ** 2),
            Math.abs(x) - 0.19,
          );
          paint(lips, blend([face[0] * 0.8, face[1] * 0.38, face[2] * 0.4], face, 0.25), 0.008);
          paint(
            Math.max(Math.abs(y - smile) - 0.006, Math.abs(x) - 0.18),
            scale(face, 0.22),
            0.006,
          );
          paint(ellipse(-0.03, smile + 0.022, 0.06, 0.009), scale(face, 1.15), 0.01);
          paint(ellipse(0, 0.535, 0.09, 0.02), scale(face, 0.8), 0.025);
        }
        // Hair in front: a cap above a parting line, with a soft shadow on the brow.
        const cap = ellipse(0, -0.1, 0.615, 0.72);
        const line = y + 0.3 - 0.75 * (x + 0.14) ** 2 * (x > -0.14 ? 0.9 : 1.6);
        const fringe = Math.max(cap, line + 0.03 * (strands - 0.5));
        if (head < 0) light = scale(light, 1 - 0.35 * smoothstep(0.1, 0, fringe));
        paint(fringe, strand, 0.012);
        if (long)
          for (const s of [-1, 1]) paint(ellipse(s * 0.56, 0.35, 0.13, 0.62), strand, 0.015);
        return light;
      };
    };

    const people = [person(aspect * 0.33, 0.4, 0.29, 1), person(aspect * 0.68, 0.46, 0.27, 2)];
    return (x, y, pixel) => people.reduce((behind, one) => one(x, y, pixel, behind), garden(x, y));
  },
};
