import { z } from 'zod';
import { failureSchema } from '../channel/answer';
import { fileEntrySchema, folderSchema } from './files';
import { colourCalls, colourOrderSchema, ownColouringSchema } from './colorize';
import { latentCalls } from './latents/mixture';
import { vaeCalls } from './latents/vae';
import { labelCalls } from './labels';
import {
  baselineCodec,
  baselinePointSchema,
  curvePointSchema,
  layerSchema,
  measureSchema,
} from './compress';
import { queueSchema } from './queue';
import { exportFormats, settingsSchema } from './settings';
import { bytes, fraction, id, ids, path, pictureUrl, pixels, quality, rectangle } from '../shapes';
import { providerChoiceSchema, tunes } from '../choices';

export * from './colorize';
export * from './files';
export * from './latents/mixture';
export * from './labels';
export * from './compress';
export * from './queue';
export * from './settings';
export * from './latents/vae';

/**
 * Every call between the app's page and the session (the part of the app that knows paths, settings and
 * the queue), and every event back. The page knows files by id only; pixels come as pictures over
 * `GET /px/…`, photos without a path go up over `POST /upload`.
 */

const measuring = {
  done: z.boolean(),
  /** Measured on the whole photo, not on patches of it. */
  whole: z.boolean(),
};

const nothing = z.object({});
const one = z.object({ id });
const list = z.array(fileEntrySchema);

/** What the page may ask of the session. */
export const appCalls = {
  'app.hello': {
    args: nothing,
    value: z.object({
      version: z.string(),
      platform: z.enum(['web', 'electron']),
      /** The model that files are written with: its id and its card, as Markdown. */
      model: z.object({ id: z.string(), card: z.string() }),
      /** What this platform can compute on, of those that the settings know. */
      providers: z.array(providerChoiceSchema),
      settings: settingsSchema,
      files: list,
      queue: queueSchema,
      /** Where the folder list starts. */
      home: path,
    }),
  },
  /** The last lines of the log (JSON, the home folder written `~`) and the log's own path; both empty where none is kept. */
  'app.log': { args: nothing, value: z.object({ file: z.string(), text: z.string() }) },
  /** Answers the settings as they are then; unknown or wrong values change nothing. */
  'app.setSettings': { args: settingsSchema.partial(), value: settingsSchema },

  /** Adds files and folders (searched to their depths; other files in them are passed over). */
  'files.add': {
    args: z.object({ paths: z.array(path).min(1).max(10_000) }),
    value: z.object({ added: list, failures: z.array(failureSchema) }),
  },
  'files.list': { args: nothing, value: list },
  /** The files themselves stay where they are. Uploads are kept until the app starts anew. */
  'files.remove': { args: z.object({ ids }), value: nothing },
  /** Undoes `files.remove`, each file at its old place. */
  'files.restore': { args: z.object({ ids }), value: list },
  /** Whether photos are saved as .lavi even where that makes them larger. */
  'files.setAnyway': { args: z.object({ ids, anyway: z.boolean() }), value: nothing },
  /** Null joins the files to the settings' quality again. */
  'files.setQuality': { args: z.object({ ids, quality: quality.nullable() }), value: nothing },
  /** Asks for thumbnails, most wanted first; they come as changed files. Replaces the last wish. */
  'files.thumbs': { args: z.object({ ids: z.array(id).max(500) }), value: nothing },
  'files.browse': { args: z.object({ dir: path.optional() }), value: folderSchema },
  /** What a .lavi file says of itself. */
  'files.info': {
    args: one,
    value: z.object({
      width: pixels,
      height: pixels,
      bytes,
      bpp: z.number().positive(),
      model: z.string(),
      tune: z.enum(tunes),
      quality,
      modelBits: z.number().nonnegative(),
      metadata: z.array(z.string()),
    }),
  },

  /**
   * Reads a photo (or decodes a .lavi file) and answers once its pixels can be shown; its analysis
   * goes on, with progress events. Work for the photo opened before is cancelled.
   */
  'photo.open': {
    args: one,
    value: z.object({
      width: pixels,
      height: pixels,
      /** Scales that tiles come in: level n is 1/2ⁿ of the size, n < levels. */
      levels: z.int().positive(),
    }),
  },
  'photo.close': { args: one, value: nothing },
  /** Codes the photo whole, in memory, and decodes it. A later call cancels an earlier one. */
  'photo.measure': { args: one.extend({ quality }), value: measureSchema },
  /**
   * Measures the photo's curve in the background; answers what is known, `curve` events follow. Of large photos
   * on patches, unless `whole` is asked for.
   */
  'photo.estimate': {
    args: one.extend({ whole: z.boolean().default(false) }),
    value: z.object({ points: z.array(curvePointSchema), ...measuring }),
  },
  /** The pictures that cover a rectangle of the level's pixels; each at most 1024 × 1024. */
  'photo.tiles': {
    args: one.extend({ layer: layerSchema, level: z.int().min(0).max(20), ...rectangle }),
    value: z.array(z.object({ ...rectangle, url: pictureUrl })),
  },
  /** The blocks of 32 × 32 pixels with the largest error, apart from each other, worst first. */
  'photo.worst': {
    args: one.extend({ quality, n: z.int().min(1).max(50) }),
    value: z.array(z.object({ ...rectangle, mse: z.number().nonnegative() })),
  },
  /** What lies under one pixel. */
  'photo.probe': {
    args: one.extend({ quality, x: z.int().nonnegative(), y: z.int().nonnegative() }),
    value: z.object({
      /** Bits of the 16 × 16 block, by the entropy model, hyper-latents shared out evenly. */
      bits: z.number().nonnegative(),
      /** Of the block. */
      mse: z.number().nonnegative(),
    }),
  },
  /** Measures JPEG, WebP and AVIF on the photo in the background; as `photo.estimate`. */
  'photo.baselines': {
    args: one.extend({ whole: z.boolean().default(false) }),
    value: z.object({ points: z.array(baselinePointSchema), ...measuring }),
  },
  /** The setting of another codec that comes nearest to so many bytes or decibels. */
  'photo.match': {
    args: one.extend({
      codec: baselineCodec,
      by: z.enum(['bytes', 'psnr']),
      value: z.number().positive(),
    }),
    value: baselinePointSchema,
  },

  /**
   * Adds files to the batch, or starts one. With a format they are exported, photos as they are and
   * .lavi files decoded; without one photos become .lavi files, and .lavi files PNG.
   */
  'queue.save': {
    args: z.object({
      ids: ids.min(1),
      format: z.enum(exportFormats).optional(),
      formatQuality: z.int().min(1).max(100).optional(),
      /** Colours them first: each gets this colouring of its own, into that format or .lavi. */
      colours: colourOrderSchema.optional(),
      /** Colourings that some of them get instead, by id. */
      colourings: z.record(z.string(), ownColouringSchema).optional(),
      /** Those that failed: each as it was to be saved then, where that is known. */
      again: z.boolean().optional(),
    }),
    value: queueSchema,
  },
  /**
   * Finds the one quality (one λ) at which photos together take at most so many bytes, measured on
   * whole files, and sets it. Saved at that quality, none may come to more than was measured. `fitting`
   * events follow its progress; a later call or `queue.stopFit` cancels it.
   */
  'queue.fit': {
    args: z.object({ ids: ids.min(1), bytes: z.int().positive() }),
    value: z.object({ quality, bytes, originalBytes: bytes, files: z.int(), failed: ids }),
  },
  'queue.stopFit': { args: nothing, value: nothing },
  /** The file under way is finished first. */
  'queue.pause': { args: nothing, value: queueSchema },
  'queue.resume': { args: nothing, value: queueSchema },
  /** Files not saved yet are as they were before. */
  'queue.cancel': { args: nothing, value: queueSchema },

  ...colourCalls,
  ...latentCalls,
  ...vaeCalls,
  ...labelCalls,
} as const;

