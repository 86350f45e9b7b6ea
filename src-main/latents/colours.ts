import { toOklab } from '../image/oklab';
import type { Points } from './points';

/** The distinct colours of a photo as points in OKLab, counted: EM on them is EM on all its pixels. */
export interface Colours extends Points {
  counts: Float64Array;
  /** 8-bit sRGB of each, as 0xRRGGBB, rising. */
  codes: Uint32Array;
}

/** @param rgb interleaved, 8-bit sRGB */
export function distinctColours(rgb: Uint8Array): Colours {
  const pixels = new Uint32Array(2 ** 24);
  for (let i = 0; i < rgb.length; i += 3) {
    pixels[(rgb[i]! << 16) | (rgb[i + 1]! << 8) | rgb[i + 2]!]!++;
  }
  let total = 0;
  for (const count of pixels) if (count > 0) total++;
  const codes = new Uint32Array(total);
  const counts = new Float64Array(total);
  const values = new Float64Array(3 * total);
  let at = 0;
  for (let code = 0; code < pixels.length; code++) {
    if (pixels[code] === 0) continue;
    codes[at] = code;
    counts[at] = pixels[code]!;
    toOklab(code >> 16, (code >> 8) & 255, code & 255, values, 3 * at);
    at++;
  }
  return { values, size: 3, counts, codes };
}

/**
 * So many of the photo's pixels, as points: evenly spaced in the order of their colours, so that every
 * region of colour has its share.
 */
export function samplePixels({ values, counts }: Colours, count: number): Points {
  const total = counts.reduce((sum, one) => sum + one, 0);
  const sample = new Float64Array(3 * count);
  let index = 0;
  let passed = counts[0]!;
  for (let i = 0; i < count; i++) {
    const place = ((i + 0.5) / count) * total;
    while (passed <= place && index < counts.length - 1) passed += counts[++index]!;
    sample.set(values.subarray(3 * index, 3 * index + 3), 3 * i);
  }
  return { values: sample, size: 3 };
}
