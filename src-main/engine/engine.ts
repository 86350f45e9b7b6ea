import type { JobArgs, JobKind, JobResult, ProviderChoice } from '../api/jobs/contract';
import { Colorizer } from '../colorize/colorizer';
import type { Lane } from '../jobs/queue';
import { JobQueue, lanes } from '../jobs/queue';
import type { Role } from '../onnx/turns';
import { withUrgency } from '../onnx/turns';
import { Codec } from '../rda/codec';
import { colouringHandlers, colouringLanes } from './colorize/colorize-jobs';
import { colorHandlers, colorLanes } from './colorize/command';
import type { JobContext, JobHandlers } from './common/job';
import { undisturbed } from './common/job';
import { photoHandlers, photoLanes } from './compress/compress-jobs';
import { fileHandlers, fileLanes } from './compress/file-jobs';
import { mapHandlers, mapLanes } from './labels/label-jobs';
import { latentLanes, mixtureHandlers } from './latents/mixture-jobs';
import { vaeHandlers, vaeLanes } from './latents/vae-jobs';

export type { JobContext };

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
  ...fileLanes,
  ...colorLanes,
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
  readonly #handlers: JobHandlers;
  #codec?: Promise<Codec> | undefined;
  #colorizer?: Promise<Colorizer> | undefined;

  constructor(readonly options: EngineOptions) {
    const codec = () => this.codec();
    this.#handlers = {
      ...fileHandlers({ codec, options }),
      ...photoHandlers(codec),
      ...mixtureHandlers(codec),
      ...vaeHandlers(codec, options),
      ...colorHandlers(() => this.colorizer(), codec),
      ...colouringHandlers(() => this.colorizer(), codec),
      ...mapHandlers(),
    };
  }

  run<Kind extends JobKind>(kind: Kind, args: JobArgs<Kind>, context: JobContext) {
    const handle = undisturbed<Kind>(this.#handlers[kind]);
    const lane = laneOf[kind];
    const urgency = lanes.length - lanes.indexOf(lane);
    const net = () => withUrgency(urgency, () => handle(args, context), roleOf[lane]);
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
