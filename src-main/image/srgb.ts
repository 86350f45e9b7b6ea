import { pngWithMetadata } from './containers/png';
import { readPhoto } from './photo';
import type { Photo } from './photo';
import { sharp, written } from './sharp';

/** Pixels converted at once: what the conversion holds beside the photo is a few times this. */
const STRIP = 1 << 20;

/**
 * A photo's colours in sRGB, for models that reason about colours instead of keeping samples. A photo without a profile is
 * sRGB already and returned as it is; else its samples are converted through the profile (relative colorimetric, what lies
 * outside sRGB clipped), strip by strip, and the profile is left out.
 *
 * @throws LaviError INTERNAL where the profile cannot be used
 */
export async function inSrgb(photo: Photo): Promise<Photo> {
  const { icc, ...rest } = photo;
  if (!icc) return photo;
  const { width, height } = photo;
  const rgb = new Uint8Array(photo.rgb.length);
  const rows = Math.max(1, Math.floor(STRIP / width));
  for (let y = 0; y < height; y += rows) {
    const high = Math.min(rows, height - y);
    const from = 3 * y * width;
    const strip = photo.rgb.subarray(from, from + 3 * high * width);
    const raw = { width, height: high, channels: 3 } as const;
    // A profile counts only inside a file.
    const png = await written(sharp(strip, { raw }).png({ compressionLevel: 0 }));
    rgb.set(await written(sharp(pngWithMetadata(png, { icc })).toColourspace('srgb').raw()), from);
  }
  return { ...rest, rgb };
}

/** `readPhoto`, in sRGB: see `inSrgb`. */
export const readSrgbPhoto = async (path: string): Promise<Photo> => inSrgb(await readPhoto(path));
