import { z } from 'zod';
import {
  mixturePictures,
  mixtureSaves,
  mixtureSettingsSchema,
  mixtureStateSchema,
  scatterSchema,
  worthSchema,
} from '../../calls/latents/mixture';

/** The engine's jobs behind the workspace "Latents". */

const file = z.string().min(1);
const folder = z.string().min(1);
const where = {
  file,
  settings: mixtureSettingsSchema,
  half: z.int().nonnegative(),
};
const picture = z.object({ name: z.string(), bytes: z.int().positive() });

export const latentJobs = {
  mixture: {
    args: z.object({ ...where, folder, pictures: z.array(z.enum(mixturePictures)) }),
    result: mixtureStateSchema.extend({
      pictures: z.array(picture.extend({ what: z.enum(mixturePictures) })),
    }),
  },
  mixtureShare: {
    args: z.object({ ...where, folder, component: z.int().nonnegative() }),
    result: picture,
  },
  scatter: {
    args: z.object({ file, folder }),
    result: z.array(scatterSchema.extend(picture.shape)),
  },
  mixtureSave: {
    args: z.object({ ...where, name: z.string(), output: file, what: z.enum(mixtureSaves) }),
    result: z.object({ output: z.string() }),
  },
  worth: { args: z.object(where), result: worthSchema },
} as const;
