import type { Pixels } from './baselines';
import { sharp, written } from './sharp';

/**
 * Encodes as lossless WebP, to compare sizes with. Effort 6 is libwebp's slowest.
 *
 * @returns the file, or undefined if a side is over WebP's 16,383 pixels
 */
export async function encodeLosslessWebp(
  { width, height, rgb }: Pixels,
  effort = 6,
): Promise<Uint8Array | undefined> {
  if (width > 16_383 || height > 16_383) return undefined;
  const input = { raw: { width, height, channels: 3 }, limitInputPixels: false } as const;
  return written(sharp(rgb, input).webp({ lossless: true, effort }));
}
