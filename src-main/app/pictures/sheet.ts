import { cropRgb } from '../../image/tile';
import type { Picture } from '../../rda/transforms';

/** Photos up to this size stand for themselves in charts. */
const WHOLE_PIXELS = 2_000_000;
const PATCH = 512;

/**
 * The pixels that charts are measured on: the photo, or, above 2 megapixels, eight of its patches of
 * 512 × 512, spread evenly (4 × 2, lying as the photo does) and laid side by side into one picture.
 */
export function sheetOf(photo: Picture): { picture: Picture; whole: boolean } {
  const { width, height } = photo;
  const [columns, rows] = width >= height ? [4, 2] : [2, 4];
  const small = width < columns * PATCH || height < rows * PATCH;
  if (width * height <= WHOLE_PIXELS || small) return { picture: photo, whole: true };
  const picture = {
    width: columns * PATCH,
    height: rows * PATCH,
    rgb: new Uint8Array(columns * rows * PATCH * PATCH * 3),
  };
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      // Evenly spread, with half a gap at either edge.
      const x = Math.round(((column + 0.5) * (width - columns * PATCH)) / columns) + column * PATCH;
      const y = Math.round(((row + 0.5) * (height - rows * PATCH)) / rows) + row * PATCH;
      const patch = cropRgb(photo, { x, y, w: PATCH, h: PATCH });
      for (let line = 0; line < PATCH; line++) {
        const to = ((row * PATCH + line) * picture.width + column * PATCH) * 3;
        picture.rgb.set(patch.subarray(line * PATCH * 3, (line + 1) * PATCH * 3), to);
      }
    }
  }
  return { picture, whole: false };
}
