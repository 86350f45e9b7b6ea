import { mulberry32 } from './k-means-plus-plus';

/** Standard normal numbers from a 32-bit seed, by Box and Muller. */
export function normals(seed: number): () => number {
  const next = mulberry32(seed);
  return () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}
