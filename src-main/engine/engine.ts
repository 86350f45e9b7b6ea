import type { ColouringJob } from './colorize/colorize-jobs';
import { colouringLanes, colouringWorks } from './colorize/colorize-jobs';
import type { LatentJob } from './latents/mixture-jobs';
import { latentLanes, latentWorks } from './latents/mixture-jobs';
import type { MapJob } from './labels/label-jobs';
import { mapLanes, mapWorks } from './labels/label-jobs';
import { refuseMore } from './compress/fit';
import type { PhotoJob } from './compress/compress-jobs';
import { photoLanes, photoWorks } from './compress/compress-jobs';
import type { VaeJob } from './latents/vae-jobs';
import { vaeLanes, vaeWorks } from './latents/vae-jobs';
import type { JobArgs, JobKind, JobResult, ProviderChoice } from '../api/jobs/contract';
import type { ColorJob } from '../api/jobs/colorize/command';
import { Colorizer } from '../colorize/colorizer';
import { colorWarmUp } from '../colorize/model';
import { vaeWarmUp } from '../latents/vae';
import { colorWorks } from './colorize/command';
import { compareCodecs, finiteOrNull } from './compress/compare';
import { encodePhoto } from '../image/output';
import { readPhoto } from '../image/photo';
import { readInput } from '../jobs/input';
import { refuseExisting, writeOutput } from '../jobs/output';
import type { ProgressListener } from '../jobs/progress';
import { partProgress } from '../jobs/progress';
import type { Lane } from '../jobs/queue';
import { JobQueue, lanes, throwIfCancelled } from '../jobs/queue';
import { readManifest } from '../rda/manifest';
import type { ProviderTrial, WarmUp } from '../onnx/providers';
import { chooseProvider, codecWarmUp } from '../onnx/providers';
import type { Role } from '../onnx/turns';
import { withUrgency } from '../onnx/turns';
import { Codec } from '../rda/codec';

/** Jobs that other files work. */
type OtherJob = PhotoJob | MapJob | LatentJob | VaeJob | ColorJob | ColouringJob;

export interface JobContext {
  signal: AbortSignal;
  onProgress: ProgressListener;
}

/** What a shell serves: the engine, or a test's stand-in. */
export interface JobRunner {
  /** @throws LaviError as the contract's answers list them. */
  run<Kind extends JobKind>(
    kind: Kind,
    args: JobArgs<Kind>,
    context: JobContext,
  ): Promise<JobResult<Kind>>;
}

export interface EngineOptions {
  modelsDir: string;
  provider?: ProviderChoice;
  /** Threads of the nets; as many as there are cores when left out. */
  threads?: number;
}

const laneOf: Record<JobKind, Lane> = {
  info: 'numbers',
  models: 'numbers',
  compress: 'saving',
  decompress: 'saving',
  compare: 'chart',
  colorize: 'saving',
  segment: 'saving',
  score: 'numbers',
  ...photoLanes,
  ...latentLanes,
  ...vaeLanes,
  ...mapLanes,
  ...colouringLanes,
};

/**
 * Jobs of a lane that may be under way at once. Previews share what they compute, so that tiles need
 * not wait for the analysis of the photo they are cut from; the others would only share the cores.
 */
const atOnce: Record<Lane, number> = { glimpse: 1, preview: 4, numbers: 2, saving: 1, chart: 1 };

/** Charts and estimates are for nobody who waits: their nets keep out of a preview's way. */
const roleOf: Partial<Record<Lane, Role>> = { preview: 'preview', chart: 'background' };

/**
 * Composes the rooms into the contract's jobs. Each lane has a queue; the nets of a higher lane's job
 * run between two nets of a lower one's.
 */
