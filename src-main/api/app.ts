import { z } from 'zod';
import { failureSchema } from './answer';
import { providerChoiceSchema } from './providers';

/**
 * Every call between the app's page and the desk (the part of the app that knows paths, settings and
 * the queue), and every event back. The page knows files by id only; pixels come as pictures over
 * `GET /px/…`, photos without a path go up over `POST /upload`.
 */

const id = z.string().min(1).max(64);
const ids = z.array(id).max(100_000);
const path = z.string().min(1).max(32_768);
const pixels = z.int().positive();
const fraction = z.number().min(0).max(1);
const quality = z.number().min(0).max(100);
const bytes = z.int().nonnegative();
/** Decibels; null where decoded and original pixels are equal (JSON has no infinity). */
const decibels = z.number().nullable();
/** The address of a picture, relative to the page's origin. */
const pictureUrl = z.string().regex(/^\/px\/[0-9a-f]{32}\.(png|webp)$/);

export const settingsSchema = z.object({
  theme: z.enum(['system', 'light', 'dark']),
  language: z.enum(['en', 'de']),
  /** Where saved files go: all into one folder, or each beside its original. */
  outputRule: z.enum(['folder', 'beside']),
  outputFolder: path,
  /** Put after the name of a file that is saved beside its original: `photo-small.lavi`. */
  suffix: z
    .string()
    .max(32)
    .regex(/^[^\\/:*?"<>|\0]*$/),
  /** Keep EXIF and XMP; the colour profile always stays. */
  metadata: z.boolean(),
  provider: providerChoiceSchema,
  /** Threads of the nets; null: as many as there are cores. */
  threads: z.int().min(1).max(64).nullable(),
  /** The quality of every photo that has none of its own. */
  quality,
});
export type Settings = z.infer<typeof settingsSchema>;

export const exportFormats = ['png', 'jpeg', 'webp', 'avif', 'tiff'] as const;

/** What saving a file came to; every number is measured. */
const savedSchema = z.object({
  /** Where it lies, for people to read. */
  output: path,
  bytes,
  originalBytes: bytes,
  seconds: z.number().nonnegative(),
  /** The coded file would not have been smaller: the original was kept as it is. */
  kept: z.boolean(),
  quality: quality.optional(),
  bpp: z.number().positive().optional(),
  /** −Σ log₂ p over all symbols. */
  modelBits: z.number().nonnegative().optional(),
  psnr: decibels.optional(),
});

export const fileStates = ['new', 'ready', 'waiting', 'coding', 'saved', 'failed'] as const;

export const fileEntrySchema = z.object({
  id,
  name: z.string(),
  /** The folder it lies in, for people to read; empty for a photo that came without a path. */
  folder: z.string(),
  kind: z.enum(['photo', 'lavi']),
  bytes,
  width: pixels.optional(),
  height: pixels.optional(),
  /**
   * `new` until its header has been read, then `ready`; `waiting` and `coding` while it is being
   * saved; then `saved` or `failed`. A file that cannot be read is `failed` at once.
   */
  state: z.enum(fileStates),
  /** How far coding is, in the state `coding`. */
  fraction: fraction.optional(),
  /** Why it `failed`. */
  error: failureSchema.optional(),
  thumb: pictureUrl.optional(),
  /** Set by hand for this file; without it the settings' quality applies. */
  quality: quality.optional(),
  /** In the state `saved`. */
  result: savedSchema.optional(),
});
export type FileEntry = z.infer<typeof fileEntrySchema>;

/** A folder as the app's own folder list shows it: for browsers, whose dialogs give no paths. */
const folderSchema = z.object({
  dir: path,
  /** The folder above; null at the top. */
  parent: path.nullable(),
  entries: z.array(
    z.object({
      name: z.string(),
      path,
      kind: z.enum(['folder', 'photo', 'lavi']),
      bytes: bytes.optional(),
    }),
  ),
  /** Entries that did not fit into the list. */
  more: z.int().nonnegative(),
});

export const baselineCodecs = ['jpeg', 'webp', 'avif'] as const;
const baselineCodec = z.enum(baselineCodecs);
export type BaselineCodec = z.infer<typeof baselineCodec>;

/** Where the overlays reach full strength: bits per pixel of a block; root mean square error, 0…255. */
export const overlayFull = { bits: 2, error: 24 } as const;

const rectangle = {
  x: z.int().nonnegative(),
  y: z.int().nonnegative(),
  w: pixels,
  h: pixels,
};

/** What a picture shows. Overlays are transparent where nothing is spent or lost. */
export const layerSchema = z.discriminatedUnion('what', [
  z.object({ what: z.literal('original') }),
  z.object({ what: z.literal('decoded'), quality }),
  /** Bits spent per 16 × 16 block, by the entropy model. */
  z.object({ what: z.literal('bits'), quality }),
  /** Root mean square error per pixel. */
  z.object({ what: z.literal('error'), quality }),
  /** Another codec, at a setting that `photo.match` or `photo.baselines` named. */
  z.object({ what: z.literal('baseline'), codec: baselineCodec, setting: z.int().min(1).max(100) }),
]);
export type Layer = z.infer<typeof layerSchema>;

/** Decoded and measured on the whole file. */
export const measureSchema = z.object({
  quality,
  bytes,
  bpp: z.number().positive(),
  psnr: decibels,
  msssim: z.number().max(1),
  /** Everything in the file that is not range-coded symbols: header, profile, metadata, alpha. */
  headerBytes: bytes,
  /** −Σ log₂ p over the hyper-latents and over the latents. */
  hyperBits: z.number().nonnegative(),
  latentBits: z.number().nonnegative(),
  modelBits: z.number().nonnegative(),
  lambda: z.number().positive(),
  /** The quantization step of the latents: geometric mean over their channels, as 8-bit levels. */
  step: z.number().positive(),
});
export type Measure = z.infer<typeof measureSchema>;

/**
 * Measured; of photos above 2 megapixels on a sheet of eight of their 512 × 512 patches, the same for
 * every codec, in which case `bytes` are the sheet's bits per pixel times the photo's pixels.
 */
const curvePoint = z.object({
  quality,
  bytes,
  bpp: z.number().positive(),
  psnr: decibels,
  msssim: z.number().max(1),
});
export type CurvePoint = z.infer<typeof curvePoint>;

export const baselinePointSchema = z.object({
  codec: baselineCodec,
  setting: z.int().min(1).max(100),
  bytes,
  bpp: z.number().positive(),
  psnr: decibels,
  msssim: z.number().max(1),
});
export type BaselinePoint = z.infer<typeof baselinePointSchema>;

export const queueStates = ['idle', 'running', 'paused'] as const;

/** The batch being saved, or the last one: it is over in the state `idle`. */
const queueSchema = z.object({
  state: z.enum(queueStates),
  /** Files of the batch, and how many of them have ended which way. */
  total: z.int().nonnegative(),
  saved: z.int().nonnegative(),
  failed: ids,
  /** Share of the batch's pixels (bytes where those are not known) that is done. */
  fraction,
  /** Of the files saved. */
  originalBytes: bytes,
  bytes,
  /** Until the end, extrapolated from the files done; null while nothing is known. */
  secondsLeft: z.number().nonnegative().nullable(),
});
export type QueueState = z.infer<typeof queueSchema>;

const measuring = {
  done: z.boolean(),
  /** Measured on the whole photo, not on patches of it. */
  whole: z.boolean(),
};

const nothing = z.object({});
const one = z.object({ id });
const list = z.array(fileEntrySchema);

/** What the page may ask of the desk. */
export const appCalls = {
  'app.hello': {
    args: nothing,
    value: z.object({
      version: z.string(),
      platform: z.enum(['web', 'electron']),
      /** The model that files are written with: its id and its card, as Markdown. */
      model: z.object({ id: z.string(), card: z.string() }),
      settings: settingsSchema,
      files: list,
      queue: queueSchema,
      /** Where the folder list starts. */
      home: path,
    }),
  },
  /** Answers the settings as they are then; unknown or wrong values change nothing. */
  'app.setSettings': { args: settingsSchema.partial(), value: settingsSchema },

  /** Adds files and folders (searched to their depths; other files in them are passed over). */
  'files.add': {
    args: z.object({ paths: z.array(path).min(1).max(10_000) }),
    value: z.object({ added: list, failures: z.array(failureSchema) }),
  },
  'files.list': { args: nothing, value: list },
  /** The files themselves stay where they are. Uploads are kept until the app ends. */
  'files.remove': { args: z.object({ ids }), value: nothing },
  /** Undoes `files.remove`, each file at its old place. */
  'files.restore': { args: z.object({ ids }), value: list },
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
  /** Measures the photo's curve in the background; answers what is known, `curve` events follow. */
  'photo.estimate': {
    args: one,
    value: z.object({ points: z.array(curvePoint), ...measuring }),
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
    args: one,
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

  /** Adds files to the batch, or starts one. .lavi files are exported in `format`. */
  'queue.save': {
    args: z.object({ ids: ids.min(1), format: z.enum(exportFormats).default('png') }),
    value: queueSchema,
  },
  /** The file under way is finished first. */
  'queue.pause': { args: nothing, value: queueSchema },
  'queue.resume': { args: nothing, value: queueSchema },
  /** Files not saved yet are as they were before. */
  'queue.cancel': { args: nothing, value: queueSchema },
} as const;

export const appEvents = {
  /** Files added, or changed in any way, and files removed. */
  files: z.object({ changed: list, removed: ids }),
  queue: queueSchema,
  progress: z.object({ id, what: z.enum(['analysis', 'measure']), fraction }),
  curve: z.object({ id, points: z.array(curvePoint), ...measuring }),
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
  /** Milliseconds since 1970: the file's own date, kept when it is saved. */
  modified: z.coerce.number().nonnegative().optional(),
});
