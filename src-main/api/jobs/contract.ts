import { z } from 'zod';
import { answerSchema } from '../channel/answer';
import { exportFormats } from '../calls/settings';
import { colorJobs } from './colorize/command';
import { colouringJobs } from './colorize/window';
import { latentJobs } from './latents/mixture';
import { vaeJobs } from './latents/vae';
import { labelJobs } from './labels';
import { photoJobs } from './compress';
import { efforts, tunes } from '../choices';

/**
 * Every call between a shell and the engine, and every event back. All work is a job: the caller
 * picks the job's id (so that no event can arrive before it is known), `start` answers as soon as the
 * job is queued, `progress` events follow, and one `done` event carries the answer. Pixels never
 * travel here: arguments and results name files.
 */

const path = z.string().min(1);
const pixels = z.int().positive();
const fraction = z.number().min(0).max(1);
const seconds = z.number().nonnegative();

/** Decibels; null where the decoded pixels equal the original's (JSON has no infinity). */
const decibels = z.number().nullable();

export const rateTargetSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('quality'), value: z.number().min(0).max(100) }),
  z.object({ kind: z.literal('bpp'), value: z.number().positive() }),
  z.object({ kind: z.literal('bytes'), value: z.int().positive() }),
  z.object({ kind: z.literal('psnr'), value: z.number().positive() }),
]);

export { exportFormats as photoFormats } from '../calls/settings';
export const photoFormatSchema = z.enum(exportFormats);

export {
  efforts,
  providerChoices,
  providerChoiceSchema,
  tunes,
  type ProviderChoice,
  type Tune,
} from '../choices';

const compressArgs = z.object({
  file: path,
  output: path,
  target: rateTargetSchema,
  /** Write nothing that takes more. */
  atMost: z.int().positive().optional(),
  /** What the encoder spends: `best` is slower and a little smaller, in the same format. */
  effort: z.enum(efforts).default('default'),
  tune: z.enum(tunes).default('psnr'),
  verify: z.boolean().default(true),
  metadata: z.boolean().default(true),
  thumbnail: z.boolean().default(true),
  overwrite: z.boolean().default(false),
});

const compressResult = z.object({
  file: path,
  output: path,
  width: pixels,
  height: pixels,
  /** The quality point used, 0…100. */
  quality: z.number().min(0).max(100),
  /** Size of the whole file, metadata included. */
  bytes: z.int().positive(),
  originalBytes: z.int().nonnegative(),
  /** 8 · bytes / (width · height). */
  bpp: z.number().positive(),
  /** −Σ log₂ p over all symbols of the file, p from the model. */
  modelBits: z.number().nonnegative(),
  psnr: decibels,
  seconds,
});

const decompressArgs = z.object({
  file: path,
  output: path,
  format: photoFormatSchema,
  /** Encoder quality of a lossy output format, 1…100. */
  formatQuality: z.int().min(1).max(100).optional(),
  overwrite: z.boolean().default(false),
});

const decompressResult = z.object({
  file: path,
  output: path,
  width: pixels,
  height: pixels,
  /** Of the picture written. */
  bytes: z.int().positive(),
  seconds,
});

const infoArgs = z.object({ file: path });

/** What the file says of itself; further keys pass through for display. */
const infoResult = z.looseObject({
  file: path,
  width: pixels,
  height: pixels,
  bytes: z.int().positive(),
  bpp: z.number().positive(),
  /** The model that the file needs. */
  model: z.string(),
  tune: z.enum(tunes),
  quality: z.number().min(0).max(100),
  modelBits: z.number().nonnegative(),
});

const compareArgs = z.object({ file: path });

const compareResult = z.object({
  file: path,
  width: pixels,
  height: pixels,
  /** One measured point of a codec's rate-distortion curve each. */
  points: z.array(
    z.object({
      codec: z.string(),
      setting: z.string(),
      bytes: z.int().positive(),
      bpp: z.number().positive(),
      psnr: decibels,
      msssim: z.number().max(1),
      encMs: z.number().nonnegative(),
      decMs: z.number().nonnegative(),
    }),
  ),
});

const modelsArgs = z.object({});

const providerReport = {
  /** The provider that these float nets run on, and why that one. */
  used: z.string(),
  why: z.string(),
  /** Each provider that is here, with what was found when it was tried. */
  providers: z.array(
    z.object({
      name: z.string(),
      used: z.boolean(),
      /** Milliseconds for the warm-up, where the provider was tried, and the CPU's. */
      ms: z.number().optional(),
      cpuMs: z.number().optional(),
      /** Largest difference to the CPU's output, as a share of its largest value; null: no number. */
      difference: z.number().nullable().optional(),
      failure: z.string().optional(),
    }),
  ),
};

const modelsResult = z.object({
  /** The id of the model that files are written with. */
  model: z.string(),
  /** Of the codec's nets. */
  ...providerReport,
  /** Nets beside the codec's, which are tried on their own. */
  others: z.array(z.object({ net: z.enum(['colorizer', 'vae']), ...providerReport })),
});

/** Every kind of job: its arguments and its result. */
export const jobKinds = {
  compress: { args: compressArgs, result: compressResult },
  decompress: { args: decompressArgs, result: decompressResult },
  info: { args: infoArgs, result: infoResult },
  compare: { args: compareArgs, result: compareResult },
  models: { args: modelsArgs, result: modelsResult },
  ...photoJobs,
  ...colorJobs,
  ...colouringJobs,
  ...latentJobs,
  ...vaeJobs,
  ...labelJobs,
} as const;

export type JobKind = keyof typeof jobKinds;
export type JobInput<Kind extends JobKind> = z.input<(typeof jobKinds)[Kind]['args']>;
export type JobArgs<Kind extends JobKind> = z.output<(typeof jobKinds)[Kind]['args']>;
export type JobResult<Kind extends JobKind> = z.output<(typeof jobKinds)[Kind]['result']>;
export type ComparePoint = JobResult<'compare'>['points'][number];

export const jobIdSchema = z.string().min(1).max(64);

const startArgs = z.object({
  job: jobIdSchema,
  kind: z.enum(Object.keys(jobKinds) as [JobKind, ...JobKind[]]),
  /** Parsed by `jobKinds[kind].args` once the kind is known. */
  args: z.unknown(),
});

/** What a shell may ask of the engine. */
export const calls = {
  start: { args: startArgs, value: z.object({ job: jobIdSchema }) },
  /** Cancelling a job that has ended, or never was, changes nothing and says so. */
  cancel: { args: z.object({ job: jobIdSchema }), value: z.object({ cancelled: z.boolean() }) },
} as const;

/** What the engine tells a shell unasked. */
export const events = {
  progress: z.object({ job: jobIdSchema, fraction }),
  /** The answer's value is parsed by `jobKinds[kind].result`. */
  done: z.object({ job: jobIdSchema, answer: answerSchema(z.unknown()) }),
} as const;

/** The channel between a shell and the engine. */
export const engineContract = { calls, events };
export type EngineContract = typeof engineContract;

/** The event that ends a job. */
export type Done = z.output<typeof events.done>;
