/**
 * Start means by k-means++ (Arthur and Vassilvitskii, 2007): each next mean is a point drawn with
 * probability proportional to its squared distance from the means so far. Fewer means than asked for
 * come back when there are fewer distinct points.
 */
export function seedMeans(
  points: Float64Array,
  size: number,
  count: number,
  seed: number,
): Float64Array[] {
  const total = points.length / size;
  const next = mulberry32(seed);
  const pick = (index: number) => points.slice(index * size, (index + 1) * size);
  const means = [pick(Math.floor(next() * total))];
  const nearest = new Float64Array(total).fill(Infinity);
  while (means.length < count) {
    const last = means.at(-1)!;
    let sum = 0;
    for (let i = 0; i < total; i++) {
      let distance = 0;
      for (let d = 0; d < size; d++) distance += (points[i * size + d]! - last[d]!) ** 2;
      if (distance < nearest[i]!) nearest[i] = distance;
      sum += nearest[i]!;
    }
    if (sum === 0) break;
    let left = next() * sum;
    let index = 0;
    for (let i = 0; i < total; i++) {
      // A point that is a mean already has distance 0 and must not be drawn by rounding.
      if (nearest[i]! > 0) index = i;
      left -= nearest[i]!;
      if (left <= 0 && nearest[i]! > 0) break;
    }
    means.push(pick(index));
  }
  return means;
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
