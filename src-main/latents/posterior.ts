import { type Mixture, NEGLIGIBLE } from './mixture';

/** What a mixture says of one point at a time, laid out for speed: EM spends its time here. */
export class Posterior {
  /** ln P(z, y) of each z, and ln P(y), of the point last asked for. */
  readonly logs: Float64Array;
  logP = 0;
  /** P(z|y), or 1 for the likeliest z alone; of the first `activeCount` z in `active`, 0 for others. */
  readonly shares: Float64Array;
  readonly active: Int32Array;
  activeCount = 0;
  readonly #offsets: Float64Array;
  readonly means: Float64Array;
  readonly #whitenings: Float64Array;

  constructor(
    { weights, components }: Mixture,
    readonly size: number,
    readonly hard: boolean,
  ) {
    this.logs = new Float64Array(components.length);
    this.shares = new Float64Array(components.length);
    this.active = new Int32Array(components.length);
    this.#offsets = Float64Array.from(components, (one, k) => Math.log(weights[k]!) + one.logScale);
    this.means = Float64Array.from(components.flatMap(({ mean }) => [...mean]));
    this.#whitenings = Float64Array.from(components.flatMap(({ whitening }) => [...whitening]));
  }

  at(values: Float64Array, at: number): void {
    const { logs, shares, active } = this;
    if (this.size === 3) this.#three(values[at]!, values[at + 1]!, values[at + 2]!);
    else this.#any(values, at);
    let best = 0;
    for (let k = 1; k < logs.length; k++) if (logs[k]! > logs[best]!) best = k;
    const highest = logs[best]!;
    let sum = 0;
    let count = 0;
    for (let k = 0; k < logs.length; k++) {
      const log = logs[k]! - highest;
      if (!(log > NEGLIGIBLE)) continue;
      sum += shares[k] = Math.exp(log);
      active[count++] = k;
    }
    this.logP = highest + Math.log(sum);
    this.activeCount = count;
    if (this.hard) {
      this.activeCount = 1;
      active[0] = best;
      shares[best] = 1;
    } else {
      for (let a = 0; a < count; a++) shares[active[a]!]! /= sum;
    }
  }

  /** As `#any`, unrolled for colours. */
  #three(x: number, y: number, z: number): void {
    const { logs } = this;
    const means = this.means;
    const whitenings = this.#whitenings;
    const offsets = this.#offsets;
    for (let k = 0; k < logs.length; k++) {
      const m = 3 * k;
      const w = 9 * k;
      const dx = x - means[m]!;
      const dy = y - means[m + 1]!;
      const dz = z - means[m + 2]!;
      const a = whitenings[w]! * dx;
      const b = whitenings[w + 3]! * dx + whitenings[w + 4]! * dy;
      const c = whitenings[w + 6]! * dx + whitenings[w + 7]! * dy + whitenings[w + 8]! * dz;
      logs[k] = offsets[k]! - 0.5 * (a * a + b * b + c * c);
    }
  }

  #any(values: Float64Array, at: number): void {
    const { logs, size } = this;
    for (let k = 0; k < logs.length; k++) {
      let squares = 0;
      for (let i = 0; i < size; i++) {
        let sum = 0;
        for (let j = 0; j <= i; j++) {
          const offset = values[at + j]! - this.means[k * size + j]!;
          sum += this.#whitenings[(k * size + i) * size + j]! * offset;
        }
        squares += sum * sum;
      }
      logs[k] = this.#offsets[k]! - 0.5 * squares;
    }
  }
}
