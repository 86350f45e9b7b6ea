import type { Frame } from './frame';
import { CELL, cellCount, FRAME, gridIndex, SIDE } from './frame';
import type { ColorModel, Scene } from './model';
import { logProbabilities } from './model';
import type { Segments } from './segments';
import { blurred, numbered, segmentsOf } from './segments';

/**
 * What a photo's regions are and may be: the label head's posterior on the chroma grid, each label's
 * colour there, and segments of the photo coloured by both. N = 4·rows · 4·columns samples.
 */
export interface Posterior {
  labels: number;
  /** Chroma samples. */
  width: number;
  height: number;
  /** log P(z|x) of the head, mean of the photo's and its mirror image's, bilinear between cells [N, K]. */
  logP: Float32Array;
  /** Each label's own mean chroma [N, K, 2]. */
  means: Float32Array;
  /** Segments as small as a face or a sleeve, and as large as a person or a sky. */
  fine: Segments;
  coarse: Segments;
  /** Mean of log P over each fine segment [segments, K]. */
  segmentLogP: Float32Array;
  /** √softmax(0.7 · segmentLogP): two segments look as alike as the dot product of theirs [segments, K]. */
  looks: Float32Array;
  /** Mean of the guide over each fine segment. */
  lightness: Float32Array;
  /** L 0…1 as the net sees it [N]: what chroma is smoothed along. */
  guide: Float32Array;
}

const SIGMA = 0.6;
const FINE = { scale: 80, least: 60 };
const COARSE = { scale: 300, least: 400 };
/** What a difference in chroma counts beside one in lightness. */
const CHROMA_WEIGHT = 1.2;
const LOOKS_SHARPNESS = 0.7;

/** Sees a photo's regions: one more run of the backbone, on its mirror image. */
export async function posteriorOf(model: ColorModel, scene: Scene): Promise<Posterior> {
  const { frame, decoder, logits } = scene;
  const { labels } = model;
  const mirror = await model.mirroredLogits(frame);
  const width = frame.columns * SIDE;
  const height = frame.rows * SIDE;
  const both = logits.data.map((value, i) => (value + mirror[i]!) / 2);
  const logP = enlargedLogP(both, frame, labels);
  const means = decoder.ownMeans();
  const soft = mixed(logP, means, labels, 1);
  const { fine, coarse } = segmented(frame, soft);
  const segmentLogP = segmentMeans(logP, labels, fine);
  const looks = looksOf(segmentLogP, labels);
  const guide = guideOf(frame);
  const lightness = segmentMeans(guide, 1, fine);
  return { labels, width, height, logP, means, fine, coarse, segmentLogP, looks, guide, lightness };
}

/** Log probabilities of cells, bilinear between their middles. */
function enlargedLogP(logits: Float32Array, frame: Frame, labels: number): Float32Array {
  const { columns, rows } = frame;
  const ofCells = new Float64Array(cellCount(frame) * labels);
  for (let cell = 0; cell < cellCount(frame); cell++) {
    const own = ofCells.subarray(cell * labels, (cell + 1) * labels);
    logProbabilities(logits, gridIndex(frame, cell), own);
  }
  const out = new Float32Array(cellCount(frame) * SIDE * SIDE * labels);
  const place = (i: number, size: number) => {
    const at = Math.min(size - 1, Math.max(0, (i + 0.5) / SIDE - 0.5));
    const low = Math.floor(at);
    return { low, high: Math.min(size - 1, low + 1), share: at - low };
  };
  for (let y = 0, to = 0; y < rows * SIDE; y++) {
    const v = place(y, rows);
    for (let x = 0; x < columns * SIDE; x++) {
      const u = place(x, columns);
      const corner = (row: number, column: number) => (row * columns + column) * labels;
      const [a, b] = [corner(v.low, u.low), corner(v.low, u.high)];
      const [c, d] = [corner(v.high, u.low), corner(v.high, u.high)];
      for (let k = 0; k < labels; k++, to++) {
        const upper = ofCells[a + k]! + u.share * (ofCells[b + k]! - ofCells[a + k]!);
        const lower = ofCells[c + k]! + u.share * (ofCells[d + k]! - ofCells[c + k]!);
        out[to] = upper + v.share * (lower - upper);
      }
    }
  }
  return out;
}

/** Writes softmax(values / temperature) of a sample's labels. */
export function softmax(
  values: Float32Array,
  at: number,
  temperature: number,
  into: Float64Array,
): void {
  let largest = -Infinity;
  for (let k = 0; k < into.length; k++) largest = Math.max(largest, values[at + k]!);
  let total = 0;
  for (let k = 0; k < into.length; k++) {
    total += into[k] = Math.exp((values[at + k]! - largest) / temperature);
  }
  for (let k = 0; k < into.length; k++) into[k]! /= total;
}

/**
 * Σ w_k μ_k with w = softmax(values / temperature), interleaved [N, 2].
 * @param eachSample told the weights of each sample
 */
