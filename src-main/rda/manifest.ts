import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { LaviError } from '../api/errors';

const wholes = z.array(z.number().int());
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
    format: z.literal(1),
    latents: z.number().int(),
    hyper: z.number().int(),
    hyperClip: z.number().int(),
    activation: z.object({ unit: z.number().int(), limit: z.number().int() }),
    features: z.number().int(),
    groups: z.array(z.tuple([z.number().int(), z.number().int()])),
    passes: z.array(
      z.object({ group: z.number().int(), parity: z.number().int(), seen: z.number().int() }),
    ),
    meanUnit: z.literal(16),
    contextUnit: z.literal(8),
    contextClip: z.number().int(),
    points: z.number().int(),
    lambda,
    gains,
    tile: z.object({ largest: z.number().int(), multiple: z.number().int() }),
    tables: z.object({
      scales: z.array(z.number()),
      frequencies: z.array(
        z.object({ shift: z.number().int(), low: z.number().int(), freq: wholes }),
      ),
      hyperMean: z.array(wholes),
      hyperScale: z.array(wholes),
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
