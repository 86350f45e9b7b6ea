import { lightnessOf, toLab } from '../image/lab';
import type { Photo } from '../image/photo';
import { resample } from './resample';

/** Sides of the network's frame in pixels, of a label's cell, and of the grid in cells. */
export const FRAME = 256;
export const CELL = 8;
export const GRID = FRAME / CELL;
/** Chroma samples a side of a cell, and in a cell. */
export const SIDE = 4;
export const SAMPLES = SIDE * SIDE;

/** Where a photo lies in the frame: scaled so that its longer side fills it, on whole cells. */
export interface Placement {
  /** The photo in cells. */
  columns: number;
  rows: number;
  /** Its top left cell in the grid. */
  left: number;
  top: number;
}

/** The photo as the network sees it. */
export interface Frame extends Placement {
  /** Luma [256, 256] in −1…1, 0 outside the photo. */
  luma: Float32Array;
  /** 1 where a cell is photo [32, 32]. */
  inside: Float32Array;
  /** L 0…100 on the chroma grid of the photo [4·rows, 4·columns]. */
  light: Float32Array;
}

export function placementOf(width: number, height: number): Placement {
  const scale = GRID / Math.max(width, height);
  const [columns, rows] = [width, height].map((side) => Math.max(1, Math.round(side * scale))) as [
    number,
    number,
  ];
  return { columns, rows, left: (GRID - columns) >> 1, top: (GRID - rows) >> 1 };
}

/** Cells of the photo, in rows: the room's arrays of labels are indexed so. */
export const cellCount = ({ columns, rows }: Placement): number => columns * rows;

/** The place in the grid of the photo's cell `index`. */
export const gridIndex = ({ columns, left, top }: Placement, index: number): number =>
  (top + Math.floor(index / columns)) * GRID + left + (index % columns);

/**
 * L of a photo in the frame. A faded photo is stretched for the network (its own pixels stay as they
 * are): where 98 % of its lightness lies in less than 70 units, these become 5…95.
 */
export function frameOf(photo: Pick<Photo, 'width' | 'height' | 'rgb'>): Frame {
  const place = placementOf(photo.width, photo.height);
  const size = { width: place.columns * CELL, height: place.rows * CELL };
  const { width, rgb } = photo;
  const plane = resample(photo, size, 1, (y, into) => {
    for (let x = 0, i = y * width * 3; x < width; x++, i += 3) {
      into[x] = lightnessOf(rgb[i]!, rgb[i + 1]!, rgb[i + 2]!);
    }
  });
  const stretch = stretchOf(plane);
  const luma = new Float32Array(FRAME * FRAME);
  const inside = new Float32Array(GRID * GRID);
  for (let y = 0; y < size.height; y++) {
    const start = (place.top * CELL + y) * FRAME + place.left * CELL;
    for (let x = 0; x < size.width; x++) {
      const value = Math.min(100, Math.max(0, stretch(plane[y * size.width + x]!)));
      luma[start + x] = value / 50 - 1;
    }
  }
  for (let i = 0; i < cellCount(place); i++) inside[gridIndex(place, i)] = 1;
  return { ...place, luma, inside, light: halved(plane, size, 1) };
}

function stretchOf(plane: Float32Array): (value: number) => number {
  const sorted = Float32Array.from(plane).sort();
  const low = sorted[Math.floor(sorted.length * 0.01)]!;
  const high = sorted[Math.floor(sorted.length * 0.99)]!;
  // A picture of one tone has nothing to stretch.
  if (high - low >= 70 || high - low < 5) return (value) => value;
  return (value) => 5 + ((value - low) / (high - low)) * 90;
}

/**
 * Chroma (a, b) of a colour picture on the chroma grid of a frame, in whole units: interleaved
 * [4·rows, 4·columns, 2].
 */
export function chromaOf(
  photo: Pick<Photo, 'width' | 'height' | 'rgb'>,
  place: Placement,
): Float32Array {
  const size = { width: place.columns * CELL, height: place.rows * CELL };
  const { width, rgb } = photo;
  const lab = new Float32Array(3);
  const plane = resample(photo, size, 2, (y, into) => {
    for (let x = 0, i = y * width * 3; x < width; x++, i += 3) {
      toLab(rgb[i]!, rgb[i + 1]!, rgb[i + 2]!, lab, 0);
      into[2 * x] = lab[1]!;
      into[2 * x + 1] = lab[2]!;
    }
  });
  return halved(plane, size, 2).map(Math.round);
}

/** Means of 2 × 2. */
function halved(
  plane: Float32Array,
  { width, height }: { width: number; height: number },
  channels: number,
): Float32Array {
  const out = new Float32Array(plane.length / 4);
  const half = width / 2;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) {
        out[((y >> 1) * half + (x >> 1)) * channels + c]! +=
          plane[(y * width + x) * channels + c]! / 4;
      }
    }
  }
  return out;
}

/** The place on the chroma grid [4·rows, 4·columns] of sample p of a cell. */
export function sampleIndex({ columns }: Placement, cell: number, p: number): number {
  const x = (cell % columns) * SIDE + (p % SIDE);
  const y = Math.floor(cell / columns) * SIDE + Math.floor(p / SIDE);
  return y * columns * SIDE + x;
}

/** Writes a cell's samples of an interleaved chroma grid. */
export function samplesOf(
  chroma: Float32Array,
  place: Placement,
  cell: number,
  into: Float32Array,
): void {
  for (let p = 0; p < SAMPLES; p++) {
    const from = 2 * sampleIndex(place, cell, p);
    into[2 * p] = chroma[from]!;
    into[2 * p + 1] = chroma[from + 1]!;
  }
}
