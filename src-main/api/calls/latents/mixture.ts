import { z } from 'zod';
import { bytes, id, path, pictureUrl } from '../../shapes';

/** The calls of the workspace "Latents": mixtures of Gaussians fitted to a photo's pixels, by half-steps. */

export const mixtureMethods = ['em', 'hard-em', 'k-means'] as const;
export const covarianceShapes = ['full', 'diagonal', 'spherical'] as const;
export const halves = ['e', 'm', 'reseed'] as const;
export const mixtureStarts = ['seeds', 'sample'] as const;
export const mostHalves = 2000;
export const mostComponents = 32;

/** Equal settings and photo: equal steps. */
export const mixtureSettingsSchema = z.object({
  k: z.int().min(1).max(mostComponents),
  method: z.enum(mixtureMethods),
  covariance: z.enum(covarianceShapes),
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1),
  /**
   * What a photo's longer side counts for beside OKLab's L of 0…1. 0: colours alone, on all the photo's
   * colours; else on its pixels at a size for the screen.
   */
  place: z.number().min(0).max(2),
  /** At k-means++'s means, or (quick on large photos) where EM on a sample of the pixels ends. */
  start: z.enum(mixtureStarts),
});
export type MixtureSettings = z.infer<typeof mixtureSettingsSchema>;

const nats = z.number();
const matrix = z.array(z.number());

/** Means a point, in nats. */
export const mixtureStepSchema = z.object({
  step: z.int().positive(),
  half: z.enum(halves),
  logLikelihood: nats,
  elbo: nats,
  kl: nats,
  entropy: nats,
});
export type MixtureStep = z.infer<typeof mixtureStepSchema>;

export const componentSchema = z.object({
  /** π. */
  weight: z.number().min(0).max(1),
  /** L, a, b, and x, y where the place counts. */
  mean: matrix,
  /** Σ, row by row, as many rows as the mean has values. */
  covariance: matrix,
  /** The mean as 8-bit sRGB. */
  rgb: z.tuple([bytes, bytes, bytes]),
});
export type MixtureComponent = z.infer<typeof componentSchema>;

/** `soft`: each pixel the mean of the components' colours under q; `hard`: its likeliest one's. */
export const mixturePictures = ['soft', 'hard'] as const;

const where = {
  settings: mixtureSettingsSchema,
  /** So many half-steps from the start. */
  half: z.int().min(0).max(mostHalves),
};

export const mixtureStateSchema = z.object({
  /** Half-steps made. */
  half: z.int().nonnegative(),
  steps: z.array(mixtureStepSchema),
  converged: z.boolean(),
  components: z.array(componentSchema),
  /** Distinct points, and how many pixels they stand for. */
  points: z.int().positive(),
  pixels: z.int().positive(),
});

/** A picture of all colours, seen along one axis: `x` and `y` are what its edges stand for. */
const range = z.tuple([z.number(), z.number()]);
export const projections = ['ab', 'aL'] as const;
export const scatterSchema = z.object({ projection: z.enum(projections), x: range, y: range });

export const mixtureSaves = ['aco', 'gpl', 'css', 'png', 'posterised', 'labels'] as const;

/** Sizes of lossless files of a photo, and of a map of its colours; null where a format has no room. */
export const worthSchema = z.object({
  width: z.int().positive(),
  height: z.int().positive(),
  /** 24 bits a pixel. */
  raw: bytes,
  png: bytes,
  webp: bytes.nullable(),
  /** |z| points, the bits that the label codec's model gives them, and its file. */
  map: z.object({ labels: z.int().positive(), points: bytes, modelBits: z.number(), bytes }),
});
export type Worth = z.infer<typeof worthSchema>;

export const latentCalls = {
  'latents.mixture': {
    args: z.object({ id, ...where, pictures: z.array(z.enum(mixturePictures)).default([]) }),
    value: mixtureStateSchema.extend({
      pictures: z.partialRecord(z.enum(mixturePictures), pictureUrl),
    }),
  },
  /** The photo with all but one component's share of it darkened. */
  'latents.share': {
    args: z.object({ id, ...where, component: z.int().nonnegative() }),
    value: z.object({ url: pictureUrl }),
  },
  'latents.scatter': {
    args: z.object({ id }),
    value: z.array(scatterSchema.extend({ url: pictureUrl })),
  },
  /** Writes a palette, or a picture of the photo's own size, where saved files go. */
  'latents.save': {
    args: z.object({ id, ...where, what: z.enum(mixtureSaves) }),
    value: z.object({ output: path }),
  },
  'latents.worth': { args: z.object({ id, ...where }), value: worthSchema },
} as const;
