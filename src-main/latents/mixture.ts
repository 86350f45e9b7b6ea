import { type Gaussian, gaussian, logDensity } from './gaussian';
import { seedMeans } from './k-means-plus-plus';

/**
 * How a mixture is fitted. `em`: each point counts for every component by its posterior. `hard-em`:
 * each point counts for its likeliest component alone. `k-means`: hard EM with one shared, round and
 * fixed covariance and even weights, so that the likeliest component is the nearest.
 */
export type MixtureMethod = 'k-means' | 'hard-em' | 'em';

export interface MixtureOptions {
  method?: MixtureMethod;
  /** Same seed, same points: same mixture. */
  seed?: number;
  iterations?: number;
  /** Stops once the objective per point gains less. */
  tolerance?: number;
  /** Added to every variance, in squared units of the points: keeps components from collapsing. */
  floor?: number;
}

export interface Mixture {
  /** Prior of each component, summing to 1. */
  weights: Float64Array;
  components: Gaussian[];
  /**
   * Mean log-likelihood per point (`em`), or with each point's component given (the others), in nats,
   * after each round; it never falls.
   */
  objective: number[];
}

/**
 * Fits a Gaussian mixture to `points` (interleaved, `size` values a point).
 *
 * @throws RangeError without points, or with fewer than one component
 */
export function fitMixture(
  points: Float64Array,
  size: number,
  count: number,
  options: MixtureOptions = {},
): Mixture {
  const { method = 'em', seed = 1, iterations = 40, tolerance = 1e-5, floor = 1e-5 } = options;
  const total = points.length / size;
  if (total < 1 || count < 1) {
    throw new RangeError(`Cannot fit ${count} components to ${total} points.`);
  }
  const means = seedMeans(points, size, count, seed);
  const variance = method === 'k-means' ? 0.5 : spread(points, size) / count + floor;
  let components = means.map((mean) => gaussian(mean, round(size, variance)));
  let weights = new Float64Array(components.length).fill(1 / components.length);
  const objective: number[] = [];
  const shares = new Float64Array(total * components.length);
  for (let iteration = 0; iteration < iterations; iteration++) {
    const before = objective.at(-1);
    const now = assign(points, size, { weights, components, objective }, method === 'em', shares);
    objective.push(now);
    if (before !== undefined && now - before < tolerance) break;
    const next = refit(points, size, shares, components, method === 'k-means', floor);
    components = next.components;
    if (method !== 'k-means') weights = next.weights;
  }
  return { weights, components, objective };
}

/** Index of the component with the highest posterior for the point that starts at `at`. */
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

/** E-step: fills each point's shares; returns the objective per point. */
function assign(
  points: Float64Array,
  size: number,
  mixture: Mixture,
  soft: boolean,
  shares: Float64Array,
): number {
  const { weights, components } = mixture;
  const count = components.length;
  const logWeights = weights.map(Math.log);
  const total = points.length / size;
  let objective = 0;
  for (let i = 0; i < total; i++) {
    let highest = -Infinity;
    let best = 0;
    for (let k = 0; k < count; k++) {
      const value = logWeights[k]! + logDensity(components[k]!, points, i * size);
      shares[i * count + k] = value;
      if (value > highest) {
        highest = value;
        best = k;
      }
    }
    let sum = 0;
    for (let k = 0; k < count; k++) {
      const share = soft ? Math.exp(shares[i * count + k]! - highest) : k === best ? 1 : 0;
      shares[i * count + k] = share;
      sum += share;
    }
    for (let k = 0; k < count; k++) shares[i * count + k]! /= sum;
    objective += highest + (soft ? Math.log(sum) : 0);
  }
  return objective / total;
}

/** M-step. A component that has lost all points keeps its place, with next to no weight. */
function refit(
  points: Float64Array,
  size: number,
  shares: Float64Array,
  components: Gaussian[],
  fixed: boolean,
  floor: number,
): { weights: Float64Array<ArrayBuffer>; components: Gaussian[] } {
  const count = components.length;
  const total = points.length / size;
  const weights = new Float64Array(count);
  const refitted = components.map((old, k) => {
    const mean = new Float64Array(size);
    let mass = 0;
    for (let i = 0; i < total; i++) {
      const share = shares[i * count + k]!;
      mass += share;
      for (let d = 0; d < size; d++) mean[d]! += share * points[i * size + d]!;
    }
    weights[k] = Math.max(mass / total, 1e-12);
    if (mass < 1e-9) return old;
    for (let d = 0; d < size; d++) mean[d]! /= mass;
    if (fixed) return { ...old, mean };
    return gaussian(mean, covarianceAround(mean, points, shares, count, k, mass, floor));
  });
  const sum = weights.reduce((a, b) => a + b, 0);
  return { weights: weights.map((weight) => weight / sum), components: refitted };
}

function covarianceAround(
  mean: Float64Array,
  points: Float64Array,
  shares: Float64Array,
  count: number,
  k: number,
  mass: number,
  floor: number,
): Float64Array {
  const size = mean.length;
  const covariance = new Float64Array(size * size);
  for (let i = 0; i < points.length / size; i++) {
    const share = shares[i * count + k]! / mass;
    if (share === 0) continue;
    for (let a = 0; a < size; a++) {
      const da = points[i * size + a]! - mean[a]!;
      for (let b = 0; b < size; b++) {
        covariance[a * size + b]! += share * da * (points[i * size + b]! - mean[b]!);
      }
    }
  }
  for (let a = 0; a < size; a++) covariance[a * size + a]! += floor;
  return covariance;
}

/** Mean squared distance from the mean, per dimension. */
function spread(points: Float64Array, size: number): number {
  const total = points.length / size;
  let sum = 0;
  for (let d = 0; d < size; d++) {
    let mean = 0;
    for (let i = d; i < points.length; i += size) mean += points[i]! / total;
    for (let i = d; i < points.length; i += size) sum += (points[i]! - mean) ** 2 / total;
  }
  return sum / size;
}

function round(size: number, variance: number): Float64Array {
  return Float64Array.from({ length: size * size }, (_, i) =>
    i % (size + 1) === 0 ? variance : 0,
  );
}
