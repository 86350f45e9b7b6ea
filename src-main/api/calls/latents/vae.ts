import { z } from 'zod';
import { id, pictureUrl, pixels } from '../../shapes';

/** The calls of the workspace "Latents" about a Gaussian VAE of 64 × 64 crops of photos. */

/** Side of the crops. */
export const cropSide = 64;
/** A latent that carries more than so many bits counts as alive. */
export const aliveBits = 0.01;
/** How far latents can be moved from 0, in standard deviations of the prior. */
export const farthestLatent = 12;
export const mostPosteriorSamples = 64;
export const mostBetween = 33;

const seed = z
  .int()
  .min(0)
  .max(2 ** 31);
const corner = z.object({ x: z.int().nonnegative(), y: z.int().nonnegative() });
/** A crop's upper left corner; null for the one in the photo's middle. */
const at = corner.nullable();

export const vaeSampling = {
  seed,
  count: z.int().min(1).max(64),
  temperature: z.number().min(0).max(2),
};

export const encodeArgs = { at, seed, samples: z.int().min(1).max(mostPosteriorSamples) };

export const decodeArgs = {
  at,
  seed,
  /** Latents that have these values instead of their own. */
  moved: z
    .array(
      z.object({
        index: z.int().nonnegative(),
        value: z.number().min(-farthestLatent).max(farthestLatent),
      }),
    )
    .max(10_000),
  /** The others are mean + temperature · σ · ε, ε ~ N(0, 1) drawn by the seed: 0 for the posterior's mean. */
  temperature: z.number().min(0).max(2),
};

export const betweenCount = z.int().min(2).max(mostBetween);

/** A crop in its photo. */
export const placedSchema = z.object({ width: pixels, height: pixels, at: corner });

/** In nats, of a crop's 8-bit values: −ln of the Gaussian's mass on each one's bin. */
const head = z.object({
  /** E_q ln P(y|z). */
  logLikelihood: z.number(),
  elbo: z.number(),
  /** The importance-weighted bound. */
  bound: z.number(),
});

export const readingSchema = placedSchema.extend({
  /** Values of a crop, n. */
  dims: pixels,
  /** The posterior beside the prior N(0, 1), and its KL, in bits. */
  latents: z.array(z.object({ mean: z.number(), sigma: z.number(), bits: z.number() })),
  samples: pixels,
  /** KL in nats, in all. */
  rate: z.number(),
  /** Squared errors summed over samples of 0…1, in the mean over z drawn from the posterior. */
  distortion: z.number(),
  /** The global γ, in 0…1 units. */
  gamma: z.number().positive(),
  /** γ once for all samples; or predicted, one a sample, from z. */
  global: head,
  predicted: head,
  /**
   * The rate-distortion reading, in nats: λ = 1/(2γ²), `loss` = KL + λD, and what −ELBO, read
   * continuously, is more than that: n ln(γ√2π).
   */
  tradeoff: z.object({ lambda: z.number(), loss: z.number(), constant: z.number() }),
  /** −ELBO of the continuous reading, summed up from densities. */
  continuous: z.number(),
});
export type Reading = z.infer<typeof readingSchema>;

const place = z.object({ id, at });

export const vaeCalls = {
  /** Pictures of z = temperature · ε, ε ~ N(0, I) drawn by the seeds `seed`, `seed` + 1, … */
  'latents.samples': {
    args: z.object(vaeSampling),
    value: z.object({ latents: pixels, urls: z.array(pictureUrl) }),
  },
  /** Reads a crop of a photo. Ends the reading before, if that is still under way. */
  'latents.encode': {
    args: z.object({ id, ...encodeArgs }),
    value: readingSchema.extend({
      /** The photo at a size for the screen, the crop, and what the posterior's mean decodes to. */
      preview: pictureUrl,
      crop: pictureUrl,
      reconstruction: pictureUrl,
    }),
  },
  'latents.decode': {
    args: z.object({ id, ...decodeArgs }),
    /** `error`: squared error to the crop, as `distortion` counts it. */
    value: z.object({ url: pictureUrl, error: z.number() }),
  },
  /** What z on the straight line from one crop's mean to another's decode to, both ends included. */
  'latents.between': {
    args: z.object({ from: place, to: place, count: betweenCount }),
    value: z.object({
      ends: z.array(placedSchema.extend({ preview: pictureUrl, crop: pictureUrl })).length(2),
      urls: z.array(pictureUrl),
    }),
  },
} as const;
