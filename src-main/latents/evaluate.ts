import { countAt, type Points, totalOf } from './points';
import type { Mixture } from './mixture';
import { Posterior } from './posterior';

/** q(z|y), as what it was inferred with: a mixture's posterior, or its likeliest z alone (ties to the lowest). */
export interface Inference {
  mixture: Mixture;
  hard: boolean;
}

/** Means per point, in nats; each is a sum of its own, so that ELBO + KL = ln P is a check. */
export interface Measures {
  /** ln P(y), by log-sum-exp. */
  logLikelihood: number;
  /** E_q ln (P(z, y) / q(z|y)). */
  elbo: number;
  /** KL(q(z|y), P(z|y)). */
  kl: number;
  /** H(q(z|y)). */
  entropy: number;
}

/** What an M step needs of a posterior: sums over the points, around the means they were made with. */
export interface Sums {
  mass: Float64Array;
  /** Σ q (y − µ), `size` a component. */
  first: Float64Array;
  /** Σ q (y − µ)(y − µ)ᵀ, size × size a component. */
  second: Float64Array;
  total: number;
}

export interface Evaluation {
  /** With q as it was. */
  before: Measures;
  /** With q inferred anew. */
  after: Measures;
  /** Of the new q. */
  sums: Sums;
  /** The point of the lowest likelihood, where an empty component may start anew. */
  worst: number;
}

/**
 * One pass over the points under a mixture: the measures with the q so far and with a new one, and
 * the new one's sums. Nothing is stored a point, so memory does not grow with k.
 */
export function evaluate(points: Points, mixture: Mixture, q: Inference): Evaluation {
  const { values, size } = points;
  const total = totalOf(points);
  const count = mixture.components.length;
  const now = new Posterior(mixture, size, q.hard);
  const then = q.mixture === mixture ? now : new Posterior(q.mixture, size, q.hard);
  const before = new Meter();
  const after = new Meter();
  const means = now.means;
  const mass = new Float64Array(count);
  const first = new Float64Array(count * size);
  const second = new Float64Array(count * size * size);
  let sum = 0;
  const offset = new Float64Array(size);
  let worst = 0;
  let lowest = Infinity;
  for (let i = 0; i < total; i++) {
    const times = countAt(points, i);
    now.at(values, i * size);
    if (then !== now) then.at(values, i * size);
    if (now.logP < lowest) {
      lowest = now.logP;
      worst = i;
    }
    before.add(times, now, then);
    after.add(times, now, now);
    for (let a = 0; a < now.activeCount; a++) {
      const k = now.active[a]!;
      const share = times * now.shares[k]!;
      mass[k]! += share;
      for (let d = 0, at = k * size; d < size; d++, at++) {
        offset[d] = values[i * size + d]! - means[at]!;
        const weighted = share * offset[d]!;
        first[at]! += weighted;
        for (let e = 0, to = at * size; e <= d; e++, to++) second[to]! += weighted * offset[e]!;
      }
    }
    sum += times;
  }
  const sums = { mass, first, second, total: sum };
  return { before: before.means(sum), after: after.means(sum), sums, worst };
}

/** Sums of the measures over points. */
class Meter {
  #logLikelihood = 0;
  #elbo = 0;
  #kl = 0;
  #entropy = 0;

  /** Adds a point that occurs `times` times, under the model `p`, with q inferred by another. */
  add(times: number, p: Posterior, q: Posterior): void {
    let elbo = 0;
    let kl = 0;
    let entropy = 0;
    for (let a = 0; a < q.activeCount; a++) {
      const k = q.active[a]!;
      const share = q.shares[k]!;
      const logQ = q.hard ? 0 : q.logs[k]! - q.logP;
      elbo += share * (p.logs[k]! - logQ);
      kl += share * (logQ - (p.logs[k]! - p.logP));
      entropy -= share * logQ;
    }
    this.#logLikelihood += times * p.logP;
    this.#elbo += times * elbo;
    this.#kl += times * kl;
    this.#entropy += times * entropy;
  }

  means(total: number): Measures {
    return {
      logLikelihood: this.#logLikelihood / total,
      elbo: this.#elbo / total,
      kl: this.#kl / total,
      entropy: this.#entropy / total,
    };
  }
}
