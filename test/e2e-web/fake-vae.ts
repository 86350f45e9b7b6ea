import type { AppContract } from '../../src-main/api/calls/contract';
import { cropSide } from '../../src-main/api/calls/contract';
import type { Handlers } from '../../src-main/api/channel/channel';

/** Readings as the session answers them, of invented numbers that belong together as real ones do. */
export function fakeVae(
  { width, height }: { width: number; height: number },
  url: string,
): Pick<
  Handlers<AppContract>,
  'latents.samples' | 'latents.encode' | 'latents.decode' | 'latents.between'
> {
  const placed = (at: { x: number; y: number } | null) => ({
    ...{ width, height },
    at: at ?? { x: (width - cropSide) / 2, y: (height - cropSide) / 2 },
  });
  const latents = Array.from({ length: 512 }, (_, i) => {
    const mean = (i % 2 ? -3 : 3) * Math.exp(-i / 40);
    const sigma = Math.min(1, 0.05 + i / 200);
    const bits = (0.5 * (sigma ** 2 + mean ** 2 - 1) - Math.log(sigma)) / Math.LN2;
    return { mean, sigma, bits: Math.max(0, bits) };
  });
  const rate = Math.LN2 * latents.reduce((sum, { bits }) => sum + bits, 0);
  const [dims, gamma, distortion] = [12288, 0.06, 30];
  const lambda = 1 / (2 * gamma ** 2);
  const constant = dims * Math.log(gamma * Math.sqrt(2 * Math.PI));
  const head = (logLikelihood: number) => ({
    ...{ logLikelihood, elbo: logLikelihood - rate, bound: logLikelihood - rate + 20 },
  });
  return {
    'latents.samples': ({ count }) => ({ latents: 512, urls: Array<string>(count).fill(url) }),
    'latents.encode': ({ at, samples }) => ({
      ...{ ...placed(at), dims, latents, samples, rate, distortion, gamma },
      ...{ global: head(-46_000), predicted: head(-38_000) },
      tradeoff: { lambda, loss: rate + lambda * distortion, constant },
      continuous: rate + lambda * distortion + constant,
      ...{ preview: url, crop: url, reconstruction: url },
    }),
    'latents.decode': ({ moved, temperature }) => ({
      url,
      error: 25 + 5 * temperature + moved.length,
    }),
    'latents.between': ({ from, to, count }) => ({
      ends: [from, to].map(({ at }) => ({ ...placed(at), preview: url, crop: url })),
      urls: Array<string>(count).fill(url),
    }),
  };
}
