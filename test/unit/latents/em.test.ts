import { describe, expect, it } from 'vitest';
import { covarianceShapes, sphere } from '../../../src-main/latents/covariance';
import { Fit, mixtureMethods, type Step } from '../../../src-main/latents/em';
import { gaussian, logDensity } from '../../../src-main/latents/gaussian';
import { likeliest, type Mixture } from '../../../src-main/latents/mixture';
import type { Points } from '../../../src-main/latents/points';
import { clouds, randomClouds } from './clouds';
import reference from './reference.json';

const seeds = [1, 2, 3, 4];
const cases = seeds.flatMap((seed) => [
  { seed, size: 2 + (seed % 2) },
  { seed: seed + 100, size: 5 },
]);

function steps(points: Points, options: ConstructorParameters<typeof Fit>[2], halves = 40): Step[] {
  const fit = new Fit(points, 6, options);
  for (let i = 0; i < halves; i++) fit.next();
  return fit.steps;
}

/** Largest allowed error of a sum of so many doubles. */
const slack = (value: number) => 1e-9 * Math.max(1, Math.abs(value));

describe('EM', () => {
  it('never lowers ln P, whatever the shape, re-seedings apart', () => {
    for (const { seed, size } of cases) {
      for (const covariance of covarianceShapes) {
        const made = steps(randomClouds(seed, size), { covariance, seed });
        expect(made.at(-1)!.logLikelihood).toBeGreaterThan(made[0]!.logLikelihood);
        made.slice(1).forEach((step, i) => {
          if (step.half === 'reseed') return;
          const before = made[i]!.logLikelihood;
          expect(step.logLikelihood).toBeGreaterThanOrEqual(before - slack(before));
        });
      }
    }
  });

  it('raises ELBO at each half: E by closing KL, M at the same q', () => {
    for (const { seed, size } of cases) {
      const made = steps(randomClouds(seed, size), { seed });
      made.slice(1).forEach((step, i) => {
        const before = made[i]!;
        if (step.half === 'reseed') return;
        expect(step.elbo).toBeGreaterThanOrEqual(before.elbo - slack(before.elbo));
        if (step.half === 'e') {
          expect(Math.abs(step.kl)).toBeLessThanOrEqual(1e-12);
          expect(step.logLikelihood).toBe(before.logLikelihood);
        } else {
          expect(step.kl).toBeGreaterThan(0);
          expect(step.entropy).toBeCloseTo(before.entropy, 12);
        }
      });
    }
  });

  it('has ELBO + KL = ln P, each summed apart, soft or hard', () => {
    for (const method of mixtureMethods) {
      for (const { seed, size } of cases) {
        for (const { logLikelihood, elbo, kl, entropy } of steps(randomClouds(seed, size), {
          method,
          seed,
        })) {
          expect(Math.abs(elbo + kl - logLikelihood)).toBeLessThanOrEqual(slack(logLikelihood));
          expect(kl).toBeGreaterThanOrEqual(0);
          if (method === 'em') expect(entropy).toBeGreaterThan(0);
          else expect(entropy).toBe(0);
        }
      }
    }
  });

  it('measures what the formulas say, summed point by point', () => {
    const points = randomClouds(9, 2);
    const fit = new Fit(points, 3, { seed: 4 });
    for (let i = 0; i < 4; i++) fit.next();
    const step = fit.steps.at(-1)!;
    expect(step.half).toBe('m');
    const joint = ({ weights, components }: Mixture, i: number) =>
      components.map((one, k) => weights[k]! * Math.exp(logDensity(one, points.values, 2 * i)));
    let [logP, elbo, kl, total] = [0, 0, 0, 0];
    for (let i = 0; i < points.values.length / 2; i++) {
      const count = points.counts![i]!;
      const p = joint(step.mixture, i);
      const old = joint(step.inference.mixture, i);
      const sum = (list: number[]) => list.reduce((a, b) => a + b, 0);
      const q = old.map((one) => one / sum(old));
      total += count;
      logP += count * Math.log(sum(p));
      elbo += count * sum(q.map((one, k) => one * Math.log(p[k]! / one)));
      kl += count * sum(q.map((one, k) => one * Math.log((one * sum(p)) / p[k]!)));
    }
    expect(step.logLikelihood).toBeCloseTo(logP / total, 10);
    expect(step.elbo).toBeCloseTo(elbo / total, 10);
    expect(step.kl).toBeCloseTo(kl / total, 10);
  });

  it('counts a point n times as n points', () => {
    const points = randomClouds(5, 3);
    const values = Array.from(points.counts!, (count, i) =>
      Array.from({ length: count }, () => [...points.values.slice(3 * i, 3 * i + 3)]).flat(),
    ).flat();
    const start = new Fit(points, 4).mixture;
    const counted = steps(points, { start }, 20).at(-1)!;
    const repeated = steps({ values: Float64Array.from(values), size: 3 }, { start }, 20).at(-1)!;
    expect(repeated.elbo).toBeCloseTo(counted.elbo, 10);
    repeated.mixture.components.forEach(({ covariance }, k) =>
      covariance.forEach((value, i) =>
        expect(value).toBeCloseTo(counted.mixture.components[k]!.covariance[i]!, 9),
      ),
    );
  });

  it('keeps eigenvalues above the floor, and ln P rising with it', () => {
    const flat = randomClouds(6, 3);
    for (let i = 2; i < flat.values.length; i += 3) flat.values[i] = 1;
    const made = steps(flat, { floor: 0.01, seed: 2 });
    for (const { covariance } of made.at(-1)!.mixture.components) {
      expect(covariance[8]).toBeCloseTo(0.01, 12);
      expect(covariance[0]).toBeGreaterThan(0.01);
    }
    made.slice(1).forEach((step, i) => {
      if (step.half !== 'reseed') {
        expect(step.elbo).toBeGreaterThanOrEqual(made[i]!.elbo - slack(made[i]!.elbo));
      }
    });
  });
});

