import { mulberry32 } from '../../../src-main/latents/k-means-plus-plus';
import type { Points } from '../../../src-main/latents/points';

/** `each` points around each centre, by Box and Muller. */
export function clouds(
  centres: number[][],
  deviations: number[],
  each: number,
  seed = 3,
): Points & { size: number } {
  const next = mulberry32(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const values = Float64Array.from(
    centres.flatMap((centre, k) =>
      Array.from({ length: each }, () => centre.map((c) => c + deviations[k]! * normal())).flat(),
    ),
  );
  return { values, size: centres[0]!.length };
}

/** Random clouds in `size` dimensions, each point counted 1 to 5 times. */
export function randomClouds(seed: number, size: number, many = 4): Points {
  const next = mulberry32(seed);
  const centres = Array.from({ length: many }, () =>
    Array.from({ length: size }, () => 4 * next()),
  );
  const { values } = clouds(
    centres,
    centres.map(() => 0.2 + next()),
    60,
    seed + 1,
  );
  const counts = Float64Array.from(
    { length: values.length / size },
    () => 1 + Math.floor(5 * next()),
  );
  return { values, size, counts };
}
