import { fromLab } from '../image/lab';
import type { Placement } from './frame';
import { cellCount } from './frame';
import type { ColorManifest } from './manifest';
import type { Labels } from './model';

/** Lightness at which a label's colour is shown. */
const SHOWN_L = 62;

/** A label map of any size, as the Labels room reads and writes them. */
export interface LabelPicture {
  width: number;
  height: number;
  labels: Uint16Array;
  voidLabel?: number;
}

/** RGBA of each label: its mean chroma at one lightness. */
export function labelPalette({ labels }: ColorManifest): Uint8Array {
  const rgba = new Uint8Array(4 * labels.length).fill(255);
  labels.forEach(({ chroma: [a, b] }, i) => fromLab(SHOWN_L, a, b, rgba, 4 * i));
  return rgba;
}

/** Name of each label by its number. */
export const labelNames = ({ labels }: ColorManifest): Record<number, string> =>
  Object.fromEntries(labels.map(({ name }, i) => [i, name]));

/** Cells enlarged to a size in pixels, each pixel with the label of the cell that it lies in. */
export function enlarged(
  labels: Labels,
  { columns, rows }: Placement,
  width: number,
  height: number,
): Uint16Array {
  const out = new Uint16Array(width * height);
  for (let y = 0, i = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * rows) / height) * columns;
    for (let x = 0; x < width; x++, i++) {
      out[i] = labels[row + Math.floor(((x + 0.5) * columns) / width)]!;
    }
  }
  return out;
}

/**
 * A map of any size as labels of cells: the label that most of a cell's pixels have, −1 (free) where
 * that is the void label or none of the model's.
 */
export function cellLabels(map: LabelPicture, place: Placement, known: number): Labels {
  const { columns, rows } = place;
  const { width, height, labels, voidLabel } = map;
  const out: Labels = new Int16Array(cellCount(place)).fill(-1);
  const votes = new Uint32Array(known + 1);
  for (let cell = 0; cell < out.length; cell++) {
    const left = Math.floor(((cell % columns) * width) / columns);
    const right = Math.max(left + 1, Math.floor((((cell % columns) + 1) * width) / columns));
    const row = Math.floor(cell / columns);
    const top = Math.floor((row * height) / rows);
    const bottom = Math.max(top + 1, Math.floor(((row + 1) * height) / rows));
    votes.fill(0);
    for (let y = top; y < Math.min(bottom, height); y++) {
      for (let x = left; x < Math.min(right, width); x++) {
        const label = labels[y * width + x]!;
        votes[label === voidLabel || label >= known ? known : label]!++;
      }
    }
    const most = votes.indexOf(Math.max(...votes));
    out[cell] = most === known ? -1 : most;
  }
  return out;
}
