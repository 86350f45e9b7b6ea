import { cropRgb } from '../../image/tile';
import type { Windows } from '../../rda/tiles';
import { patchWindows, smallWindows } from '../../rda/tiles';
import type { Picture } from '../../rda/transforms';

export interface Sheet {
  picture: Picture;
  /** The picture is the photo. */
  whole: boolean;
  /** How nets take it: a patch at a time, or small parts of the photo. */
  windows: Windows;
}

/** The side of the patches that charts are measured on. */
const PATCH = 512;

/**
 * The pixels that charts are measured on: the photo, or, of large ones (above 2 megapixels), eight of
 * its patches of 512 × 512, spread evenly (4 × 2, lying as the photo does) and laid side by side into
 * one picture.
 *
 * @param patch the patches' side; a photo stands for itself up to the area of eight of them
 */
export function sheetOf(photo: Picture, patch = PATCH): Sheet {
  const { width, height } = photo;
  const [columns, rows] = width >= height ? [4, 2] : [2, 4];
  const small = width < columns * patch || height < rows * patch;
  if (small || width * height <= columns * rows * patch ** 2)
    return { picture: photo, whole: true, windows: smallWindows };
  const picture = {
    width: columns * patch,
    height: rows * patch,
    rgb: new Uint8Array(columns * rows * patch * patch * 3),
  };
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      // Evenly spread, with half a gap at either edge.
      const x = Math.round(((column + 0.5) * (width - columns * patch)) / columns) + column * patch;
      const y = Math.round(((row + 0.5) * (height - rows * patch)) / rows) + row * patch;
      const cut = cropRgb(photo, { x, y, w: patch, h: patch });
      for (let line = 0; line < patch; line++) {
        const to = ((row * patch + line) * picture.width + column * patch) * 3;
        picture.rgb.set(cut.subarray(line * patch * 3, (line + 1) * patch * 3), to);
      }
    }
  }
  return { picture, whole: false, windows: patchWindows(patch) };
}
