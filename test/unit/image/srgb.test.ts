import { describe, expect, it } from 'vitest';
import type { Photo } from '../../../src-main/image/photo';
import { inSrgb } from '../../../src-main/image/srgb';
import { pattern, profile } from './samples';

const photoOf = (width: number, height: number, rgb: Uint8Array, icc?: Uint8Array): Photo => ({
  ...{ width, height, rgb, ...(icc && { icc }) },
  source: { format: 'png', depth: 8, bytes: 1 },
});

/** sRGB's curve and back (IEC 61966-2-1). */
const linear = (v: number) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
const curved = (v: number) => (v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055);
/** Display P3 to sRGB, both of linear light: the product of the two spaces' matrices to XYZ, whose white is the same. */
const P3_TO_SRGB = [
  [1.2249, -0.2247, 0],
  [-0.042, 1.0419, 0],
  [-0.0197, -0.0786, 1.0979],
];

function fromP3(rgb: readonly number[]): number[] {
  const light = rgb.map((v) => linear(v / 255));
  return P3_TO_SRGB.map((row) => {
    const sum = row.reduce((s, weight, i) => s + weight * light[i]!, 0);
    return 255 * curved(Math.max(0, Math.min(1, sum)));
  });
}

describe('inSrgb', () => {
  it('converts Display P3 by its matrix and leaves the profile out', async () => {
    const [width, height] = [40, 30];
    const rgb = pattern(width, height);
    const photo = await inSrgb(photoOf(width, height, rgb, await profile('p3')));
    expect(photo.icc).toBeUndefined();
    // libvips rounds on its way, most where light is least.
    const errors = [photo.rgb, rgb].map((samples) => {
      let sum = 0;
      for (let at = 0; at < rgb.length; at += 3) {
        const expected = fromP3([...rgb.subarray(at, at + 3)]);
        for (const [c, value] of expected.entries()) sum += Math.abs(samples[at + c]! - value);
      }
      return sum / rgb.length;
    });
    expect(errors[0]).toBeLessThan(1);
    expect(errors[1]).toBeGreaterThan(5);
  });

  it('gives the same for a photo of many strips as for its rows alone', async () => {
    const [width, height] = [1024, 1030];
    const rgb = pattern(width, height);
    const icc = await profile('p3');
    const photo = await inSrgb(photoOf(width, height, rgb, icc));
    for (const y of [0, 1023, 1024, 1029]) {
      const row = rgb.slice(3 * y * width, 3 * (y + 1) * width);
      const alone = await inSrgb(photoOf(width, 1, row, icc));
      const within = photo.rgb.subarray(3 * y * width, 3 * (y + 1) * width);
      expect(Buffer.compare(alone.rgb, within)).toBe(0);
    }
  });

  it('returns a photo without a profile as it is', async () => {
    const photo = photoOf(8, 8, pattern(8, 8));
    expect(await inSrgb(photo)).toBe(photo);
  });
});
