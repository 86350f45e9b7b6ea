import { toOklab } from '../image/oklab';
import type { Points } from './points';

interface Rgb {
  width: number;
  height: number;
  /** Interleaved, width · height · 3. */
  rgb: Uint8Array;
}

/** Every pixel of a picture as a point in OKLab. */
export function pixelColours({ width, height, rgb }: Rgb): Points {
  const values = new Float64Array(3 * width * height);
  for (let at = 0; at < values.length; at += 3) {
    toOklab(rgb[at]!, rgb[at + 1]!, rgb[at + 2]!, values, at);
  }
  return { values, size: 3 };
}

/**
 * Every pixel of a picture with its place: L, a, b, x, y. The longer side counts for `place`, whatever
 * the picture's size.
 *
 * @param of the row of a larger picture that this one begins with, and that picture's longer side
 */
export function placedPixels(
  { width, height, rgb }: Rgb,
  place: number,
  of = { y: 0, side: Math.max(width, height) },
): Points {
  const values = new Float64Array(5 * width * height);
  const unit = place / of.side;
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      toOklab(rgb[3 * i]!, rgb[3 * i + 1]!, rgb[3 * i + 2]!, values, 5 * i);
      values[5 * i + 3] = (x + 0.5) * unit;
      values[5 * i + 4] = (of.y + y + 0.5) * unit;
    }
  }
  return { values, size: 5 };
}
