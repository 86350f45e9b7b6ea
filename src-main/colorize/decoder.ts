import { LaviError } from '../api/errors';
import type { Placement } from './frame';
import { cellCount, FRAME, sampleIndex, SAMPLES, samplesOf, SIDE } from './frame';
import { logAdd, logLogistic, logSigmoid } from './logistic';
import type { Tables } from './manifest';

/** Mean a, mean b, log scale a, log scale b, slope of b on a, weight: of a label at a sample. */
const PARAMETERS = 6;
/** Chroma units that a mean of 1 stands for. */
const UNIT = 16;
/** A cell's 3×3 cells; its own is the middle one. */
export const NEAR = 9;

/** Writes a cell's labels around it, −1 beyond the photo; `at` counts the photo's cells in rows. */
export function labelsAround(
  labels: ArrayLike<number>,
  { columns, rows }: Placement,
  at: number,
  into: Int16Array,
): void {
  const x = at % columns;
  const y = (at - x) / columns;
  for (let n = 0; n < NEAR; n++) {
    const column = x + (n % 3) - 1;
    const row = y + Math.floor(n / 3) - 1;
    const within = column >= 0 && column < columns && row >= 0 && row < rows;
    into[n] = within ? labels[row * columns + column]! : -1;
  }
}

/**
 * P(ŷ|z,x) of one photo: each chroma sample is a mixture over the labels of its cell's 3×3 cells, and
 * their average, of discretised logistics in a and in b given a. A label's parameters are a linear map
 * of the trunk; how much a sample heeds a neighbouring cell's label depends on how alike the two look.
 */
export class Decoder {
  readonly #table: Float32Array;
  readonly #blend: Float32Array;
  readonly #width: number;
  readonly #trunk: Float32Array; // [cells, 16, T]
  readonly #near: Float32Array; // log weight of each of the 9 before the label's own: [cells, 9, 16]
  readonly #known = new Map<number, Float32Array>();
  readonly labels: number;

