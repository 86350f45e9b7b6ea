import { logMassOf } from './gaussian-mass';
import { normals } from './normals';
import { CROP, type Decoded, DIMS, type Posterior } from './vae';

/** The decoder with both of its likelihood heads, as `Vae` is. */
export interface Decoder {
  readonly card: { readonly logGamma: number };
  decode(latents: Float64Array): Promise<Decoded>;
}

/** What a likelihood head makes of a crop, in nats of its 8-bit values. */
export interface Head {
  /** E_q ln P(y|z). */
  logLikelihood: number;
  /** `logLikelihood` − KL: at most ln P(y). */
  elbo: number;
  /** ln (1/S Σ_s P(y, z_s) / q(z_s|y)): importance-weighted, at most ln P(y) on average, and no looser than the ELBO. */
  bound: number;
}

export interface Reading {
  /** KL(q(z|y), N(0, I)), in nats. */
  rate: number;
  /** E_q ‖y − µ(z)‖²: squared errors summed over samples of 0…1. */
  distortion: number;
  /** E_q ln p(y|z), with p the density of the global head: the continuous reading. */
  density: number;
  /** γ once for all samples, or predicted from z. */
  global: Head;
  predicted: Head;
}

/**
 * Reads a crop off its posterior: expectations are means over `samples` z drawn from q by a seed.
 *
 * @param rgb the crop, 64 × 64 × 3 interleaved, 8-bit
 * @param check called before every sample, to end the work by throwing
 */
export async function readingOf(
  decoder: Decoder,
  rgb: Uint8Array,
  q: Posterior,
  { samples, seed }: { samples: number; seed: number },
  check: () => Promise<void> | void = () => {},
): Promise<Reading> {
  const next = normals(seed);
  const drawn: (Sample & { ratio: number })[] = [];
  for (let s = 0; s < samples; s++) {
    await check();
    const noise = Float64Array.from(q.mean, next);
    const z = q.mean.map((mean, i) => mean + q.sigma[i]! * noise[i]!);
    drawn.push({ ratio: logRatio(z, noise, q), ...(await likelihoodsOf(decoder, rgb, z)) });
  }
  const rate = sumOf(klNats(q));
  const head = (name: 'global' | 'predicted'): Head => {
    const logLikelihood = meanOf(drawn.map((one) => one[name]));
    const weights = drawn.map((one) => one[name] + one.ratio);
    return { logLikelihood, elbo: logLikelihood - rate, bound: logMeanExp(weights) };
  };
  return {
    rate,
    distortion: meanOf(drawn.map(({ distortion }) => distortion)),
    density: meanOf(drawn.map(({ density }) => density)),
    global: head('global'),
    predicted: head('predicted'),
  };
}

/** Of one z: both heads' ln P(y|z) of 8-bit values, the global one's density, and ‖y − µ(z)‖². */
type Sample = Record<'global' | 'predicted' | 'density' | 'distortion', number>;

export async function likelihoodsOf(
  decoder: Decoder,
  rgb: Uint8Array,
  z: Float64Array,
): Promise<Sample> {
  const { mean, logGamma } = await decoder.decode(z);
  const gamma = Math.exp(decoder.card.logGamma);
  const constant = decoder.card.logGamma + 0.5 * Math.log(2 * Math.PI);
  const sums = { global: 0, predicted: 0, density: 0, distortion: 0 };
  for (let i = 0; i < DIMS; i++) {
    const at = placeOf(i);
    const error = rgb[i]! / 255 - mean[at]!;
    sums.global += logMassOf(rgb[i]!, mean[at]!, gamma);
    sums.predicted += logMassOf(rgb[i]!, mean[at]!, Math.exp(logGamma[at]!));
    sums.density -= 0.5 * (error / gamma) ** 2 + constant;
    sums.distortion += error * error;
  }
  return sums;
}

/** The same network read as a rate-distortion autoencoder, in nats. */
export interface Tradeoff {
  /** What a squared error, summed over samples of 0…1, is worth: 1/(2γ²). */
  lambda: number;
  /** KL + λD. */
  loss: number;
  /** n ln(γ√2π): what −ELBO, read continuously, is more than `loss`. */
  constant: number;
}

export function tradeoffOf(
  { rate, distortion }: Pick<Reading, 'rate' | 'distortion'>,
  logGamma: number,
): Tradeoff {
  const lambda = 0.5 * Math.exp(-2 * logGamma);
  const constant = DIMS * (logGamma + 0.5 * Math.log(2 * Math.PI));
  return { lambda, loss: rate + lambda * distortion, constant };
}

/** KL(q, N(0, 1)) of each latent, in nats. */
export function klNats({ mean, sigma }: Posterior): Float64Array {
  return mean.map((m, i) => 0.5 * (sigma[i]! ** 2 + m * m - 1) - Math.log(sigma[i]!));
}

/** As `klNats`, in bits. */
export const klBits = (q: Posterior): Float64Array => klNats(q).map((nats) => nats / Math.LN2);

/** Squared error of decoded planes, summed over samples of 0…1. */
export function squaredError(rgb: Uint8Array, { mean }: Pick<Decoded, 'mean'>): number {
  let sum = 0;
  for (let i = 0; i < DIMS; i++) sum += (rgb[i]! / 255 - mean[placeOf(i)]!) ** 2;
  return sum;
}

/** Where an interleaved sample lies in planes. */
const placeOf = (i: number) => (i % 3) * CROP * CROP + Math.floor(i / 3);

/** ln (p(z) / q(z|y)), z = mean + σ · noise. */
function logRatio(z: Float64Array, noise: Float64Array, { sigma }: Posterior): number {
  let sum = 0;
  z.forEach((value, i) => (sum += 0.5 * (noise[i]! ** 2 - value ** 2) + Math.log(sigma[i]!)));
  return sum;
}

const sumOf = (values: Iterable<number>): number => {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
};
const meanOf = (values: readonly number[]) => sumOf(values) / values.length;

function logMeanExp(logs: readonly number[]): number {
  const highest = Math.max(...logs);
  return highest + Math.log(meanOf(logs.map((log) => Math.exp(log - highest))));
}