describe('hard EM', () => {
  it('never raises E −ln P(z, y)', () => {
    for (const method of ['hard-em', 'k-means'] as const) {
      for (const { seed, size } of cases) {
        const made = steps(randomClouds(seed, size), { method, seed });
        const cost = ({ elbo, entropy }: Step) => -(elbo - entropy);
        expect(cost(made.at(-1)!)).toBeLessThan(cost(made[0]!));
        made.slice(1).forEach((step, i) => {
          if (step.half === 'reseed') return;
          expect(cost(step)).toBeLessThanOrEqual(cost(made[i]!) + slack(cost(made[i]!)));
        });
      }
    }
  });

  it('is k-means where covariances are σ²I and weights 1/k, ties to the lowest index', () => {
    // Whole numbers: many points lie just as far from two means.
    const grid = Float64Array.from({ length: 2 * 81 }, (_, i) =>
      i % 2 ? Math.floor(i / 2 / 9) : Math.floor(i / 2) % 9,
    );
    for (const seed of seeds) {
      const fit = new Fit({ values: grid, size: 2 }, 4, { method: 'k-means', seed });
      let means = fit.mixture.components.map(({ mean }) => [...mean]);
      for (let round = 0; round < 6; round++) {
        fit.next();
        const labels = Array.from({ length: 81 }, (_, i) => {
          const far = means.map(
            ([x, y]) => (grid[2 * i]! - x!) ** 2 + (grid[2 * i + 1]! - y!) ** 2,
          );
          return far.indexOf(Math.min(...far));
        });
        const ours = labels.map((_, i) => likeliest(fit.mixture, grid, 2 * i));
        expect(ours).toEqual(labels);
        means = means.map((_, k) =>
          [0, 1].map((d) => {
            const own = [...labels.keys()].filter((i) => labels[i] === k);
            return own.reduce((sum, i) => sum + grid[2 * i + d]!, 0) / own.length;
          }),
        );
        expect(fit.next().half).toBe('m');
        fit.mixture.components.forEach(({ mean, covariance }, k) => {
          mean.forEach((value, d) => expect(value).toBeCloseTo(means[k]![d]!, 12));
          expect(covariance[0]).toBe(fit.mixture.components[0]!.covariance[0]);
          expect(covariance[1]).toBe(0);
        });
        expect(new Set(fit.mixture.weights)).toEqual(new Set([0.25]));
      }
    }
  });

  it('puts an empty component elsewhere, as a step of its own', () => {
    const points = clouds([[0, 0], [6, 0], [0, 8]], [1, 1, 1], 50); // prettier-ignore
    const start: Mixture = {
      weights: Float64Array.of(1 / 3, 1 / 3, 1 / 3),
      components: [
        [0, 0],
        [1, 0],
        [500, 500],
      ].map((mean) =>
        // prettier-ignore
        gaussian(Float64Array.from(mean), sphere(2, 4)),
      ),
    };
    for (const method of mixtureMethods) {
      const fit = new Fit(points, 3, { method, start }).run();
      expect(fit.steps.map(({ half }) => half).slice(0, 4)).toEqual(['e', 'm', 'reseed', 'e']);
      const [, , reseed] = fit.steps;
      const fresh = reseed!.mixture.components[2]!.mean;
      const own = Array.from({ length: 150 }, (_, i) => points.values.slice(2 * i, 2 * i + 2));
      expect(own).toContainEqual(fresh);
      expect(fit.converged).toBe(true);
      const weights = [...fit.mixture.weights];
      for (const weight of weights) expect(weight).toBeCloseTo(1 / 3, 1);
    }
  });
});

