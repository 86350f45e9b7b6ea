import { z } from 'zod';
import {
  betweenCount,
  decodeArgs,
  encodeArgs,
  placedSchema,
  readingSchema,
  vaeSampling,
} from '../../calls/latents/vae';

/** The engine's jobs behind the Gaussian VAE's views. */

const file = z.string().min(1);
const folder = z.string().min(1);
const picture = z.object({ name: z.string(), bytes: z.int().positive() });
const place = z.object({ file, at: encodeArgs.at });

export const vaeJobs = {
  vaeSamples: {
    args: z.object({ ...vaeSampling, folder }),
    result: z.object({ latents: z.int().positive(), pictures: z.array(picture) }),
  },
  vaeEncode: {
    args: z.object({ file, folder, ...encodeArgs }),
    result: z.object({
      reading: readingSchema,
      preview: picture,
      crop: picture,
      reconstruction: picture,
    }),
  },
  vaeDecode: {
    args: z.object({ file, folder, ...decodeArgs }),
    result: z.object({ picture, error: z.number() }),
  },
  vaeBetween: {
    args: z.object({ from: place, to: place, count: betweenCount, folder }),
    result: z.object({
      ends: z.array(placedSchema.extend({ preview: picture, crop: picture })),
      pictures: z.array(picture),
    }),
  },
} as const;
