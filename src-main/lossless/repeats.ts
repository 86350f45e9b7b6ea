import type { BinaryCoder } from '../entropy/binary';
import type { Plane } from './plane';

/** Causal neighbours that name a place: of its own channel, and of each channel that is known already. */
const longOwn = [[-1, 0], [0, -1], [-1, -1], [1, -1], [-2, 0], [0, -2], [2, -1], [-2, -1]] as const; // prettier-ignore
const longKnown = [
  [0, 0],
  [-1, 0],
  [0, -1],
  [1, 0],
] as const;
const shortOwn = [
  [-1, 0],
  [0, -1],
  [-1, -1],
  [1, -1],
] as const;
const shortKnown = [[0, 0]] as const;
/** Where no channel is known, the smallest neighbourhood is of two samples; else it is the known colour alone. */
const firstOwn = [[-1, 0], [0, -1]] as const; // prettier-ignore

/** Repeats of a place in a row that are told apart. */
const mostSeen = 7;
const learningShift = 5;

/** What followed a neighbourhood when it was met last, by a hash of the neighbourhood. */
class Memory {
  /** Check in the high 16 bits, sample in the low ones. */
  private readonly entries: Int32Array;
  private readonly seen: Uint8Array;
  private readonly shift: number;
  private readonly ownAt: number[];
  private readonly knownAt: number[];
  private index = 0;
  private check = 0;

  constructor(
    own: readonly (readonly [number, number])[],
    known: readonly (readonly [number, number])[],
    stride: number,
    samples: number,
  ) {
    const bits = Math.max(8, Math.min(20, 32 - Math.clz32(samples)));
    this.entries = new Int32Array(2 ** bits);
    this.seen = new Uint8Array(2 ** bits);
    this.shift = 32 - bits;
    this.ownAt = own.map(([x, y]) => y * stride + x);
    this.knownAt = known.map(([x, y]) => y * stride + x);
  }

  /** Looks at the place `at`. */
  meet(values: Float64Array, before: readonly Plane[], at: number): void {
    let h = 0;
    for (let i = 0; i < this.ownAt.length; i++) h = mixed(h, values[at + this.ownAt[i]!]!);
    for (const plane of before) {
      for (let i = 0; i < this.knownAt.length; i++) {
        h = mixed(h, plane.values[at + this.knownAt[i]!]!);
      }
    }
    h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
    this.index = h >>> this.shift;
    this.check = h << 16;
  }

  /** How often in a row the place was followed by the same sample, up to 7; 0 if it is new. */
  get times(): number {
    return (this.entries[this.index]! & -65536) === this.check ? this.seen[this.index]! : 0;
  }

  get sample(): number {
    return this.entries[this.index]! & 65535;
  }

  learn(sample: number): void {
    const { index, times } = this;
    this.seen[index] = times > 0 && this.sample === sample ? Math.min(mostSeen, times + 1) : 1;
    this.entries[index] = this.check | sample;
  }
}

const mixed = (h: number, value: number): number =>
  Math.imul((h << 5) ^ (h >>> 27) ^ value, 0x9e3779b1);

/** A guess less probable than this, of 65,536, is not asked about: the mixture knows better. */
const leastChance = 32768;

/**
 * Repeats in a channel of a tile: where the same neighbourhood was met before, a decision says whether the same sample
 * follows. Three memories are asked in turn, from large neighbourhoods to small ones. Screens, text and drawings are made
 * of repeats; in photos hardly any neighbourhood comes twice, and memories that are mostly wrong are not asked.
 */
export class Repeats {
  private readonly memories: Memory[];
  /** Of 65,536: that the sample repeats, by memory, times seen, and whether the samples at W and N did. */
  private readonly chances = new Float64Array(3 * (mostSeen + 1) * 4).fill(32768);
  private readonly repeated: Uint8Array;
  /** Of the place that is coded: each memory's guess (−1: none) and the index of its chance. */
  private readonly guesses = new Int32Array(3);
  private readonly contexts = new Int32Array(3);
  private at = 0;
  /** Guesses at the place that turned out wrong. */
  readonly ruledOut: number[] = [];

  constructor(
    private readonly plane: Plane,
    private readonly before: readonly Plane[],
  ) {
    const samples = plane.width * plane.height;
    const colour = before.length > 0 ? [[], shortKnown] : [firstOwn, []];
    this.memories = [[longOwn, longKnown], [shortOwn, shortKnown], colour].map(
      ([own, known]) => new Memory(own!, known!, plane.stride, samples),
    );
    this.repeated = new Uint8Array(plane.values.length);
  }

  /**
   * Codes whether the sample at `at` repeats what followed its neighbourhood before.
   * @param sample ignored when decoding
   * @returns the sample if it does, else −1: then it has to be coded otherwise, and given to `learn`
   */
  code(coder: BinaryCoder, sample: number, at: number): number {
    const { plane, repeated, chances, guesses, contexts } = this;
    const beside = repeated[at - 1]! + 2 * repeated[at - plane.stride]!;
    this.at = at;
    this.ruledOut.length = 0;
    for (let m = 0; m < this.memories.length; m++) {
      const memory = this.memories[m]!;
      memory.meet(plane.values, this.before, at);
      const times = memory.times;
      guesses[m] = times > 0 ? memory.sample : -1;
      contexts[m] = 4 * ((mostSeen + 1) * m + times) + beside;
    }
    for (let m = 0; m < guesses.length; m++) {
      const guess = guesses[m]!;
      if (guess < 0 || guesses.indexOf(guess) < m) continue;
      const p = chances[contexts[m]!]!;
      if (p < leastChance) continue;
      if (coder.code(sample === guess ? 1 : 0, p) === 1) {
        this.learn(guess);
        return guess;
      }
      this.ruledOut.push(guess);
    }
    return -1;
  }

  /** Remembers the sample of the place that `code` was last asked about. */
  learn(sample: number): void {
    const { chances, guesses, contexts, memories } = this;
    let right = 0;
    for (let m = 0; m < guesses.length; m++) {
      memories[m]!.learn(sample);
      if (guesses[m]! < 0) continue;
      const p = chances[contexts[m]!]!;
      // Whole numbers that never reach 0 or 65,536.
      if (guesses[m] === sample) {
        chances[contexts[m]!] = p + ((65536 - p) >> learningShift);
        right = 1;
      } else {
        chances[contexts[m]!] = p - (p >> learningShift);
      }
    }
    this.repeated[this.at] = right;
  }
}
