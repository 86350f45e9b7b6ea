import { LaviError } from '../api/errors';

/** A segmentation in memory. */
export interface LabelMap {
  width: number;
  height: number;
  /** One label a pixel, row by row, width · height of them, 0…65,535. */
  labels: Uint16Array;
  /** RGBA of label i at 4·i; may be shorter or longer than the labels present. */
  palette?: Uint8Array;
  /** Class name by label; labels without a name are left out. */
  names?: Record<number, string>;
  /** The label that means "not labelled". */
  voidLabel?: number;
}

/** The longest side that the file format can express. */
export const maxSide = 65_535;

/** Pixels that this program takes on: 2²⁸, two bytes each. */
export const maxPixels = 2 ** 28;

/**
 * Refuses sizes that the format or this program cannot hold, before anything of that size is made.
 *
 * @throws LaviError IMAGE_TOO_LARGE, naming the limit; CORRUPT for a size of 0.
 */
export function checkSize(width: number, height: number, limit = maxPixels): void {
  if (width < 1 || height < 1) {
    throw new LaviError('CORRUPT', `A label map of ${width} × ${height} pixels cannot exist.`);
  }
  if (width > maxSide || height > maxSide) {
    throw new LaviError(
      'IMAGE_TOO_LARGE',
      `A label map's sides are at most ${maxSide} pixels; found ${width} × ${height}.`,
      { limit: maxSide, width, height },
    );
  }
  if (width * height > limit) {
    const megapixels = (pixels: number) => `${(pixels / 1e6).toFixed(1)} megapixels`;
    throw new LaviError(
      'IMAGE_TOO_LARGE',
      `This program takes label maps of at most ${megapixels(limit)}; ` +
        `${width} × ${height} are ${megapixels(width * height)}.`,
      { limit, width, height },
    );
  }
}

/** The labels that occur, ascending. */
export function presentLabels(labels: Uint16Array): Uint16Array {
  const seen = new Uint8Array(65_536);
  for (let i = 0; i < labels.length; i++) seen[labels[i]!] = 1;
  let count = 0;
  for (const flag of seen) count += flag;
  const present = new Uint16Array(count);
  let next = 0;
  for (let label = 0; label < seen.length; label++) if (seen[label]) present[next++] = label;
  return present;
}

/** Replaces labels by their rank among `present`, so that a model deals with 0…L−1 only. */
export function toRanks(labels: Uint16Array, present: Uint16Array): Uint16Array {
  const rank = new Uint16Array(65_536);
  present.forEach((label, i) => (rank[label] = i));
  const ranks = new Uint16Array(labels.length);
  for (let i = 0; i < labels.length; i++) ranks[i] = rank[labels[i]!]!;
  return ranks;
}

/** Undoes `toRanks` in place. */
export function fromRanks(ranks: Uint16Array, present: Uint16Array): Uint16Array {
  for (let i = 0; i < ranks.length; i++) ranks[i] = present[ranks[i]!]!;
  return ranks;
}

/** Pairs of pixels side by side or one above the other whose labels differ. */
export function countBoundaryEdges({ width, height, labels }: LabelMap): number {
  let edges = 0;
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (x > 0 && labels[i] !== labels[i - 1]) edges++;
      if (y > 0 && labels[i] !== labels[i - width]) edges++;
    }
  }
  return edges;
}
