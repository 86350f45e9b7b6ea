import { fromRanks, type LabelMap, presentLabels, toRanks } from './map';
import { defaultPalette } from './palette';
import { complete, type Completion, sparseMask, unitsOf } from './sparse';

/** One state of the decoder: all passes of `unit` and coarser are done, the rest is guessed. */
export interface CompletionFrame {
  unit: number;
  /** Points of z known by now. */
  points: number;
  labels: Uint16Array;
}

/**
 * The states of a decoder, coarse to fine; the last is the map itself. A generator, so that a caller
 * holds only the frames that it keeps.
 */
export function* completionFrames(
  map: LabelMap,
  completion: Completion,
  mask: Uint8Array = maskOf(map, completion),
): Generator<CompletionFrame> {
  const { width, height } = map;
  const present = presentLabels(map.labels);
  const ranks = toRanks(map.labels, present);
  const unitOf = pointUnits(mask, width, completion.stride);
  for (const unit of unitsOf(completion.stride)) {
    const completed = complete(mask, ranks, width, height, completion, unit);
    let points = 0;
    for (const pointUnit of unitOf) if (pointUnit >= unit) points++;
    yield { unit, points, labels: fromRanks(completed, present) };
  }
}

/** z as a mask, for a map in memory that no file exists of yet. */
export function maskOf(map: LabelMap, completion: Completion): Uint8Array {
  const ranks = toRanks(map.labels, presentLabels(map.labels));
  return sparseMask(ranks, map.width, map.height, completion);
}

/** The units of the passes that visit the points of `mask`, in raster order of the points. */
export function pointUnits(mask: Uint8Array, width: number, stride: number): number[] {
  const units: number[] = [];
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 1) units.push(unitAt(i % width, Math.floor(i / width), stride));
  }
  return units;
}

/** The unit of the pass that visits (x, y): the largest power of two that divides both, ≤ stride. */
export function unitAt(x: number, y: number, stride: number): number {
  const joint = x | y;
  return joint === 0 ? stride : Math.min(stride, joint & -joint);
}

/**
 * The sparse mask as a picture of its own: labels at the points of z, and a free label of transparent
 * colour, the void label, everywhere else. Undefined if a map leaves no label free.
 */
export function sparsePicture(map: LabelMap, mask: Uint8Array): LabelMap | undefined {
  const present = presentLabels(map.labels);
  let free = 0;
  while (free < present.length && present[free] === free) free++;
  if (free > 65_535) return undefined;
  const labels = new Uint16Array(map.labels.length).fill(free);
  for (let i = 0; i < labels.length; i++) if (mask[i] === 1) labels[i] = map.labels[i]!;
  const known = map.palette ?? new Uint8Array();
  const palette = defaultPalette(Math.max(free, present.at(-1)!, known.length / 4 - 1) + 1);
  palette.set(known);
  palette.set([0, 0, 0, 0], 4 * free);
  return { ...map, labels, palette, voidLabel: free };
}