describe('against scikit-learn', () => {
  /** The points that `reference.json` is about: no random numbers, so that any language makes them. */
  function referencePoints(): Points {
    const h = (i: number, m: number, c: number) => ((i * m + c) % 997) / 997;
    const values = Array.from({ length: 240 }, (_, i) => [
      h(i, 317, 11) * 2 + (i % 3) * 1.5,
      h(i, 541, 7) ** 2 * 3 - (i % 3),
      h(i, 733, 5) + (i % 2) * 0.8,
    ]);
    return { values: Float64Array.from(values.flat()), size: 3 };
  }
  const start: Mixture = {
    weights: Float64Array.of(1 / 3, 1 / 3, 1 / 3),
    components: [
      [0.5, 0.5, 0.2],
      [2, 0, 0.8],
      [3.5, -1, 1.2],
    ].map((mean) =>
      // prettier-ignore
      gaussian(Float64Array.from(mean), sphere(3, 1)),
    ),
  };
  const near = (found: Iterable<number>, expected: number[]) =>
    [...found].forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-6));

  it.each(covarianceShapes)('agrees after ten rounds with %s covariances', (covariance) => {
    const fit = new Fit(referencePoints(), 3, { covariance, start, floor: 0 });
    while (fit.steps.filter(({ half }) => half === 'm').length < 10) fit.next();
    const expected = reference[covariance];
    const { weights, components } = fit.mixture;
    near(weights, expected.weights);
    near(components.flatMap(({ mean }) => [...mean]), expected.means); // prettier-ignore
    near(components.flatMap((one) => [...one.covariance]), expected.covariances); // prettier-ignore
    near([fit.steps.at(-1)!.logLikelihood], [expected.logLikelihood]);
    // Its lower bound is ln P before the last M step.
    near([fit.steps.at(-2)!.elbo], [expected.lowerBound]);
  });

  it('agrees on k-means', () => {
    const fit = new Fit(referencePoints(), 3, { method: 'k-means', start, tolerance: 1e-12 }).run();
    near(fit.mixture.components.flatMap(({ mean }) => [...mean]), reference['k-means'].means); // prettier-ignore
  });
});
