import { setImmediate } from 'node:timers/promises';
import { fromLab, lightnessOf } from '../image/lab';
import type { Photo } from '../image/photo';
import { throwIfCancelled } from '../jobs/queue';
import type { Frame } from './frame';
import { SIDE } from './frame';
import type { Labels } from './model';

export interface RenderOptions {
  /** Factor on chroma; 1 leaves it as it is. */
  vivid?: number;
  /** The rectangle of the photo that is wanted; all of it when left out. */
  part?: { x: number; y: number; w: number; h: number };
  signal?: AbortSignal;
  onProgress?: (fraction: number) => void;
}

/** Photo pixels between two looks at the signal. */
const STRIP = 2 ** 20;
/** Chroma range around a sample, in units, below which there is no edge to clean. */
const EDGE = 4;
/** Difference in L by which a sample's say falls to e^−½. */
const ALIKE = 6;

/** e^(−d²/2σ²) for d in 1/4 of L. */
const likeness = Float32Array.from({ length: 401 }, (_, i) =>
  Math.exp(-((i / 4) ** 2) / (2 * ALIKE ** 2)),
);

/**
 * The photo with new chroma and its own L, at its own size. Chroma is enlarged bilinearly; along edges
 * between labels, where a sample's chroma is half of both sides, each pixel heeds the samples that
 * are as light as it is. Colours outside sRGB move toward grey. Worked strip by strip: beside the
 * photo and the result no memory grows with it.
 *
 * @param chroma interleaved [4·rows, 4·columns, 2]
 */
export async function render<Picture extends Pick<Photo, 'width' | 'height' | 'rgb'>>(
  photo: Picture,
  frame: Frame,
  labels: Labels,
  chroma: Float32Array,
  { vivid = 1, part, signal, onProgress }: RenderOptions = {},
): Promise<Picture> {
  const { width, height, rgb } = photo;
  const { x: left, y: top, w, h } = part ?? { x: 0, y: 0, w: width, h: height };
  const grid = { width: frame.columns * SIDE, height: frame.rows * SIDE };
  const edges = edgesOf(frame, labels, chroma);
  const across = positions(width, grid.width);
  const down = positions(height, grid.height);
  const out = new Uint8Array(3 * w * h);
  const strip = Math.max(1, Math.floor(STRIP / w));
  const ab = new Float64Array(2);
  for (let y = top, to = 0; y < top + h; y++) {
    if (y > top && (y - top) % strip === 0) {
      await setImmediate();
      throwIfCancelled(signal);
      onProgress?.((y - top) / h);
    }
    const row = down.low[y]!;
    const below = row + (row + 1 < grid.height ? 1 : 0);
    const v = down.share[y]!;
    for (let x = left, i = (y * width + left) * 3; x < left + w; x++, i += 3, to += 3) {
      const column = across.low[x]!;
      const right = column + (column + 1 < grid.width ? 1 : 0);
      const u = across.share[x]!;
      const L = lightnessOf(rgb[i]!, rgb[i + 1]!, rgb[i + 2]!);
      const near = row * grid.width + column;
      if (edges[near]) {
        alike(frame.light, chroma, grid, column + u, row + v, L, ab);
      } else {
        const p = 2 * near;
        const q = 2 * (row * grid.width + right);
        const r = 2 * (below * grid.width + column);
        const s = 2 * (below * grid.width + right);
        for (let c = 0; c < 2; c++) {
          const upper = chroma[p + c]! + u * (chroma[q + c]! - chroma[p + c]!);
          const lower = chroma[r + c]! + u * (chroma[s + c]! - chroma[r + c]!);
          ab[c] = upper + v * (lower - upper);
        }
      }
      fromLab(L, ab[0]! * vivid, ab[1]! * vivid, out, to);
    }
  }
  onProgress?.(1);
  return { ...photo, width: w, height: h, rgb: out };
}

/** For each pixel along a side: the sample at or before it, and how far it is to the next. */
function positions(pixels: number, samples: number) {
  const low = new Int32Array(pixels);
  const share = new Float32Array(pixels);
  for (let i = 0; i < pixels; i++) {
    const at = Math.min(samples - 1, Math.max(0, ((i + 0.5) * samples) / pixels - 0.5));
    low[i] = Math.floor(at);
    share[i] = at - low[i]!;
  }
  return { low, share };
}

/** 1 where a sample lies by another label's cell and chroma changes around it. */
function edgesOf(frame: Frame, labels: Labels, chroma: Float32Array): Uint8Array {
  const width = frame.columns * SIDE;
  const height = frame.rows * SIDE;
  const out = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const label = labels[Math.floor(y / SIDE) * frame.columns + Math.floor(x / SIDE)]!;
      let others = false;
      let range = 0;
      for (let dy = -SIDE; dy <= SIDE; dy += SIDE / 2) {
        for (let dx = -SIDE; dx <= SIDE; dx += SIDE / 2) {
          const row = Math.min(height - 1, Math.max(0, y + dy));
          const column = Math.min(width - 1, Math.max(0, x + dx));
          const cell = Math.floor(row / SIDE) * frame.columns + Math.floor(column / SIDE);
          if (labels[cell] !== label) others = true;
          for (let c = 0; c < 2; c++) {
            const difference =
              chroma[2 * (row * width + column) + c]! - chroma[2 * (y * width + x) + c]!;
            range = Math.max(range, Math.abs(difference));
          }
        }
      }
      out[y * width + x] = others && range > EDGE ? 1 : 0;
    }
  }
  return out;
}

/** Mean chroma of the 4×4 samples around (x, y), by nearness and by how alike in L they are. */
function alike(
  light: Float32Array,
  chroma: Float32Array,
  { width, height }: { width: number; height: number },
  x: number,
  y: number,
  L: number,
  out: Float64Array,
): void {
  const left = Math.floor(x) - 1;
  const top = Math.floor(y) - 1;
  let a = 0;
  let b = 0;
  let total = 0;
  for (let row = Math.max(0, top); row < Math.min(height, top + 4); row++) {
    const nearness = 1 - Math.abs(row - y) / 2;
    if (nearness <= 0) continue;
    for (let column = Math.max(0, left); column < Math.min(width, left + 4); column++) {
      const spatial = nearness * (1 - Math.abs(column - x) / 2);
      if (spatial <= 0) continue;
      const at = row * width + column;
      const difference = Math.abs(light[at]! - L);
      // A little for every sample, so that a pixel unlike all of them still gets a colour.
      const weight = spatial * (likeness[Math.min(400, Math.round(4 * difference))]! + 1e-3);
      a += weight * chroma[2 * at]!;
      b += weight * chroma[2 * at + 1]!;
      total += weight;
    }
  }
  out[0] = a / total;
  out[1] = b / total;
}
