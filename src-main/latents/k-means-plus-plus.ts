import { countAt, type Points, totalOf } from './points';

/**
 * Start means by k-means++ (Arthur and Vassilvitskii, 2007): each next mean is a point drawn with
 * probability proportional to its squared distance from the means so far. Fewer means than asked for
 * come back when there are fewer distinct points.
 */
export function seedMeans(points: Points, count: number, seed: number): Float64Array[] {
  const { values, size } = points;
  const total = totalOf(points);
  const next = mulberry32(seed);
  const shares = Float64Array.from({ length: total }, (_, i) => countAt(points, i));
  const pick = (index: number) => values.slice(index * size, (index + 1) * size);
  const means = [pick(draw(shares, next()))];
  const nearest = new Float64Array(total).fill(Infinity);
  while (means.length < count) {
    const last = means.at(-1)!;
    let sum = 0;
    for (let i = 0; i < total; i++) {
      let distance = 0;
      for (let d = 0; d < size; d++) distance += (values[i * size + d]! - last[d]!) ** 2;
      if (distance < nearest[i]!) nearest[i] = distance;
      shares[i] = nearest[i]! * countAt(points, i);
      sum += shares[i]!;
    }
    if (sum === 0) break;
    means.push(pick(draw(shares, next())));
  }
  return means;
}

/** The index that a uniform number in [0, 1) picks in proportion to `shares`; never one without a share. */
function draw(shares: Float64Array, uniform: number): number {
  let left = uniform * shares.reduce((sum, share) => sum + share, 0);
  let index = 0;
  for (let i = 0; i < shares.length; i++) {
    if (shares[i]! === 0) continue;
    index = i;
    left -= shares[i]!;
    if (left < 0) break;
  }
  return index;
}

/** Uniform numbers in [0, 1) from a 32-bit seed (T. Ettinger's mulberry32). */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
