import { dot } from '../font';
import { fbm, hash, noise, smoothstep } from '../noise';
import { blend, color, cover, scale } from '../scene';
import type { Rgb, SceneKind } from '../scene';

const words =
  'the light of a lamp falls on paper and every letter keeps its edge while smooth tones fade where ' +
  'bits are few so a picture of text is a hard one for codecs that love meadows rivers and clouds ' +
  'measure it twice then look at both prints side by side with your own eyes and say which is which';

/** A printed page on a session, slightly turned: sharp text in two sizes, a chart, uneven light. */
export const page: SceneKind = {
  grain: 0.8,
  vignette: 0.2,
  make(seed, aspect) {
    const list = words.split(' ');
    const wide = Math.max(0.62, aspect * 0.8);
    const columns = aspect > 1.2 ? 2 : 1;
    const gap = 0.05;
    const columnWidth = (wide - 0.1 - gap * (columns - 1)) / columns;
    const letter = 0.0105;
    const perLine = Math.floor(columnWidth / letter);
    const lineHeight = 0.0265;

    /** Line n of the text, words drawn by a hash, filled to the column's width. */
    const lines = Array.from({ length: 70 }, (_, n) => {
      let text = n % 9 === 0 ? '  ' : '';
      for (let k = 0; ; k++) {
        const word = list[Math.floor(hash(k, n, seed + 5) * list.length)]!;
        const capital = k === 0 && n % 9 === 0;
        const shown = capital ? word[0]!.toUpperCase() + word.slice(1) : word;
        if (text.length + shown.length + 2 > perLine || (n % 9 === 8 && k > 4)) break;
        text += shown + (hash(k, n, seed + 6) > 0.9 ? ', ' : ' ');
      }
      return n % 9 === 8 ? `${text.trim()}.` : text;
    });

    /** How dark the ink of a text is at (x, y) in glyph cells of 6 × 9 dots; edges one pixel soft. */
    const ink = (text: string, x: number, y: number, soft: number): number => {
      const at = Math.floor(x / 6);
      const char = text[at];
      if (!char || char === ' ') return 0;
      const u = x - 6 * at - 0.5;
      const v = y - 0.5;
      const iu = Math.floor(u);
      const iv = Math.floor(v);
      // Between dot centres the matrix is interpolated and cut at one half: dots grow together.
      const fu = u - iu;
      const fv = v - iv;
      const top = dot(char, iu, iv) * (1 - fu) + dot(char, iu + 1, iv) * fu;
      const low = dot(char, iu, iv + 1) * (1 - fu) + dot(char, iu + 1, iv + 1) * fu;
      const level = top * (1 - fv) + low * fv;
      const blur = Math.min(0.4, Math.max(0.05, 0.7 * soft));
      return smoothstep(0.42 - blur, 0.42 + blur, level);
    };

    const bar = (u: number, v: number, p: number): Rgb | undefined => {
      const n = Math.floor(u * 7);
      const within = u * 7 - n;
      if (n < 0 || n > 6 || v < 0 || v > 1) return undefined;
      const height = 0.25 + 0.7 * hash(n, 3, seed + 8);
      const inside = Math.max(Math.abs(within - 0.5) * 2 - 0.7, 1 - height - v);
      const tint = [color(0x2f6f9f), color(0xd98032), color(0x4e8f58)][n % 3]!;
      return inside < p ? tint : undefined;
    };

    const print = (x: number, y: number, pixel: number, paper: Rgb): Rgb => {
      const dark = color(0x1c1b1f);
      const title = 0.0036 * Math.min(1.6, wide);
      const head = ink(
        'Notes on Light, Rate and Error',
        (x - 0.05) / title,
        (y - 0.05) / title,
        pixel / title,
      );
      let light = blend(paper, dark, head);
      if (Math.abs(y - 0.105) < 0.0012 && x > 0.05 && x < wide - 0.05)
        light = blend(light, dark, 0.8);
      const column = Math.floor((x - 0.05) / (columnWidth + gap));
      if (column < 0 || column >= columns) return light;
      const cx = x - 0.05 - column * (columnWidth + gap);
      const last = column === columns - 1;
      const chart = bar((cx - 0.03) / (columnWidth - 0.06), (y - 0.62) / 0.22, pixel * 8);
      if (last && y > 0.6 && y < 0.86) {
        if (chart) light = blend(light, chart, 0.9);
        const axis = Math.min(Math.abs(y - 0.84), Math.abs(cx - 0.025));
        if (axis < 0.0012 && y < 0.842 && y > 0.61 && cx > 0.02 && cx < columnWidth - 0.02)
          return dark;
        return light;
      }
      const n = Math.floor((y - 0.13) / lineHeight);
      if (n < 0 || n > 28) return light;
      const size = letter / 6;
      const text = lines[n + 34 * column];
      if (!text) return light;
      return blend(
        light,
        dark,
        0.95 * ink(text, cx / size, (y - 0.13 - n * lineHeight) / size, pixel / size),
      );
    };

    const turn = 0.035;
    return (gx, gy, pixel) => {
      const mx = gx - aspect / 2;
      const my = gy - 0.5;
      const x = mx * Math.cos(turn) + my * Math.sin(turn) + wide / 2;
      const y = my * Math.cos(turn) - mx * Math.sin(turn) + 0.48;
      const grainLine = fbm(gx * 2, gy * 34 + 3 * fbm(gx * 2.4, gy * 3, seed + 2, 3), seed + 1, 5);
      const rings = blend(color(0x4d2f1c), color(0xa06f44), smoothstep(0.25, 0.75, grainLine));
      let light: Rgb = scale(rings, 0.85 + 0.3 * noise(gx * 260, gy * 40, seed + 3));
      const outside = Math.max(Math.abs(x - wide / 2) - wide / 2, Math.abs(y - 0.48) - 0.46);
      light = scale(light, 0.45 + 0.55 * smoothstep(0, 0.06, outside - 0.012 * (mx + my)));
      const fibre =
        0.97 + 0.05 * noise(x * 300, y * 300, seed + 4) * noise(x * 40, y * 40, seed + 5);
      const paper = scale(color(0xf6f1e6), fibre);
      light = blend(light, print(x, y, pixel, paper), cover(outside, pixel));
      return scale(light, 1.06 - 0.34 * smoothstep(0, 1.6, gx / aspect + gy * 0.7));
    };
  },
};
