import type { AppContract } from '../../src-main/api/calls/contract';
import type { ArgsOf, ValueOf } from '../../src-main/api/channel/channel';
import { distinctColours } from '../../src-main/latents/colours';
import { Fit } from '../../src-main/latents/em';
import { coloursOf } from '../../src-main/latents/palette';
import { renderScene } from '../photos';

const colours = distinctColours(renderScene('gradient', { width: 48, height: 32 }).rgb);

/** A mixture as the session answers it, of a small scene, whatever the photo. */
export function fakeMixture(
  { settings, half, pictures }: ArgsOf<AppContract, 'latents.mixture'>,
  url: string,
): ValueOf<AppContract, 'latents.mixture'> {
  const { k, method, covariance, seed } = settings;
  const fit = new Fit(colours, k, { method, covariance, seed });
  while (fit.steps.length < half) fit.next();
  const shown = coloursOf(fit.mixture);
  return {
    half,
    steps: fit.steps,
    converged: fit.converged,
    components: fit.mixture.components.map(({ mean, covariance: matrix }, i) => ({
      ...{ weight: fit.mixture.weights[i]!, mean: [...mean], covariance: [...matrix] },
      rgb: shown[i]!.rgb,
    })),
    points: colours.codes.length,
    pixels: 48 * 32,
    pictures: Object.fromEntries((pictures ?? []).map((what) => [what, url])),
  };
}
