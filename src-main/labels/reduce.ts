import { LaviError } from '../api/errors';
import type { LabelMap } from './map';
import { type Seed, watershed } from './watershed';

export interface Reduced {
  /** Ascending by index. */
  seeds: Seed[];
  /** The map that the watershed makes of them. */
  labels: Uint16Array;
  /** Share of pixels that agree with the map reduced, 0…1. */
  agreement: number;
}

/** Hears the share of the work that is done, 0…1, and may give it up by throwing. */
export type Checkpoint = (fraction: number) => Promise<void> | void;

/** Watersheds that looking for seeds to drop may take. */
const pruningRuns = 400;

/**
 * Finds a small set of seeds from which the watershed reproduces `map` to the given agreement.
 * Seeds are added in the deepest points of the largest wrong regions, then those are dropped that
 * the agreement does not need. Greedy: small, not proven smallest.
 *
 * @param costs of the photo under the map, from `costsOf`
 * @param target share of pixels to agree, 0.9…1 (1 takes as many seeds as it needs)
 * @throws LaviError BAD_REQUEST if sizes or target do not fit
 */
export async function reduceToSeeds(
  map: LabelMap,
  costs: Uint8Array,
  target: number,
  onProgress: Checkpoint = () => {},
): Promise<Reduced> {
  const { width, labels } = map;
  if (costs.length !== labels.length || !(target > 0 && target <= 1)) {
    throw new LaviError(
      'BAD_REQUEST',
      `Expected costs of ${labels.length} pixels and an agreement up to 1; ` +
        `found ${costs.length} and ${target}.`,
    );
  }
  const seeds = new Map<number, number>();
  let state = evaluate(map, costs, seeds);
  const begun = state.agreement;
  while (state.agreement < target) {
    const points = deepestPoints(wrongPixels(map, state.labels), labels, width);
    // A few at a time: one seed often puts right what the next one would have been for.
    for (const index of points.slice(0, 1 + Math.floor(seeds.size / 12))) {
      seeds.set(index, labels[index]!);
    }
    state = evaluate(map, costs, seeds);
    await onProgress((0.8 * (state.agreement - begun)) / Math.max(target - begun, 1e-9));
  }
  state = await prune(map, costs, seeds, target, state, onProgress);
  await onProgress(1);
  return state;
}

async function prune(
  map: LabelMap,
  costs: Uint8Array,
  seeds: Map<number, number>,
  target: number,
  state: Reduced,
  onProgress: Checkpoint,
): Promise<Reduced> {
  let best = state;
  let runs = 0;
  // Dropping one seed may free another: until a round drops none, or the runs are used up.
  for (let dropped = true; dropped;) {
    dropped = false;
    for (const [index, label] of [...seeds].reverse()) {
      if (runs++ >= pruningRuns) return best;
      seeds.delete(index);
      const without = evaluate(map, costs, seeds);
      if (without.agreement >= target) {
        best = without;
        dropped = true;
      } else {
        seeds.set(index, label);
      }
      await onProgress(0.8 + (0.2 * runs) / pruningRuns);
    }
  }
  return best;
}

function evaluate(map: LabelMap, costs: Uint8Array, seeds: Map<number, number>): Reduced {
  const sorted = [...seeds].map(([index, label]) => ({ index, label }));
  sorted.sort((a, b) => a.index - b.index);
  const labels = watershed(costs, map.width, sorted);
  let equal = 0;
  for (let i = 0; i < labels.length; i++) if (labels[i] === map.labels[i]) equal++;
  return { seeds: sorted, labels, agreement: equal / labels.length };
}

function wrongPixels(map: LabelMap, labels: Uint16Array): Uint8Array {
  return Uint8Array.from(labels, (label, i) => (label === map.labels[i] ? 0 : 1));
}

/**
 * One point for each connected region of wrong pixels of one label, those of the largest regions
 * first: the point farthest from the region's rim, by city-block distance.
 */
function deepestPoints(wrong: Uint8Array, labels: Uint16Array, width: number): number[] {
  const depth = rimDistance(wrong, labels, width);
  const seen = new Uint8Array(wrong.length);
  const regions: { size: number; deepest: number }[] = [];
  const stack = new Int32Array(wrong.length);
  for (let start = 0; start < wrong.length; start++) {
    if (wrong[start] === 0 || seen[start] === 1) continue;
    let top = 0;
    let size = 0;
    let deepest = start;
    stack[top++] = start;
    seen[start] = 1;
    while (top > 0) {
      const pixel = stack[--top]!;
      size++;
      if (depth[pixel]! > depth[deepest]!) deepest = pixel;
      for (const other of neighbours(pixel, width, wrong.length)) {
        if (seen[other] === 1 || wrong[other] === 0 || labels[other] !== labels[start]) continue;
        seen[other] = 1;
        stack[top++] = other;
      }
    }
    regions.push({ size, deepest });
  }
  regions.sort((a, b) => b.size - a.size || a.deepest - b.deepest);
  return regions.map(({ deepest }) => deepest);
}

/** Steps from each wrong pixel to the nearest one outside its region; breadth first. */
function rimDistance(wrong: Uint8Array, labels: Uint16Array, width: number): Int32Array {
  const distance = new Int32Array(wrong.length);
  const queue = new Int32Array(wrong.length);
  let tail = 0;
  for (let i = 0; i < wrong.length; i++) {
    if (wrong[i] === 0) continue;
    const inner = neighbours(i, width, wrong.length);
    const surrounded =
      inner.length === 4 && inner.every((j) => wrong[j] === 1 && labels[j] === labels[i]);
    if (surrounded) continue;
    distance[i] = 1;
    queue[tail++] = i;
  }
  for (let head = 0; head < tail; head++) {
    const pixel = queue[head]!;
    for (const other of neighbours(pixel, width, wrong.length)) {
      if (wrong[other] === 0 || distance[other]! > 0) continue;
      distance[other] = distance[pixel]! + 1;
      queue[tail++] = other;
    }
  }
  return distance;
}

function neighbours(pixel: number, width: number, count: number): number[] {
  const x = pixel % width;
  const found = [];
  if (x > 0) found.push(pixel - 1);
  if (x + 1 < width) found.push(pixel + 1);
  if (pixel >= width) found.push(pixel - width);
  if (pixel + width < count) found.push(pixel + width);
  return found;
}
