import { z } from 'zod';
import { colourFormats } from '../../calls/settings';

/** The colorizer's jobs. */

const file = z.string().min(1);
const pixels = z.int().positive();
const seconds = z.number().nonnegative();
const bits = z.number().nonnegative();

/** Seeds stay whole in JSON and in every language. */
export const MAX_SEED = 2 ** 31 - 1;
export const MAX_SAMPLES = 256;

const bitsOfColouring = {
  /** −log₂P(z|x), all labels charged. */
  bitsLabels: bits,
  /** −log₂P(ŷ|z,x). */
  bitsColour: bits,
  /** Their sum over the chroma samples of the photo in the network's frame. */
  bitsPerSample: bits,
};

export const colorJobs = {
  /** Samples colourings of a photo, each written as a file at the photo's own size. */
  colorize: {
    args: z.object({
      file,
      /** Of the only sample; with more, "-1", "-2", … goes before the extension. */
      output: file,
      samples: z.int().min(1).max(MAX_SAMPLES).default(1),
      /**
       * Of the first sample; the next have the next whole numbers. Where regions draw, 0 is the colouring
       * without noise, the likeliest one.
       */
      seed: z.int().min(0).max(MAX_SEED).default(0),
      temperature: z.number().min(0).max(10).default(0.8),
      /** As of `Colouring`. */
      draw: z.enum(['regions', 'model']).default('regions'),
      /** A label map: what it names is held, its void label and labels unknown to the model are free. */
      labels: file.optional(),
      /** Factor on chroma. */
      vivid: z.number().min(0).max(4).default(1.2),
      format: z.enum(colourFormats),
      /** Of a lossy format. */
      formatQuality: z.int().min(1).max(100).optional(),
      /** Of a .lavi file. */
      quality: z.number().min(0).max(100).default(50),
      metadata: z.boolean().default(true),
      /** Say in the picture's XMP that a model coloured it. */
      note: z.boolean().default(true),
      overwrite: z.boolean().default(false),
    }),
    result: z.object({
      file,
      width: pixels,
      height: pixels,
      samples: z.array(
        z.object({
          output: file,
          sample: z.int().positive(),
          seed: z.int().nonnegative(),
          ...bitsOfColouring,
          /** Of this sample; the first one's include reading the photo and looking at it. */
          seconds,
        }),
      ),
    }),
  },
  /** Writes the most probable labels, or a sample of them, as an indexed PNG of the photo's size. */
  segment: {
    args: z.object({
      file,
      output: file,
      seed: z.int().min(0).max(MAX_SEED).default(1),
      temperature: z.number().min(0).max(10).default(0),
      overwrite: z.boolean().default(false),
    }),
    result: z.object({
      file,
      output: file,
      width: pixels,
      height: pixels,
      /** Cells of the label grid. */
      columns: pixels,
      rows: pixels,
      /** Labels that occur. */
      labels: pixels,
      bitsLabels: bits,
      seconds,
    }),
  },
  /** What a colour picture costs given the lightness of a photo. */
  score: {
    args: z.object({ file, colour: file }),
    result: z.object({
      file,
      colour: file,
      ...bitsOfColouring,
      /** Bits a chroma sample under simpler models; `one`: the same net with K = 1. */
      baselines: z.object({
        abHistogram: bits,
        givenL: bits,
        palette: bits,
        one: bits.nullable(),
      }),
      seconds,
    }),
  },
} as const;

export type ColorJob = keyof typeof colorJobs;
