import type { JobArgs, JobKind, JobResult, ProviderChoice } from './api/contract';
import { compareCodecs, finiteOrNull } from './engine-compare';
import { encodePhoto } from './image/output';
import { readPhoto } from './image/photo';
import { readInput } from './jobs/input';
import { refuseExisting, writeOutput } from './jobs/output';
import type { ProgressListener } from './jobs/progress';
import { partProgress } from './jobs/progress';
import type { Lane } from './jobs/queue';
import { JobQueue, throwIfCancelled } from './jobs/queue';
import { readManifest } from './onnx/manifest';
import type { ProviderTrial } from './onnx/providers';
import { chooseProvider } from './onnx/providers';
import { Codec } from './rda/codec';

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
};

/** Composes the rooms into the contract's jobs, one at a time. */
export class Engine implements JobRunner {
  readonly #queue = new JobQueue();
  #codec?: Promise<Codec> | undefined;

  constructor(readonly options: EngineOptions) {}

  run<Kind extends JobKind>(kind: Kind, args: JobArgs<Kind>, context: JobContext) {
    const work: Work<Kind> = works[kind];
    return this.#queue.run(() => work(this, args, context), {
      lane: laneOf[kind],
      signal: context.signal,
    });
  }

  /** The codec, loaded when first needed: half of the calls never come to that. */
  codec(): Promise<Codec> {
    const codec = (this.#codec ??= Codec.load(this.options));
    // A model that is put in place later is found then.
    codec.catch(() => (this.#codec = undefined));
    return codec;
  }

  async close(): Promise<void> {
    await this.#queue.idle();
    await (await this.#codec?.catch(() => undefined))?.close();
  }
}

type Work<Kind extends JobKind> = (
  engine: Engine,
  args: JobArgs<Kind>,
  context: JobContext,
) => Promise<JobResult<Kind>>;

const works: { [Kind in JobKind]: Work<Kind> } = {
  async compress(engine, { file, output, ...options }, { signal, onProgress }) {
    await refuseExisting(output, options.overwrite);
    const photo = await readPhoto(file);
    throwIfCancelled(signal);
    const codec = await engine.codec();
    const result = await codec.compress(photo, {
      ...options,
      signal,
      onProgress: partProgress(onProgress, 0.02, 0.99),
    });
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
    return { file, output, width: photo.width, height: photo.height, seconds };
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
    const { bundled, choice, why, trials } = await chooseProvider(options);
    const providers = bundled.map((name) => {
      const trial: Partial<ProviderTrial> = trials.find((one) => one.provider === name) ?? {};
      const { ms, cpuMs, difference, failure } = trial;
      return {
        ...{ name, used: name === choice, ms, cpuMs, failure },
        ...(difference !== undefined && { difference: finiteOrNull(difference) }),
      };
    });
    return { model: id, used: choice, why, providers };
  },
};
