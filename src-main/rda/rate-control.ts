import { LaviError } from '../api/errors';

/** Measures a value (bytes or dB) at a wire quality; larger quality gives more of it, nearly always. */
export type Measure = (quality: number) => Promise<number>;

export interface Search {
  /** Largest wire quality. */
  last: number;
  target: number;
  /** How far the value may lie below the target, and above it, and still count as met. */
  below: number;
  above: number;
  /** For people: what is measured. */
  unit: string;
}

/** Qualities tried beyond the bracket when none inside it meets the target. */
const NEARBY = 12;

/** What a search ends with: the quality and the value measured there. */
export interface Met {
  quality: number;
  value: number;
}

/**
 * Finds a wire quality whose measured value meets the target: false position on log values with bisection as a guard.
 * Ends at the best quality that keeps `above` when the steps of the wire are coarser than the tolerance.
 *
 * Error TARGET_UNREACHABLE, with the nearest reachable value in `detail.nearest`, where the target lies outside
 * what the qualities span (or, when nothing above is allowed, below the smallest).
 */
export async function search(measure: Measure, goal: Search): Promise<Met> {
  const { target, below, above } = goal;
  const fits = (value: number) => value <= target + above;
  const met = (value: number) => fits(value) && value >= target - below;
  let low: Met = { quality: 0, value: await measure(0) };
  if (met(low.value)) return low;
  if (!fits(low.value)) throw unreachable(goal, low);
  let high: Met = { quality: goal.last, value: await measure(goal.last) };
  if (met(high.value)) return high;
  if (high.value < target) throw unreachable(goal, high);
  let narrow = 0;
  while (high.quality - low.quality > 1) {
    const middle = await at(guess(low, high, target, narrow));
    if (met(middle.value)) return middle;
    const before = high.quality - low.quality;
    if (fits(middle.value)) low = middle;
    else high = middle;
    // Two slow steps in a row: halve instead.
    narrow = high.quality - low.quality > before / 2 ? narrow + 1 : 0;
  }
  return nearby();

  /** Value and quality do not run strictly together: one of the next few qualities may fit better still. */
  async function nearby(): Promise<Met> {
    let best = low;
    const end = Math.min(goal.last, high.quality + NEARBY);
    for (let quality = high.quality + 1; quality <= end && !met(best.value); quality++) {
      const next = await at(quality);
      if (fits(next.value) && next.value > best.value) best = next;
    }
    return best;
  }

  async function at(quality: number): Promise<Met> {
    return { quality, value: await measure(quality) };
  }
}

function guess(low: Met, high: Met, target: number, narrow: number): number {
  const middle = (low.quality + high.quality) / 2;
  const span = Math.log(high.value) - Math.log(low.value);
  const share = span > 0 ? (Math.log(target) - Math.log(low.value)) / span : 0.5;
  const place = narrow > 1 ? middle : low.quality + share * (high.quality - low.quality);
  return Math.min(high.quality - 1, Math.max(low.quality + 1, Math.round(place)));
}

function unreachable(goal: Search, nearest: Met): LaviError {
  return new LaviError(
    'TARGET_UNREACHABLE',
    `Expected ${round(goal.target)} ${goal.unit}; the nearest this photo reaches is ${round(nearest.value)} ${goal.unit}.`,
    { nearest: nearest.value, unit: goal.unit },
  );
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