  /** @param trunk [T + A, 128, 128] of the photo's frame: trunk channels, then affinity's */
  constructor(
    tables: Tables,
    readonly place: Placement,
    trunk: Float32Array,
  ) {
    const { table, place: position, blend } = tables as Required<Tables>;
    if (!table || !position || !blend) {
      throw new LaviError('MODEL_MISMATCH', 'Expected the tables table, place and blend.');
    }
    this.labels = table.shape[0]!;
    this.#width = table.shape[2]! - 1;
    this.#table = table.data;
    this.#blend = blend.data;
    const size = FRAME / 2;
    const channels = trunk.length / size ** 2;
    const sample = (cell: number, p: number, c: number): number => {
      const x = (place.left + (cell % place.columns)) * SIDE + (p % SIDE);
      const y = (place.top + Math.floor(cell / place.columns)) * SIDE + Math.floor(p / SIDE);
      return trunk[(c * size + y) * size + x]!;
    };
    const count = cellCount(place);
    this.#trunk = new Float32Array(count * SAMPLES * this.#width);
    for (let cell = 0, i = 0; cell < count; cell++) {
      for (let p = 0; p < SAMPLES; p++) {
        for (let c = 0; c < this.#width; c++) this.#trunk[i++] = sample(cell, p, c);
      }
    }
    this.#near = this.#affinities(position.data, channels - this.#width, sample);
  }

  /** Position's share minus the squared distance of a sample's features to a cell's mean features. */
  #affinities(
    position: Float32Array,
    features: number,
    sample: (cell: number, p: number, channel: number) => number,
  ): Float32Array {
    const { columns, rows } = this.place;
    const count = columns * rows;
    const own = new Float64Array(count * SAMPLES * features);
    const means = new Float64Array(count * features);
    for (let cell = 0; cell < count; cell++) {
      for (let p = 0; p < SAMPLES; p++) {
        for (let c = 0; c < features; c++) {
          const value = sample(cell, p, this.#width + c);
          own[(cell * SAMPLES + p) * features + c] = value;
          means[cell * features + c]! += value / SAMPLES;
        }
      }
    }
    const out = new Float32Array(count * NEAR * SAMPLES);
    for (let cell = 0; cell < count; cell++) {
      for (let n = 0; n < NEAR; n++) {
        const other = cell + (Math.floor(n / 3) - 1) * columns + (n % 3) - 1;
        if (other < 0 || other >= count) continue; // never looked at: its label is −1
        for (let p = 0; p < SAMPLES; p++) {
          let distance = 0;
          for (let c = 0; c < features; c++) {
            const d = own[(cell * SAMPLES + p) * features + c]! - means[other * features + c]!;
            distance += d * d;
          }
          out[(cell * NEAR + n) * SAMPLES + p] = position[n * SAMPLES + p]! - distance;
        }
      }
    }
    return out;
  }

  /** Parameters [6, 16] of a label at the samples of a cell. */
  parameters(cell: number, label: number): Float32Array {
    const key = cell * this.labels + label;
    let out = this.#known.get(key);
    if (!out) {
      out = this.compute(cell, label, new Float32Array(PARAMETERS * SAMPLES));
      this.#known.set(key, out);
    }
    return out;
  }

  /** As `parameters`, into `out`, without keeping them. */
  compute(cell: number, label: number, out: Float32Array): Float32Array {
    const width = this.#width;
    for (let k = 0; k < PARAMETERS; k++) {
      const row = (label * PARAMETERS + k) * (width + 1);
      for (let p = 0; p < SAMPLES; p++) {
        const start = (cell * SAMPLES + p) * width;
        let sum = this.#table[row + width]!;
        for (let c = 0; c < width; c++) sum += this.#table[row + c]! * this.#trunk[start + c]!;
        out[k * SAMPLES + p] = k < 2 ? sum * UNIT : sum;
      }
    }
    return out;
  }

  /** Each label's own mean chroma at every sample [4·rows · 4·columns, K, 2]. */
  ownMeans(): Float32Array {
    const width = this.#width;
    const table = this.#table;
    const out = new Float32Array(cellCount(this.place) * SAMPLES * this.labels * 2);
    for (let cell = 0; cell < cellCount(this.place); cell++) {
      for (let p = 0; p < SAMPLES; p++) {
        const start = (cell * SAMPLES + p) * width;
        let at = sampleIndex(this.place, cell, p) * this.labels * 2;
        for (let label = 0; label < this.labels; label++) {
          for (let k = 0; k < 2; k++) {
            const row = (label * PARAMETERS + k) * (width + 1);
            let sum = table[row + width]!;
            for (let c = 0; c < width; c++) sum += table[row + c]! * this.#trunk[start + c]!;
            out[at++] = sum * UNIT;
          }
        }
      }
    }
    return out;
  }

  /**
   * log P of the samples of a cell under one label alone.
   * @param y a and b of the 16 samples, interleaved
   */
  ownLogLikelihood(parameters: Float32Array, y: ArrayLike<number>): number {
    let sum = 0;
    for (let p = 0; p < SAMPLES; p++) sum += logPair(parameters, p, y[2 * p]!, y[2 * p + 1]!);
    return sum;
  }

  /** The mixture of a cell with the labels `near` (9, −1 beyond the photo). */
  mixture(cell: number, near: ArrayLike<number>): Mixture {
    const parts: (Float32Array | undefined)[] = [];
    for (let n = 0; n < NEAR; n++) {
      parts.push(near[n]! < 0 ? undefined : this.parameters(cell, near[n]!));
    }
    return new Mixture(
      parts,
      this.#near.subarray(cell * NEAR * SAMPLES, (cell + 1) * NEAR * SAMPLES),
      this.#gates(cell),
    );
  }

  /** The average's gate and the change of its log scales [2, 16]. */
  #gates(cell: number): Float32Array {
    const width = this.#width;
    const out = new Float32Array(2 * SAMPLES);
    for (let k = 0; k < 2; k++) {
      const row = k * (width + 1);
      for (let p = 0; p < SAMPLES; p++) {
        const start = (cell * SAMPLES + p) * width;
        let sum = this.#blend[row + width]!;
        for (let c = 0; c < width; c++) sum += this.#blend[row + c]! * this.#trunk[start + c]!;
        out[k * SAMPLES + p] = sum;
      }
    }
    return out;
  }

  /** Mean chroma given z, interleaved [4·rows, 4·columns, 2]. */
  mean(labels: ArrayLike<number>): Float32Array {
    const { place } = this;
    const out = new Float32Array(cellCount(place) * SAMPLES * 2);
    const near = new Int16Array(NEAR);
    for (let cell = 0; cell < cellCount(place); cell++) {
      labelsAround(labels, place, cell, near);
      const mixture = this.mixture(cell, near);
      for (let p = 0; p < SAMPLES; p++) mixture.mean(p, out, 2 * sampleIndex(place, cell, p));
    }
    return out;
  }

