import { z } from 'zod';
import { failureSchema } from '../channel/answer';
import {
  baselineCodecs,
  baselinePointSchema,
  curvePointSchema,
  layerSchema,
  measureSchema,
} from '../calls/compress';
import { exportFormats } from '../calls/settings';
import { efforts, tunes } from '../choices';

/**
 * The engine's jobs behind the app's window. Each names its photo by path, so that an engine that was
 * restarted can go on where the last one ended: what it holds in memory is a cache, never the truth.
 */

const file = z.string().min(1);
const pixels = z.int().positive();
const quality = z.number().min(0).max(100);
const tune = z.enum(tunes).default('psnr');
/** A folder that pictures are written into, named by the hash of what they show. */
const folder = z.string().min(1);
const rectangle = { x: z.int().nonnegative(), y: z.int().nonnegative(), w: pixels, h: pixels };

/** Milliseconds since 1970, where the file's own date is not the photo's. */
const modified = z.number().optional();

/** A picture in the folder. */
const pictureSchema = z.object({ name: z.string(), bytes: z.int().positive() });

export const photoJobs = {
  /** Size from the header, and a thumbnail of photos and of .lavi files that carry one. */
  peek: {
    args: z.object({ file, folder }),
    result: z.object({ width: pixels, height: pixels, thumb: pictureSchema.optional() }),
  },
  /** A thumbnail of a .lavi file that carries none, decoded whole; only while nothing else waits. */
  laviThumb: { args: z.object({ file, folder }), result: pictureSchema },
  open: {
    args: z.object({ file }),
    result: z.object({ width: pixels, height: pixels, levels: z.int().positive() }),
  },
  measure: {
    args: z.object({ file, quality, tune, metadata: z.boolean().default(true) }),
    result: measureSchema,
  },
  /**
   * A point of a photo's curve, about: measured on a small sheet of patches, to have numbers while a large photo is
   * being analysed.
   */
  glimpse: { args: z.object({ file, quality, tune }), result: curvePointSchema },
  /** As `measure`, on the photo's sheet of patches if it is large; only while nothing else waits. */
  curvePoint: {
    args: z.object({ file, quality, tune, whole: z.boolean().default(false) }),
    result: measureSchema.extend({ whole: z.boolean() }),
  },
  tiles: {
    args: z.object({ file, folder, tune, layer: layerSchema, level: z.int().min(0), ...rectangle }),
    result: z.array(z.object({ ...rectangle, ...pictureSchema.shape })),
  },
  worst: {
    args: z.object({ file, quality, tune, n: pixels }),
    result: z.array(z.object({ ...rectangle, mse: z.number().nonnegative() })),
  },
  probe: {
    args: z.object({
      file,
      quality,
      tune,
      x: z.int().nonnegative(),
      y: z.int().nonnegative(),
    }),
    result: z.object({ bits: z.number().nonnegative(), mse: z.number().nonnegative() }),
  },
  /** One point of another codec's curve, on the same pixels as `curvePoint`. */
  baseline: {
    args: z.object({
      file,
      codec: z.enum(baselineCodecs),
      setting: z.int().min(1).max(100),
      whole: z.boolean().default(false),
    }),
    result: baselinePointSchema.extend({ whole: z.boolean() }),
  },
  match: {
    args: z.object({
      file,
      codec: z.enum(baselineCodecs),
      by: z.enum(['bytes', 'psnr']),
      value: z.number().positive(),
    }),
    result: baselinePointSchema,
  },
  /**
   * Compresses to `output`; where that would be no smaller, copies the original to `copy` instead (or
   * leaves it where it is if there is none). Dates are the original's.
   */
  save: {
    args: z.object({
      file,
      output: z.string().min(1),
      copy: z.string().min(1).optional(),
      quality,
      metadata: z.boolean(),
      modified,
      /** Keep the coded file even where it is no smaller. */
      anyway: z.boolean().default(false),
      /** Write nothing that takes more. */
      atMost: z.int().positive().optional(),
      effort: z.enum(efforts).default('default'),
      tune,
    }),
    result: z.object({
      output: z.string(),
      kept: z.boolean(),
      bytes: z.int().positive(),
      originalBytes: z.int().positive(),
      quality,
      bpp: z.number().positive(),
      modelBits: z.number().nonnegative(),
      psnr: z.number().nullable(),
      seconds: z.number().nonnegative(),
    }),
  },
  /**
   * The quality, one for all, at which the files together take at most so many bytes. A file that
   * coding would not make smaller counts as it is, unless `anyway`.
   */
  fit: {
    args: z.object({
      files: z.array(z.object({ file, anyway: z.boolean().default(false) })).min(1),
      bytes: z.int().positive(),
      metadata: z.boolean(),
      /** Files carry a small picture for lists. */
      thumbnail: z.boolean().default(true),
      tune,
    }),
    result: z.object({
      quality,
      lambda: z.number().positive(),
      /** Of all files: what saving them at that quality comes to. */
      bytes: z.int().nonnegative(),
      files: z.array(
        z.union([
          z.object({ file, bytes: z.int().positive(), kept: z.boolean() }),
          z.object({ file, error: failureSchema }),
        ]),
      ),
    }),
  },
  /** About what `save` would come to, from patches of the photo; only while nothing else waits. */
  estimate: {
    args: z.object({ file, metadata: z.boolean(), timed: z.boolean(), tune }),
    result: z.object({
      width: pixels,
      height: pixels,
      points: z.array(z.object({ quality, bytes: z.int().positive() })),
      secondsPerMegapixel: z.number().positive().optional(),
    }),
  },
  /** Writes a photo, or what a .lavi file decodes to, in another format. */
  export: {
    args: z.object({
      file,
      output: z.string().min(1),
      format: z.enum(exportFormats),
      /** The format's own quality, where it is lossy. */
      formatQuality: z.int().min(1).max(100).optional(),
      metadata: z.boolean(),
      modified,
    }),
    result: z.object({
      output: z.string(),
      bytes: z.int().positive(),
      originalBytes: z.int().positive(),
      seconds: z.number().nonnegative(),
    }),
  },
} as const;
