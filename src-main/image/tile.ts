import { pngWithMetadata } from './containers/png';
import { sharp, written } from './sharp';

/** Interleaved 8-bit samples: 3 channels RGB, 4 with opacity. */
export interface Samples {
  width: number;
  height: number;
  channels: 3 | 4;
  data: Uint8Array;
}

/**
 * Encodes a part of a picture for the screen, losslessly and quickly: as PNG.
 *
 * @param icc the profile of the samples; sRGB when left out
 */
export async function encodeTile(
  { width, height, channels, data }: Samples,
  icc?: Uint8Array,
): Promise<Uint8Array> {
  const image = sharp(data, { raw: { width, height, channels }, limitInputPixels: false });
  const png = await written(image.png({ compressionLevel: 2, adaptiveFiltering: false }));
  return pngWithMetadata(png, { ...(icc && { icc }) });
}

/** A copy of a rectangle of RGB samples. */
export function cropRgb(
  picture: { width: number; rgb: Uint8Array },
  { x, y, w, h }: { x: number; y: number; w: number; h: number },
): Uint8Array {
  const out = new Uint8Array(w * h * 3);
  for (let row = 0; row < h; row++) {
    const from = ((y + row) * picture.width + x) * 3;
    out.set(picture.rgb.subarray(from, from + w * 3), row * w * 3);
  }
  return out;
}

/**
 * Half the size, each sample the mean of 2 × 2; an odd last column or row is averaged with itself.
 *
 * @returns ⌈width / 2⌉ × ⌈height / 2⌉
 */
export function halveRgb(picture: { width: number; height: number; rgb: Uint8Array }): {
  width: number;
  height: number;
  rgb: Uint8Array;
} {
  const width = Math.ceil(picture.width / 2);
  const height = Math.ceil(picture.height / 2);
  const rgb = new Uint8Array(width * height * 3);
  const from = picture.rgb;
  for (let y = 0; y < height; y++) {
    const top = 2 * y * picture.width;
    const bottom = Math.min(2 * y + 1, picture.height - 1) * picture.width;
    for (let x = 0; x < width; x++) {
      const left = 2 * x;
      const right = Math.min(left + 1, picture.width - 1);
      const to = (y * width + x) * 3;
      for (let c = 0; c < 3; c++) {
        rgb[to + c] =
          (from[(top + left) * 3 + c]! +
            from[(top + right) * 3 + c]! +
            from[(bottom + left) * 3 + c]! +
            from[(bottom + right) * 3 + c]! +
            2) >>
          2;
      }
    }
  }
  return { width, height, rgb };
}