export function mixed(
  values: Float32Array,
  means: Float32Array,
  labels: number,
  temperature: number,
  eachSample?: (sample: number, weights: Float64Array) => void,
): Float32Array {
  const out = new Float32Array((2 * values.length) / labels);
  const weights = new Float64Array(labels);
  for (let i = 0; i < out.length / 2; i++) {
    softmax(values, i * labels, temperature, weights);
    let a = 0;
    let b = 0;
    for (let k = 0, at = 2 * i * labels; k < labels; k++, at += 2) {
      a += weights[k]! * means[at]!;
      b += weights[k]! * means[at + 1]!;
    }
    out[2 * i] = a;
    out[2 * i + 1] = b;
    eachSample?.(i, weights);
  }
  return out;
}

/** Segments of (L, a, b) on the frame's pixels, as they fall on the chroma grid. */
function segmented(frame: Frame, soft: Float32Array): { fine: Segments; coarse: Segments } {
  const width = frame.columns * CELL;
  const height = frame.rows * CELL;
  const planes = new Float32Array(3 * width * height);
  const half = { width: width / 2, height: height / 2 };
  const near = (i: number, size: number) => {
    const at = Math.min(size - 1, Math.max(0, (i + 0.5) / 2 - 0.5));
    return { low: Math.floor(at), high: Math.min(size - 1, Math.floor(at) + 1), share: at % 1 };
  };
  for (let y = 0, to = 0; y < height; y++) {
    const v = near(y, half.height);
    for (let x = 0; x < width; x++, to += 3) {
      const u = near(x, half.width);
      planes[to] = (frame.luma[(frame.top * CELL + y) * FRAME + frame.left * CELL + x]! + 1) / 2;
      for (let c = 0; c < 2; c++) {
        const value = (row: number, column: number) => soft[2 * (row * half.width + column) + c]!;
        const upper = value(v.low, u.low) * (1 - u.share) + value(v.low, u.high) * u.share;
        const lower = value(v.high, u.low) * (1 - u.share) + value(v.high, u.high) * u.share;
        planes[to + 1 + c] = (CHROMA_WEIGHT * (upper + v.share * (lower - upper))) / 100;
      }
    }
  }
  const even = ({ of }: Segments): Segments =>
    numbered(
      Array.from(
        { length: half.width * half.height },
        (_, i) => of[2 * Math.floor(i / half.width) * width + 2 * (i % half.width)]!,
      ),
    );
  const smoothed = blurred(planes, width, height, SIGMA);
  const [fine, coarse] = segmentsOf(smoothed, width, height, [FINE, COARSE]);
  return { fine: even(fine!), coarse: even(coarse!) };
}

/** Means over segments of interleaved values [N, each]. */
function segmentMeans(values: Float32Array, each: number, { of, count }: Segments): Float32Array {
  const sums = new Float64Array(count * each);
  const sizes = new Float64Array(count);
  for (let i = 0; i < of.length; i++) {
    sizes[of[i]!]!++;
    for (let k = 0; k < each; k++) sums[of[i]! * each + k]! += values[i * each + k]!;
  }
  return Float32Array.from(sums, (sum, at) => sum / sizes[Math.floor(at / each)]!);
}

function looksOf(segmentLogP: Float32Array, labels: number): Float32Array {
  const out = new Float32Array(segmentLogP.length);
  const shares = new Float64Array(labels);
  for (let at = 0; at < out.length; at += labels) {
    softmax(segmentLogP, at, 1 / LOOKS_SHARPNESS, shares);
    for (let k = 0; k < labels; k++) out[at + k] = Math.sqrt(shares[k]!);
  }
  return out;
}

function guideOf({ luma, left, top, columns, rows }: Frame): Float32Array {
  const width = columns * SIDE;
  return Float32Array.from({ length: width * rows * SIDE }, (_, i) => {
    const x = 2 * (left * SIDE + (i % width));
    const y = 2 * (top * SIDE + Math.floor(i / width));
    let sum = 0;
    for (const at of [y * FRAME + x, (y + 1) * FRAME + x]) sum += luma[at]! + luma[at + 1]!;
    return sum / 8 + 0.5;
  });
}

/** The fine segment in which most of each cell's samples lie. */
export function segmentsOfCells({ fine, width, height }: Posterior): Int32Array {
  const columns = width / SIDE;
  return Int32Array.from({ length: (columns * height) / SIDE }, (_, cell) => {
    const counts = new Map<number, number>();
    const corner = Math.floor(cell / columns) * SIDE * width + (cell % columns) * SIDE;
    for (let dy = 0; dy < SIDE; dy++) {
      for (let dx = 0; dx < SIDE; dx++) {
        const segment = fine.of[corner + dy * width + dx]!;
        counts.set(segment, (counts.get(segment) ?? 0) + 1);
      }
    }
    return [...counts].reduce((most, one) => (one[1] > most[1] ? one : most))[0];
  });
}

/** What segments may be: labels by the mean of their probability over the segments' samples, the likeliest first. */
export function optionsOf(
  { logP, labels, fine }: Posterior,
  segments: readonly number[],
): { label: number; probability: number }[] {
  const wanted = new Set(segments);
  const sums = new Float64Array(labels);
  const shares = new Float64Array(labels);
  let count = 0;
  fine.of.forEach((segment, i) => {
    if (!wanted.has(segment)) return;
    softmax(logP, i * labels, 1, shares);
    for (let k = 0; k < labels; k++) sums[k]! += shares[k]!;
    count++;
  });
  return [...sums]
    .map((sum, label) => ({ label, probability: count > 0 ? sum / count : 0 }))
    .sort((one, other) => other.probability - one.probability);
}
