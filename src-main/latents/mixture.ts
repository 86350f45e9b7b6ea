import { type Gaussian, logDensity } from './gaussian';

/** P(y) = Σ_z π[z] N(y; µ[z], Σ[z]). */
export interface Mixture {
  /** π, summing to 1. A component of weight 0 takes no part. */
  weights: Float64Array;
  components: Gaussian[];
}

/** Index of the component with the highest posterior for the point at `at`; ties to the lowest. */
export function likeliest(
  { weights, components }: Mixture,
  points: Float64Array,
  at: number,
): number {
  let best = 0;
  let highest = -Infinity;
  for (let k = 0; k < components.length; k++) {
    const value = Math.log(weights[k]!) + logDensity(components[k]!, points, at);
    if (value <= highest) continue;
    highest = value;
    best = k;
  }
  return best;
}

/** Writes P(z|y) of the point at `at` to `out`; returns ln P(y) in nats. */
export function posterior(
  { weights, components }: Mixture,
  points: Float64Array,
  at: number,
  out: Float64Array,
): number {
  for (let k = 0; k < components.length; k++) {
    out[k] = Math.log(weights[k]!) + logDensity(components[k]!, points, at);
  }
  const logLikelihood = logSumExp(out);
  for (let k = 0; k < out.length; k++) out[k] = Math.exp(out[k]! - logLikelihood);
  return logLikelihood;
}

/** ln Σ exp, without overflow. */
export function logSumExp(values: Float64Array): number {
  let highest = -Infinity;
  for (const value of values) if (value > highest) highest = value;
  if (highest === -Infinity) return highest;
  let sum = 0;
  for (const value of values) if (value - highest > NEGLIGIBLE) sum += Math.exp(value - highest);
  return highest + Math.log(sum);
}

/** e⁻³⁷ is below half a unit in the last place of 1: smaller posteriors change no sum with the largest. */
export const NEGLIGIBLE = -37;
