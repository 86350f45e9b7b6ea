import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { LaviError } from '../api/errors';

const frequencies = z.object({
  shift: z.number().int().min(0).max(12),
  low: z.number().int(),
  freq: z.array(z.number().int()),
});
const gains = z.array(z.array(z.number()));
const lambda = z.tuple([z.number(), z.number()]);

/** Transforms for another distortion around the same entropy nets: what differs from `decode`. */
const tuneSchema = z.object({
  id: z.string().regex(/^[0-9a-f]{16}$/),
  gains,
  /** Of the tune's own distortion. */
  lambda,
  encode: z.object({
    /** Bits that a squared error of one quantization step costs, at the first and the last point. */
    stepWorth: z.tuple([z.number(), z.number()]),
  }),
  training: z.object({ steps: z.number(), hours: z.number() }),
});

/** models/manifest.json as the export writes it; `decode` is all that decoding depends on beside the nets. */
export const manifestSchema = z.object({
  id: z.string().regex(/^[0-9a-f]{16}$/),
  decode: z.object({
    format: z.literal(2),
    latents: z.number().int(),
    hyper: z.number().int(),
    hyperClip: z.number().int(),
    /** Channels between the two nets of the means. */
    features: z.number().int(),
    points: z.number().int(),
    lambda,
    gains,
    tile: z.object({ largest: z.number().int(), multiple: z.number().int() }),
    tables: z.object({
      /** Of residuals, by checkerboard half (row + column even, odd) and row 0…63. */
      residual: z.tuple([z.array(frequencies), z.array(frequencies)]),
      /** The codebook that cells of the hyper-latents' prior choose from. */
      hyper: z.array(frequencies),
    }),
    /** How rda-prior.bin is laid out; weights count in 1/unit. */
    prior: z.object({
      bands: z.number().int().positive(),
      classes: z.number().int().positive(),
      unit: z.number().int().positive(),
    }),
  }),
  /** What encoders may do as they like; files do not depend on it. */
  encode: z.object({
    /** What an error costs in multiples of its own distortion, at the first and the last point. */
    errorWorth: z.tuple([z.number(), z.number()]),
  }),
  files: z.record(z.string(), z.string()),
  selfCheck: z.string(),
  training: z.object({ steps: z.number(), hours: z.number(), note: z.string() }),
  tunes: z.object({ 'ms-ssim': tuneSchema.optional() }).default({}),
});

export type Manifest = z.infer<typeof manifestSchema>;

/** Reads `<dir>/manifest.json`. Errors: MODEL_MISSING, MODEL_MISMATCH. */
export async function readManifest(dir: string): Promise<Manifest> {
  const path = join(dir, 'manifest.json');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new LaviError(
      'MODEL_MISSING',
      `Expected the models' manifest at ${path}, found none.`,
      undefined,
      { cause },
    );
  }
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new LaviError(
      'MODEL_MISMATCH',
      `The manifest at ${path} is not one that this program reads.`,
      undefined,
      { cause },
    );
  }
}

/** Reads `<dir>/rda-prior.bin`. Error: MODEL_MISSING. */
export async function readPrior(dir: string): Promise<Uint8Array> {
  const path = join(dir, 'rda-prior.bin');
  try {
    return await readFile(path);
  } catch (cause) {
    throw new LaviError(
      'MODEL_MISSING',
      `Expected the prior of the hyper-latents at ${path}, found none.`,
      undefined,
      { cause },
    );
  }
}
