import type { BinaryCoder } from '../entropy/binary';
import { logistic } from './logistic';

/** Scales of an expert's logistic distributions, in units of its recent mean error. */
const widths = [0.55, 1, 2];
const shapes = widths.length;
/** Share of the uniform distribution: no sample costs without bound. */
const uniform = 0.0005;
const learning = 0.002;

/**
 * P(y) = Σ_z P(z) P(y|z) over experts z, each a mixture of logistic distributions of three widths around its
 * prediction. P(z) is Bayesian: a Laplace distribution fitted to the m errors nearby, of mean s, has the
 * likelihood ∝ s^−m; the widths' weights follow by online EM in each context.
 */
export class ExpertMixture {
  /** Predictions, one an expert; set before `code`. */
  readonly means: Float64Array;
  /** Mean absolute errors nearby, one an expert; set before `code`. */
  readonly errors: Float64Array;
  private readonly shares: Float64Array;
  private readonly weights: Float64Array;
  private readonly inverse: Float64Array;
  private readonly tuned: Float64Array;
  private readonly levels: number;
  /** Samples ruled out at this place, with their probabilities. */
  private readonly out: { sample: number; mass: number }[] = [];

  constructor(
    private readonly experts: number,
    contexts: number,
    private readonly depth: number,
  ) {
    this.means = new Float64Array(experts);
    this.errors = new Float64Array(experts);
    this.shares = new Float64Array(experts);
    this.weights = new Float64Array(experts * shapes);
    this.inverse = new Float64Array(experts * shapes);
    this.tuned = new Float64Array(contexts * experts * shapes).fill(1 / shapes);
    this.levels = 2 ** depth;
  }

  /**
   * Codes one sample (ignored when decoding) by binary decisions, high bits first, and learns from it.
   * @param ruledOut samples that it is known not to be, each once
   */
  code(coder: BinaryCoder, sample: number, context: number, ruledOut: readonly number[]): number {
    this.weigh(context);
    this.ruleOut(ruledOut);
    let low = 0;
    let below = 0;
    let above = this.distribution(this.levels);
    for (let bit = this.depth - 1; bit >= 0; bit--) {
      const middle = low + 2 ** bit;
      const split = this.distribution(middle);
      const p = Math.round((65536 * (above - split)) / (above - below));
      // Where every sample left is ruled out there is no probability to divide by.
      const upper = coder.code((sample >> bit) & 1, p > 65535 ? 65535 : p >= 1 ? p : 1);
      if (upper === 1) {
        low = middle;
        below = split;
      } else {
        above = split;
      }
    }
    this.learn(low, context);
    return low;
  }

  private weigh(context: number): void {
    const { experts, shares, weights, inverse, tuned } = this;
    let total = 0;
    for (let k = 0; k < experts; k++) {
      const s = this.errors[k]! + 0.2;
      shares[k] = 1 / (s * s * s);
      total += shares[k]!;
    }
    const from = context * experts * shapes;
    let sum = 0;
    for (let k = 0, i = 0; k < experts; k++) {
      const scale = 0.558 * this.errors[k]! + 0.28;
      for (let w = 0; w < shapes; w++, i++) {
        weights[i] = (shares[k]! / total) * tuned[from + i]!;
        sum += weights[i]!;
        inverse[i] = 1 / (scale * widths[w]!);
      }
    }
    for (let i = 0; i < weights.length; i++) weights[i]! /= sum;
  }

  private ruleOut(samples: readonly number[]): void {
    const { out } = this;
    out.length = 0;
    for (const sample of samples) {
      const mass = this.mixed(sample + 1) - this.mixed(sample);
      out.push({ sample, mass });
    }
  }

  /** P(y < edge), less that of samples ruled out. */
  private distribution(edge: number): number {
    let sum = edge === this.levels ? 1 : this.mixed(edge);
    for (const { sample, mass } of this.out) if (sample < edge) sum -= mass;
    return sum;
  }

  private mixed(edge: number): number {
    const { means, weights, inverse } = this;
    let sum = 0;
    for (let k = 0, i = 0; k < means.length; k++) {
      const distance = edge - 0.5 - means[k]!;
      for (let w = 0; w < shapes; w++, i++) sum += weights[i]! * logistic(distance * inverse[i]!);
    }
    return (1 - uniform) * sum + (uniform * edge) / this.levels;
  }

  /** One step of online EM (Cappé and Moulines 2009): weights move towards the posterior P(z, width | y). */
  private learn(sample: number, context: number): void {
    const { means, weights, inverse, tuned, experts } = this;
    const mass = this.inverse;
    let total = 1e-30;
    for (let k = 0, i = 0; k < experts; k++) {
      const distance = sample - means[k]!;
      for (let w = 0; w < shapes; w++, i++) {
        const low = sample === 0 ? 0 : logistic((distance - 0.5) * inverse[i]!);
        const high = sample === this.levels - 1 ? 1 : logistic((distance + 0.5) * inverse[i]!);
        mass[i] = weights[i]! * (high - low);
        total += mass[i]!;
      }
    }
    const from = context * experts * shapes;
    for (let i = 0; i < mass.length; i++) {
      // Relative to the prior, whose sum over components is 1: a component the data prefer grows.
      const next = tuned[from + i]! * (1 - learning) + learning * (mass[i]! / total);
      tuned[from + i] = next < 1e-4 ? 1e-4 : next;
    }
  }
}
