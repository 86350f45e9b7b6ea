import { type Colours, samplePixels } from './colours';
import { Fit, type MixtureOptions } from './em';
import type { Mixture } from './mixture';

/** So many pixels place the components well enough that few rounds on all colours are left. */
const SAMPLE = 2 ** 14;

/**
 * Where EM on all colours of a large photo can begin to be quick: what EM on a sample of its pixels,
 * begun at k-means++'s means, comes to. What follows is EM on all colours, exactly.
 */
export function refinedStart(
  colours: Colours,
  count: number,
  options: Omit<MixtureOptions, 'start'> = {},
): Mixture {
  const points = colours.codes.length <= SAMPLE ? colours : samplePixels(colours, SAMPLE);
  return new Fit(points, count, { ...options, tolerance: 1e-4 }).run().mixture;
}

/** Fits a mixture to the colours of a photo, from a refined start until it has converged. */
export function fitColours(
  colours: Colours,
  count: number,
  options: Omit<MixtureOptions, 'start'> = {},
): Fit {
  return new Fit(colours, count, {
    ...options,
    start: refinedStart(colours, count, options),
  }).run();
}
