import { type halves, mixtureMethods } from '../api/calls/latents/mixture';
import type { CovarianceShape } from './covariance';
import { fitCovariance, sphere } from './covariance';
import type { Evaluation, Inference, Measures } from './evaluate';
import { evaluate } from './evaluate';
import { gaussian } from './gaussian';
import { seedMeans } from './k-means-plus-plus';
import type { Mixture } from './mixture';
import { type Points, spread, totalOf } from './points';

/**
 * How a mixture is fitted. `em`: each point counts for every component by its posterior. `hard-em`:
 * each point counts for its likeliest component alone. `k-means`: hard EM with one shared, round and
 * fixed covariance and even weights, so that the likeliest component is the nearest.
 */
export { mixtureMethods };
export type MixtureMethod = (typeof mixtureMethods)[number];

export interface MixtureOptions {
  method?: MixtureMethod;
  covariance?: CovarianceShape;
  /** Same seed, same points: same mixture. */
  seed?: number;
  /** No eigenvalue of a covariance goes below, in squared units of the points. */
  floor?: number;
  /** Converged once ELBO gains less over both halves, in nats a point. */
  tolerance?: number;
  /** Starts here instead of at k-means++'s means. */
  start?: Mixture;
}

/** `e`: q inferred; `m`: parameters fitted; `reseed`: an empty component put elsewhere. */
export type Half = (typeof halves)[number];

export interface Step extends Measures {
  /** Rounds of E and M, from 1. */
  step: number;
  half: Half;
  /** The parameters after the half-step, and what q was inferred with. */
  mixture: Mixture;
  inference: Inference;
}

/** Components of less than this share of the points are empty. */
const EMPTY = 1e-9;

/**
 * EM by half-steps. With ELBO = ln P − KL(q, posterior), an E step brings KL to zero at the same ln P, an M
 * step raises ELBO with the same q; so ln P never falls. Hard EM keeps q to one z a point and raises
 * E_q ln P(z, y) instead.
 */
export class Fit {
  /** Where it began. */
  readonly start: Mixture;
  readonly steps: Step[] = [];
  readonly #options: Required<Omit<MixtureOptions, 'start'>>;
  #now: Evaluation;
  #mixture: Mixture;
  readonly #fresh: Float64Array;
  #inference: Inference;
  #reseedsLeft: number;

  /** @throws RangeError without points, or with fewer than one component */
  constructor(
    readonly points: Points,
    count: number,
    { start, ...options }: MixtureOptions = {},
  ) {
    if (totalOf(points) < 1 || !(count >= 1)) {
      throw new RangeError(`Cannot fit ${count} components to ${totalOf(points)} points.`);
    }
    this.#options = {
      ...{ method: 'em', covariance: 'full', seed: 1, floor: 1e-6, tolerance: 1e-3 },
      ...options,
    };
    const { floor, method, seed } = this.#options;
    this.#fresh = sphere(points.size, Math.max(floor, spread(points) / count));
    this.#mixture = this.start = start ?? this.#seeded(seedMeans(points, count, seed));
    this.#reseedsLeft = this.#mixture.components.length;
    this.#inference = { mixture: this.#mixture, hard: method !== 'em' };
    this.#now = evaluate(points, this.#mixture, this.#inference);
  }

  get mixture(): Mixture {
    return this.#mixture;
  }

  get converged(): boolean {
    return this.convergedAt(this.steps.length);
  }

  /** Whether the first so many half-steps ended with a full round that gained less than the tolerance. */
  convergedAt(count: number): boolean {
    const last = this.steps[count - 1];
    if (last?.half !== 'e') return false;
    const round = this.steps.slice(0, count - 1).filter(({ step }) => step === last.step - 1);
    const before = round.find(({ half }) => half === 'e');
    const reseeded = round.some(({ half }) => half === 'reseed');
    return before !== undefined && !reseeded && last.elbo - before.elbo < this.#options.tolerance;
  }

  /** Makes the next half-step. */
  next(): Step {
    const last = this.steps.at(-1);
    if (last?.half === 'e') return this.#take(last.step, 'm', this.#refitted());
    const empty = last && this.#emptyComponent();
    if (empty !== undefined && this.#reseedsLeft > 0) {
      this.#reseedsLeft--;
      return this.#take(last!.step, 'reseed', this.#reseeded(empty));
    }
    this.#inference = { ...this.#inference, mixture: this.#mixture };
    return this.#record((last?.step ?? 0) + 1, 'e', this.#now.after);
  }

  /** Goes on until converged, or for so many rounds. */
  run(rounds = 500): this {
    while (!this.converged && (this.steps.at(-1)?.step ?? 0) <= rounds) this.next();
    return this;
  }

  #take(step: number, half: Half, mixture: Mixture): Step {
    this.#mixture = mixture;
    this.#now = evaluate(this.points, mixture, this.#inference);
    return this.#record(step, half, this.#now.before);
  }

  #record(step: number, half: Half, measures: Measures): Step {
    const { mixture } = this;
    const made = { step, half, ...measures, mixture, inference: this.#inference };
    this.steps.push(made);
    return made;
  }

  #seeded(means: Float64Array[]): Mixture {
    return {
      weights: new Float64Array(means.length).fill(1 / means.length),
      components: means.map((mean) => gaussian(mean, this.#fresh)),
    };
  }

  /**
   * The M step. With N_z = Σ q: π = N_z / N, µ = Σ q y / N_z, Σ = Σ q yyᵀ / N_z − µµᵀ. A component that
   * has lost all points keeps its place, with weight 0.
   */
  #refitted(): Mixture {
    const { size } = this.points;
    const { method, covariance: shape, floor } = this.#options;
    const { mass, first, second, total } = this.#now.sums;
    const fixed = method === 'k-means';
    const components = this.#mixture.components.map((old, k) => {
      if (mass[k]! <= EMPTY * total) return old;
      const shift = first.slice(k * size, (k + 1) * size).map((sum) => sum / mass[k]!);
      const mean = old.mean.map((value, d) => value + shift[d]!);
      if (fixed) return { ...old, mean };
      const scatter = new Float64Array(size * size);
      for (let i = 0; i < size; i++) {
        for (let j = 0; j <= i; j++) {
          const value = second[(k * size + i) * size + j]! / mass[k]! - shift[i]! * shift[j]!;
          scatter[i * size + j] = scatter[j * size + i] = value;
        }
      }
      return gaussian(mean, fitCovariance(scatter, size, shape, floor));
    });
    if (fixed) return { weights: this.#mixture.weights, components };
    const kept = mass.map((one) => (one <= EMPTY * total ? 0 : one));
    const sum = kept.reduce((a, b) => a + b, 0);
    return { weights: kept.map((one) => one / sum), components };
  }

  /** A component without points: `sums` are of the q that the next E step would take. */
  #emptyComponent(): number | undefined {
    const { mass, total } = this.#now.sums;
    const found = mass.findIndex((one) => one <= EMPTY * total);
    return found < 0 ? undefined : found;
  }

  /** Puts a component on the point that is explained worst, as it would have started there. */
  #reseeded(index: number): Mixture {
    const { size, values } = this.points;
    const { weights, components } = this.#mixture;
    const at = this.#now.worst * size;
    const fresh = gaussian(values.slice(at, at + size), this.#fresh);
    const share = 1 / components.length;
    const rest = 1 - weights[index]!;
    return {
      weights:
        this.#options.method === 'k-means'
          ? weights
          : weights.map((old, k) => (k === index ? share : (old * (1 - share)) / rest)),
      components: components.map((old, k) => (k === index ? fresh : old)),
    };
  }
}
