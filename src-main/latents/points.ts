/** Points to fit to: `size` values each, interleaved. */
export interface Points {
  values: Float64Array;
  size: number;
  /** How often each point occurs; once when left out. A point counted n times is n equal points. */
  counts?: Float64Array;
}

export const totalOf = ({ values, size }: Points): number => values.length / size;

export const countAt = ({ counts }: Points, index: number): number => counts?.[index] ?? 1;

/** Mean squared distance from the mean, per dimension. */
export function spread(points: Points): number {
  const { values, size } = points;
  const total = totalOf(points);
  const mean = new Float64Array(size);
  let mass = 0;
  for (let i = 0; i < total; i++) {
    const count = countAt(points, i);
    mass += count;
    for (let d = 0; d < size; d++) mean[d]! += count * values[i * size + d]!;
  }
  for (let d = 0; d < size; d++) mean[d]! /= mass;
  let sum = 0;
  for (let i = 0; i < total; i++) {
    const count = countAt(points, i);
    for (let d = 0; d < size; d++) sum += count * (values[i * size + d]! - mean[d]!) ** 2;
  }
  return sum / mass / size;
}