export class Engine implements JobRunner {
  readonly #queues = Object.fromEntries(
    lanes.map((lane) => [lane, new JobQueue({ concurrency: atOnce[lane] })]),
  ) as Record<Lane, JobQueue>;
  readonly #works: { [Kind in JobKind]: Work<Kind> };
  #codec?: Promise<Codec> | undefined;
  #colorizer?: Promise<Colorizer> | undefined;

  constructor(readonly options: EngineOptions) {
    const codec = () => this.codec();
    const others = {
      ...photoWorks(codec),
      ...latentWorks(codec),
      ...vaeWorks(codec, this.options),
      ...colorWorks(() => this.colorizer(), codec),
      ...colouringWorks(() => this.colorizer(), codec),
      ...mapWorks(),
    };
    const otherJobs = Object.fromEntries(
      Object.entries(others).map(([kind, work]) => [
        kind,
        (_: Engine, args: never, context: JobContext) => work(args, context),
      ]),
    );
    this.#works = { ...works, ...(otherJobs as { [Kind in OtherJob]: Work<Kind> }) };
  }

  run<Kind extends JobKind>(kind: Kind, args: JobArgs<Kind>, context: JobContext) {
    const work: Work<Kind> = this.#works[kind];
    const lane = laneOf[kind];
    const urgency = lanes.length - lanes.indexOf(lane);
    const net = () => withUrgency(urgency, () => work(this, args, context), roleOf[lane]);
    return this.#queues[lane].run(net, { lane, signal: context.signal });
  }

  /** The codec, loaded when first needed: half of the calls never come to that. */
  codec(): Promise<Codec> {
    const codec = (this.#codec ??= Codec.load(this.options));
    // A model that is put in place later is found then.
    codec.catch(() => (this.#codec = undefined));
    return codec;
  }

  /** The colorizer, loaded when first needed. */
  colorizer(): Promise<Colorizer> {
    const colorizer = (this.#colorizer ??= Colorizer.load(this.options));
    colorizer.catch(() => (this.#colorizer = undefined));
    return colorizer;
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.#queues).map((queue) => queue.idle()));
    await (await this.#codec?.catch(() => undefined))?.close();
    await (await this.#colorizer?.catch(() => undefined))?.close();
  }
}

type Work<Kind extends JobKind> = (
  engine: Engine,
  args: JobArgs<Kind>,
  context: JobContext,
) => Promise<JobResult<Kind>>;

const works: { [Kind in Exclude<JobKind, OtherJob>]: Work<Kind> } = {
  async compress(engine, { file, output, atMost, ...options }, { signal, onProgress }) {
    await refuseExisting(output, options.overwrite);
    const photo = await readPhoto(file);
    throwIfCancelled(signal);
    const codec = await engine.codec();
    const result = await codec.compress(photo, {
      ...options,
      signal,
      onProgress: partProgress(onProgress, 0.02, 0.99),
    });
    refuseMore(result.file.length, atMost);
    await writeOutput(output, result.file, { overwrite: options.overwrite, signal });
    onProgress(1);
    const { width, height, source } = photo;
    const { quality, bpp, modelBits, seconds } = result;
    return {
      ...{ file, output, width, height, quality },
      bytes: result.file.length,
      originalBytes: source?.bytes ?? 0,
      ...{ bpp, modelBits, psnr: finiteOrNull(result.psnr), seconds },
    };
  },

  async decompress(engine, { file, output, ...options }, { signal, onProgress }) {
    await refuseExisting(output, options.overwrite);
    const bytes = await readInput(file);
    const codec = await engine.codec();
    const began = performance.now();
    const photo = await codec.decompress(bytes, {
      signal,
      onProgress: partProgress(onProgress, 0, 0.9),
    });
    const seconds = (performance.now() - began) / 1000;
    const { format, formatQuality: quality } = options;
    const written = await encodePhoto(photo, format, quality === undefined ? {} : { quality });
    await writeOutput(output, written, { overwrite: options.overwrite, signal });
    onProgress(1);
    const { width, height } = photo;
    return { file, output, width, height, bytes: written.length, seconds };
  },

  async info(engine, { file }) {
    const bytes = await readInput(file);
    return { file, ...(await (await engine.codec()).info(bytes)) };
  },

  async compare(engine, { file }, context) {
    const photo = await readPhoto(file);
    const { width, height } = photo;
    const points = await compareCodecs(await engine.codec(), photo, context);
    return { file, width, height, points };
  },

  async models({ options }) {
    const { id } = await readManifest(options.modelsDir);
    const codec = await usedFor(options, codecWarmUp);
    const others = [
      { net: 'colorizer' as const, ...(await usedFor(options, colorWarmUp)) },
      { net: 'vae' as const, ...(await usedFor(options, vaeWarmUp)) },
    ];
    return { model: id, ...codec, others };
  },
};

/** What runs a kind of nets, and what each provider did on the warm-up. */
async function usedFor(options: EngineOptions, warmUp: WarmUp) {
  const { present, choice, why, trials } = await chooseProvider({ ...options, warmUp });
  const providers = present.map((name) => {
    const trial: Partial<ProviderTrial> = trials.find((one) => one.provider === name) ?? {};
    const { ms, cpuMs, difference, failure } = trial;
    return {
      name,
      used: name === choice,
      ms,
      cpuMs,
      failure,
      ...(difference !== undefined && { difference: finiteOrNull(difference) }),
    };
  });
  return { used: choice, why, providers };
}
