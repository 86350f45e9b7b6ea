import { LaviError } from '../api/errors';
import { CROP } from './vae';

interface Rgb {
  width: number;
  height: number;
  rgb: Uint8Array;
}

/**
 * A crop of 64 × 64 pixels as they are.
 *
 * @param at its upper left corner; its middle is the photo's when left out
 * @throws LaviError BAD_REQUEST if the photo is smaller, or the crop not within it
 */
export function cropOf({ width, height, rgb }: Rgb, at?: { x: number; y: number }): Uint8Array {
  const x = at?.x ?? Math.floor((width - CROP) / 2);
  const y = at?.y ?? Math.floor((height - CROP) / 2);
  if (x < 0 || y < 0 || x + CROP > width || y + CROP > height) {
    throw new LaviError(
      'BAD_REQUEST',
      `Expected a crop of ${CROP} × ${CROP} within ${width} × ${height} and found one at ${x}, ${y}.`,
    );
  }
  const out = new Uint8Array(3 * CROP * CROP);
  for (let row = 0; row < CROP; row++) {
    const from = 3 * ((y + row) * width + x);
    out.set(rgb.subarray(from, from + 3 * CROP), 3 * CROP * row);
  }
  return out;
}
