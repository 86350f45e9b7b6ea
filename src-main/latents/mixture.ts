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

/** e⁻³⁷ is below half a unit in the last place of 1: smaller posteriors change no sum with the largest. */
export const NEGLIGIBLE = -37;
