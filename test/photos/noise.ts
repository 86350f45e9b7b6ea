/** Seeded noise for the scenes: integer hashes only, so the same on every machine. */

/** A hash of two whole numbers and a seed as a fraction 0…1. */
export function hash(x: number, y: number, seed: number): number {
  let h = Math.imul(x | 0, 0x27d4eb2d) ^ Math.imul(y | 0, 0x165667b1) ^ Math.imul(seed, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 4294967296;
}

export const clamp = (v: number, low = 0, high = 1): number =>
  v < low ? low : v > high ? high : v;
export const mix = (a: number, b: number, t: number): number => a + (b - a) * t;

/** 0 below `from`, 1 above `to`, smooth between; `from` may exceed `to`. */
export function smoothstep(from: number, to: number, v: number): number {
  const t = clamp((v - from) / (to - from));
  return t * t * (3 - 2 * t);
}

/** Value noise: random values on the whole-number grid, smoothly interpolated; 0…1. */
export function noise(x: number, y: number, seed: number): number {
  const ix = Math.floor(x);
  const iy = Math.floor(y);
  const fx = x - ix;
  const fy = y - iy;
  const u = fx * fx * (3 - 2 * fx);
  const v = fy * fy * (3 - 2 * fy);
  const top = mix(hash(ix, iy, seed), hash(ix + 1, iy, seed), u);
  return mix(top, mix(hash(ix, iy + 1, seed), hash(ix + 1, iy + 1, seed), u), v);
}

/** Octaves of value noise, each turned, twice as fine and half as strong; 0…1, mean near ½. */
export function fbm(x: number, y: number, seed: number, octaves: number): number {
  let sum = 0;
  let weight = 0.5;
  let total = 0;
  for (let i = 0; i < octaves; i++) {
    sum += weight * noise(x, y, seed + i);
    total += weight;
    weight *= 0.5;
    // A turn by atan(3/4) hides the grid's axes.
    const turned = 1.6 * x - 1.2 * y + 17.3;
    y = 1.2 * x + 1.6 * y - 9.1;
    x = turned;
  }
  return sum / total;
}
