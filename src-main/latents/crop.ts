import { LaviError } from '../api/errors';
import { cropRgb } from '../image/tile';
import { CROP } from './vae';

interface Rgb {
  width: number;
  height: number;
  rgb: Uint8Array;
}

/**
 * The upper left corner of a crop of 64 × 64 pixels.
 *
 * @param at the corner that is wanted; the crop is in the photo's middle when left out
 * @throws LaviError BAD_REQUEST if the photo is smaller, or the crop not within it
 */
export function cornerOf(
  { width, height }: { width: number; height: number },
  at?: { x: number; y: number },
): { x: number; y: number } {
  const x = at?.x ?? Math.floor((width - CROP) / 2);
  const y = at?.y ?? Math.floor((height - CROP) / 2);
  if (x < 0 || y < 0 || x + CROP > width || y + CROP > height) {
    throw new LaviError(
      'BAD_REQUEST',
      `Expected a crop of ${CROP} × ${CROP} within ${width} × ${height} and found one at ${x}, ${y}.`,
    );
  }
  return { x, y };
}

/** The pixels of the crop at `cornerOf`, as they are. */
export function cropOf(photo: Rgb, at?: { x: number; y: number }): Uint8Array {
  const { x, y } = cornerOf(photo, at);
  return cropRgb(photo, { x, y, w: CROP, h: CROP });
}
