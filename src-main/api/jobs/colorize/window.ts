import { z } from 'zod';
import {
  colourLayerSchema,
  colourOptionsSchema,
  colourOrderSchema,
  colourSceneSchema,
  colouringBitsSchema,
  colouringSchema,
  colourScoreSchema,
} from '../../calls/colorize';
import { exportFormats } from '../../calls/settings';

/** The engine's jobs behind the workspace "Colorize". */

const file = z.string().min(1);
const folder = z.string().min(1);
const pixels = z.int().positive();
const rectangle = { x: z.int().nonnegative(), y: z.int().nonnegative(), w: pixels, h: pixels };
const picture = z.object({ name: z.string(), bytes: z.int().positive() });
const where = { file, colouring: colouringSchema };

export const colouringJobs = {
  colourScene: { args: z.object({ file }), result: colourSceneSchema },
  colouring: {
    args: z.object({ ...where, vivid: z.number(), folder }),
    result: colouringBitsSchema.extend({ thumb: picture }),
  },
  colourOptions: {
    args: z.object({ file, segments: z.array(z.int().nonnegative()).min(1) }),
    result: colourOptionsSchema,
  },
  /** What a photo's own colours cost; null where it has none. */
  colourScore: {
    args: z.object({ file }),
    result: z.object({ score: colourScoreSchema.nullable() }),
  },
  colourTiles: {
    args: z.object({ file, folder, layer: colourLayerSchema, level: z.int().min(0), ...rectangle }),
    result: z.array(z.object({ ...rectangle, ...picture.shape })),
  },
  /** Writes a colouring at the photo's own size. */
  colourSave: {
    args: z.object({
      file,
      output: file,
      colours: colourOrderSchema,
      /** A .lavi file where left out. */
      format: z.enum(exportFormats).optional(),
      /** Of a lossy format. */
      formatQuality: z.int().min(1).max(100).optional(),
      /** Of a .lavi file. */
      quality: z.number().min(0).max(100),
      metadata: z.boolean(),
      /** Milliseconds since 1970, where the file's own date is not the photo's. */
      modified: z.number().optional(),
    }),
    result: z.object({
      output: file,
      bytes: z.int().positive(),
      originalBytes: z.int().positive(),
      seconds: z.number().nonnegative(),
    }),
  },
  /** Writes a colouring's labels as an indexed PNG of the photo's size. */
  colourMap: {
    args: z.object({ ...where, output: file, names: z.array(z.string()).optional() }),
    result: z.object({ output: file, bytes: z.int().positive(), width: pixels, height: pixels }),
  },
} as const;
