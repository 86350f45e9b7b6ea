import { type Colours, samplePixels } from './colours';
import { Fit, type MixtureOptions } from './em';
import type { Mixture } from './mixture';

/** So many pixels place the components well enough that few rounds on all colours are left. */
const SAMPLE = 2 ** 14;

type Options = Omit<MixtureOptions, 'start'>;

/**
 * Where EM on very many colours can begin to be quick: what EM on a sample of the photo's pixels,
 * begun at k-means++'s means, comes to. What follows is EM on all colours, exactly.
 */
export function refinedStart(
  colours: Colours,
  count: number,
  options: Options = {},
  pixels = SAMPLE,
): Mixture {
  const points = samplePixels(colours, pixels);
  return new Fit(points, count, { ...options, tolerance: 1e-4 }).run().mixture;
}

/**
 * A mixture of the colours of a photo, ready to be fitted: from k-means++'s means, or, where there are
 * so many distinct colours that rounds take long, from a refined start.
 */
export function quickFit(colours: Colours, count: number, options: Options = {}): Fit {
  if (colours.codes.length <= 4 * SAMPLE) return new Fit(colours, count, options);
  return new Fit(colours, count, { ...options, start: refinedStart(colours, count, options) });
}