  /** log P(ŷ|z,x) over the photo; `chroma` interleaved [4·rows, 4·columns, 2] in whole units. */
  logLikelihood(labels: ArrayLike<number>, chroma: Float32Array): number {
    const near = new Int16Array(NEAR);
    const y = new Float32Array(2 * SAMPLES);
    let sum = 0;
    for (let cell = 0; cell < cellCount(this.place); cell++) {
      labelsAround(labels, this.place, cell, near);
      samplesOf(chroma, this.place, cell, y);
      sum += this.mixture(cell, near).logLikelihood(y);
    }
    return sum;
  }
}

/** A cell's mixture: log weights and parameters of up to nine labels, and of their average. */
export class Mixture {
  readonly #weights = new Float64Array(NEAR);
  readonly #average = new Float64Array(PARAMETERS - 1);
  /** The first neighbour of the same label: one term of the mixture serves them all. */
  readonly #first: number[];

  constructor(
    /** Parameters [6, 16] a neighbour; undefined beyond the photo. */
    readonly parts: (Float32Array | undefined)[],
    private readonly near: Float32Array,
    private readonly gates: Float32Array,
  ) {
    this.#first = parts.map((part) => parts.indexOf(part));
  }

  /** Sets weights and average for sample p. */
  #prepare(p: number): void {
    const { parts, near } = this;
    const weights = this.#weights;
    const average = this.#average.fill(0);
    let largest = -Infinity;
    for (let n = 0; n < NEAR; n++) {
      const part = parts[n];
      weights[n] = part ? near[n * SAMPLES + p]! + part[5 * SAMPLES + p]! : -Infinity;
      if (weights[n]! > largest) largest = weights[n]!;
    }
    let total = 0;
    for (let n = 0; n < NEAR; n++) total += weights[n] = Math.exp(weights[n]! - largest);
    for (let n = 0; n < NEAR; n++) {
      const part = parts[n];
      if (!part) continue;
      const weight = (weights[n]! /= total);
      for (let k = 0; k < average.length; k++) average[k]! += weight * part[k * SAMPLES + p]!;
    }
  }

  /** Writes mean a and b of sample p: the mixture's mean is its average's. */
  mean(p: number, out: Float32Array, at: number): void {
    this.#prepare(p);
    out[at] = this.#average[0]!;
    out[at + 1] = this.#average[1]!;
  }

  /** log P of the cell's samples; y interleaved. */
  logLikelihood(y: ArrayLike<number>): number {
    const average = this.#average;
    let sum = 0;
    for (let p = 0; p < SAMPLES; p++) {
      this.#prepare(p);
      const a = y[2 * p]!;
      const b = y[2 * p + 1]!;
      const parts = this.#logParts(p, a, b);
      const gate = this.gates[p]!;
      const wider = this.gates[SAMPLES + p]!;
      const mean = average[1]! + average[4]! * (a - average[0]!);
      const blended =
        logLogistic(a, average[0]!, average[2]! + wider) +
        logLogistic(b, mean, average[3]! + wider);
      sum += logAdd(logSigmoid(-gate) + parts, logSigmoid(gate) + blended);
    }
    return sum;
  }

  /** log Σ weight · P(a, b) over the neighbours' labels. */
  #logParts(p: number, a: number, b: number): number {
    const weights = this.#weights;
    for (let n = 0; n < NEAR; n++) {
      const first = this.#first[n]!;
      if (first === n) continue;
      weights[first]! += weights[n]!;
      weights[n] = 0;
    }
    let out = -Infinity;
    for (let n = 0; n < NEAR; n++) {
      if (weights[n] === 0) continue;
      const value = Math.log(weights[n]!) + logPair(this.parts[n]!, p, a, b);
      out = out === -Infinity ? value : logAdd(out, value);
    }
    return out;
  }
}

/** log P(a) + log P(b|a) of sample p under a label's parameters [6, 16]. */
export function logPair(part: Float32Array, p: number, a: number, b: number): number {
  const meanA = part[p]!;
  const meanB = part[SAMPLES + p]! + part[4 * SAMPLES + p]! * (a - meanA);
  return (
    logLogistic(a, meanA, part[2 * SAMPLES + p]!) + logLogistic(b, meanB, part[3 * SAMPLES + p]!)
  );
}