export const appEvents = {
  /** Files added, or changed in any way, and files removed. */
  files: z.object({ changed: list, removed: ids }),
  queue: queueSchema,
  fitting: z.object({ fraction }),
  progress: z.object({ id, what: z.enum(['measure', 'reduce']), fraction }),
  /** Points of a large photo's curve, about, to have numbers while it is being analysed. */
  glimpse: z.object({ id, points: z.array(curvePointSchema) }),
  curve: z.object({ id, points: z.array(curvePointSchema), ...measuring }),
  baselines: z.object({ id, points: z.array(baselinePointSchema), ...measuring }),
  settings: settingsSchema,
  /** The engine's process ended unexpectedly; it starts again with the next call. */
  crashed: z.object({ message: z.string(), jobsLost: z.int().nonnegative() }),
} as const;

export const appContract = { calls: appCalls, events: appEvents };
export type AppContract = typeof appContract;

/** `POST /upload?name=…&path=…&modified=…` with the file as its body answers with one of these. */
export const uploadQuery = z.object({
  name: z.string().min(1).max(255),
  /** Where in the dropped folder it lay, with `/`; its name alone when left out. */
  path: z.string().max(4096).optional(),
  /** Whom it is for: files of other workspaces than Compress are not on its list. */
  room: z.enum(['labels']).optional(),
  /** Milliseconds since 1970: the file's own date, kept when it is saved. */
  modified: z.coerce.number().nonnegative().optional(),
});
