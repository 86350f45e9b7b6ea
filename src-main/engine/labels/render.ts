import type { Samples } from '../../image/tile';
import type { Rectangle } from '../common/decoded';

interface Size {
  width: number;
  height: number;
}

/** So many pixels across are averaged, at most, for one of a smaller level. */
const ACROSS = 4;

/**
 * Labels in their colours. A pixel of level n is the mean of pixels spread over its 2ⁿ × 2ⁿ.
 *
 * @param colours RGBA by label
 */
export function labelPicture(
  labels: Uint16Array,
  size: Size,
  colours: Uint8Array,
  place: Rectangle,
  level: number,
): Samples {
  const data = new Uint8Array(place.w * place.h * 4);
  const scale = 2 ** level;
  const step = Math.max(1, scale / ACROSS);
  for (let row = 0, to = 0; row < place.h; row++) {
    for (let column = 0; column < place.w; column++, to += 4) {
      const left = (place.x + column) * scale;
      const top = (place.y + row) * scale;
      const right = Math.min(size.width, left + scale);
      const bottom = Math.min(size.height, top + scale);
      const sum = [0, 0, 0, 0];
      let count = 0;
      for (let y = top; y < bottom; y += step) {
        for (let x = left; x < right; x += step, count++) {
          const from = 4 * labels[y * size.width + x]!;
          for (let c = 0; c < 4; c++) sum[c]! += colours[from + c]!;
        }
      }
      for (let c = 0; c < 4; c++) data[to + c] = Math.round(sum[c]! / count);
    }
  }
  return { width: place.w, height: place.h, channels: 4, data };
}

/**
 * Marks: a pixel of level n shows the first mark among its 2ⁿ × 2ⁿ, so that none gets lost; what has
 * none is transparent.
 *
 * @param mark writes the RGBA of the pixel `index` of the map, if it has a mark
 */
export function markPicture(
  size: Size,
  place: Rectangle,
  level: number,
  mark: (index: number, data: Uint8Array, to: number) => boolean,
): Samples {
  const data = new Uint8Array(place.w * place.h * 4);
  const scale = 2 ** level;
  for (let row = 0, to = 0; row < place.h; row++) {
    const top = (place.y + row) * scale;
    const bottom = Math.min(size.height, top + scale);
    for (let column = 0; column < place.w; column++, to += 4) {
      const left = (place.x + column) * scale;
      const right = Math.min(size.width, left + scale);
      search: for (let y = top; y < bottom; y++) {
        for (let index = y * size.width + left; index < y * size.width + right; index++) {
          if (mark(index, data, to)) break search;
        }
      }
    }
  }
  return { width: place.w, height: place.h, channels: 4, data };
}

/** Marks the points of `mask` in the colours of their labels, made bright: they stand on dark ground. */
export function pointMarks(mask: Uint8Array, labels: Uint16Array, colours: Uint8Array) {
  return (index: number, data: Uint8Array, to: number) => {
    if (mask[index] === 0) return false;
    const from = 4 * labels[index]!;
    const brightest = Math.max(colours[from]!, colours[from + 1]!, colours[from + 2]!);
    for (let c = 0; c < 3; c++) {
      data[to + c] = brightest > 0 ? Math.round((255 * colours[from + c]!) / brightest) : 255;
    }
    data[to + 3] = 255;
    return true;
  };
}

/** Marks borders: white on the upper or left pixel of a pair that differs, black on the other. */
export function edgeMarks(labels: Uint16Array, width: number) {
  return (index: number, data: Uint8Array, to: number) => {
    const label = labels[index]!;
    const x = index % width;
    const below = labels[index + width];
    const above = labels[index - width];
    const first =
      (x + 1 < width && labels[index + 1] !== label) || (below !== undefined && below !== label);
    const second =
      (x > 0 && labels[index - 1] !== label) || (above !== undefined && above !== label);
    if (!first && !second) return false;
    data.fill(first ? 255 : 0, to, to + 3);
    data[to + 3] = first ? 235 : 140;
    return true;
  };
}

/** Darkens all labels but one. */
export function otherMarks(labels: Uint16Array, label: number) {
  return (index: number, data: Uint8Array, to: number) => {
    // The first pixel decides: marks of what is not there would cover small regions.
    if (labels[index] !== label) data[to + 3] = 190;
    return true;
  };
}
