/**
 * A seeded source of 32-bit numbers: xoshiro128** (D. Blackman, S. Vigna, 2018) started by
 * splitmix32. Whole numbers only, so the sequence of a seed is the same everywhere.
 */
export class SeededRandom {
  readonly #state = new Uint32Array(4);

  /** @param seed whole number, 0…2⁵³ − 1 */
  constructor(seed: number) {
    let mixed = (seed ^ Math.imul(Math.floor(seed / 2 ** 32), 0x85ebca6b)) >>> 0;
    for (let i = 0; i < 4; i++) {
      mixed = (mixed + 0x9e3779b9) >>> 0;
      let word = mixed;
      word = Math.imul(word ^ (word >>> 16), 0x21f0aaad);
      word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
      this.#state[i] = word ^ (word >>> 15);
    }
  }

  /** The next whole number, 0…2³² − 1. */
  next(): number {
    const s = this.#state;
    const result = Math.imul(rotated(Math.imul(s[1]!, 5), 7), 9) >>> 0;
    const shifted = s[1]! << 9;
    s[2]! ^= s[0]!;
    s[3]! ^= s[1]!;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= shifted;
    s[3] = rotated(s[3]!, 11);
    return result;
  }

  /**
   * An index, drawn with the given weights.
   * @param weights not negative, some above 0
   */
  pick(weights: ArrayLike<number>): number {
    let total = 0;
    for (let i = 0; i < weights.length; i++) total += weights[i]!;
    let left = (this.next() / 2 ** 32) * total;
    let last = 0;
    for (let i = 0; i < weights.length; i++) {
      if (weights[i]! <= 0) continue;
      last = i;
      left -= weights[i]!;
      if (left < 0) return i;
    }
    return last;
  }
}

/** FNV-1a of the photo that a net sees: two photos draw differently for one seed. */
export function hashOf(luma: Float32Array): number {
  let hash = 0x811c9dc5;
  for (const value of luma) hash = Math.imul(hash ^ (Math.round(value * 127) & 255), 0x01000193);
  return hash >>> 0;
}

const rotated = (x: number, by: number): number => ((x << by) | (x >>> (32 - by))) >>> 0;
