import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { LaviError } from '../api/errors';
import { SymbolTables } from '../entropy/tables';
import type { Tune } from '../api/choices';
import { HyperPrior } from './hyper-prior';
import { type Manifest, readManifest, readPrior } from './manifest';
import { type Floats, Net, type NetOptions, type Provider } from '../onnx/session';
import { QualityScale } from './quality';

export interface ModelOptions {
  modelsDir: string;
  /** Of the float transforms; entropy nets always run on the CPU. */
  provider?: Provider;
  threads?: number;
  optimize?: boolean;
}

/** What the first of the two passes over the means gives. */
export interface EvenMeans {
  /** [features, h, w]: what the second pass sees of the hyper-latents. */
  features: Floats;
  /** [latents, h, w] in steps; those of even places (row + column) count. */
  mean: Float32Array;
}

/** Where the squared error of a decoded picture falls, and the picture. */
export interface ErrorGradient {
  /** [latents, h, w]: of half the weighted squared error. */
  gradient: Float32Array;
  /** [3, 16h, 16w], not clipped. */
  picture: Float32Array;
}

/** The float nets, which each tune has of its own. */
interface Transforms {
  analysis: Net;
  hyperAnalysis: Net;
  meansEven: Net;
  meansOdd: Net;
  synthesis: Net;
}

/** How a folder's nets are loaded: transforms where they are fast, small nets on the CPU. */
function loader({ modelsDir, provider, threads, optimize }: ModelOptions) {
  const net = (options: NetOptions) => (name: string) =>
    Net.load(join(modelsDir, `${name}.onnx`), options);
  return {
    fast: net({ provider, threads, optimize }),
    cpu: net({ threads, optimize }),
  };
}

async function loadTransforms(
  { fast, cpu }: ReturnType<typeof loader>,
  prefix: string,
): Promise<Transforms> {
  const [analysis, hyperAnalysis, meansEven, meansOdd, synthesis] = await Promise.all([
    fast(`${prefix}-analysis`),
    cpu(`${prefix}-hyper-analysis`),
    cpu(`${prefix}-means-even`),
    cpu(`${prefix}-means-odd`),
    fast(`${prefix}-synthesis`),
  ]);
  return { analysis, hyperAnalysis, meansEven, meansOdd, synthesis };
}

/** What decodes symbols: the same for every tune. */
interface Entropy {
  rows: Net;
  prior: HyperPrior;
  residuals: SymbolTables;
}

async function loadEntropy(
  { cpu }: ReturnType<typeof loader>,
  { decode }: Manifest,
  modelsDir: string,
): Promise<Entropy> {
  const { residual } = decode.tables;
  const [rows, bytes] = await Promise.all([cpu('rda-rows'), readPrior(modelsDir)]);
  return {
    rows,
    prior: new HyperPrior(decode, bytes),
    residuals: new SymbolTables(residual.flat()),
  };
}

/** The nets of one tune and everything the manifest says about them. */
export class RdaModel {
  /** Names all that decoding a file depends on. */
  readonly id: string;
  readonly quality: QualityScale;
  /** Rows in a table of residuals; the odd places' tables follow the even ones'. */
  readonly rowCount: number;
  private gradientNet?: Promise<Net>;

  private constructor(
    readonly manifest: Manifest,
    readonly tune: Tune,
    readonly provider: Provider,
    /** Loads a net that only some encoders need, like the others. */
    private readonly loadFast: (name: string) => Promise<Net>,
    private readonly transforms: Transforms,
    private readonly entropy: Entropy,
  ) {
    this.rowCount = manifest.decode.tables.residual[0].length;
    const own = manifest.tunes[tune as 'ms-ssim'];
    this.id = own?.id ?? manifest.id;
    this.quality = own
      ? new QualityScale({ ...manifest.decode, ...own }, own.encode)
      : new QualityScale(manifest.decode, manifest.encode);
  }

  /** The prior of the hyper-latents. */
  get prior(): HyperPrior {
    return this.entropy.prior;
  }

  /** Tables of residuals: index `rowCount · (row + column) % 2 + row`. */
  get residuals(): SymbolTables {
    return this.entropy.residuals;
  }

  /**
   * Loads all nets of a folder and proves that the rows are computed here as they were at export.
   * Errors: MODEL_MISSING, MODEL_MISMATCH, PROVIDER_UNAVAILABLE.
   */
  static async load(options: ModelOptions): Promise<RdaModel> {
    const manifest = await readManifest(options.modelsDir);
    const load = loader(options);
    const [transforms, entropy] = await Promise.all([
      loadTransforms(load, 'rda'),
      loadEntropy(load, manifest, options.modelsDir),
    ]);
    const provider = options.provider ?? 'cpu';
    const model = new RdaModel(manifest, 'psnr', provider, load.fast, transforms, entropy);
    await model.checkExactness();
    return model;
  }

  /**
   * The same entropy coding with another tune's nets; close it before this one.
   * Error: MODEL_MISSING where the folder has no such tune.
   */
  async tuned(tune: 'ms-ssim', options: ModelOptions): Promise<RdaModel> {
    const { manifest, provider, entropy } = this;
    if (!manifest.tunes[tune]) {
      throw new LaviError(
        'MODEL_MISSING',
        `Expected transforms tuned for ${tune} in ${options.modelsDir}, found none.`,
      );
    }
    const load = loader(options);
    const transforms = await loadTransforms(load, `rda-${tune}`);
    return new RdaModel(manifest, tune, provider, load.fast, transforms, entropy);
  }

  /** Photo [3, h, w] in 0…1, sides multiples of 16 → latents [latents, h/16, w/16]. */
  async analysis(photo: Float32Array, height: number, width: number): Promise<Float32Array> {
    const out = await this.transforms.analysis.run({
      photo: { data: photo, shape: [1, 3, height, width] },
    });
    return out.latents!.data;
  }

  /** Latents in steps [latents, h, w], sides multiples of 4 → hyper-latents [hyper, h/4, w/4], not rounded. */
  async hyperAnalysis(steps: Float32Array, height: number, width: number): Promise<Float32Array> {
    const shape = [1, this.manifest.decode.latents, height, width];
    const out = await this.transforms.hyperAnalysis.run({ steps: { data: steps, shape } });
    return out.hyper!.data;
  }

  /** Latents [latents, h, w] and a real quality point 0…63 → photo [3, 16h, 16w], about 0…1, not clipped. */
  async synthesis(
    latents: Float32Array,
    height: number,
    width: number,
    point: number,
  ): Promise<Float32Array> {
    const out = await this.transforms.synthesis.run({
      latents: { data: latents, shape: [1, this.manifest.decode.latents, height, width] },
      point: { data: Float32Array.of(point), shape: [1] },
    });
    return out.photo!.data;
  }

  /**
   * How the squared error of the picture changes with its latents: ∂/∂latents of ½·Σ weight·(x̂ − photo)², for encoders.
   *
   * @param latents [latents, h, w]
   * @param photo [3, 16h, 16w] in 0…1
   * @param weight [16h, 16w], 0 where a pixel does not count
   */
  async errorGradient(
    latents: Float32Array,
    photo: Float32Array,
    weight: Float32Array,
    size: { height: number; width: number },
    point: number,
  ): Promise<ErrorGradient> {
    this.gradientNet ??= this.loadFast('rda-synthesis-gradient');
    const { height, width } = size;
    const pixels = [height * 16, width * 16];
    const out = await (
      await this.gradientNet
    ).run({
      latents: { data: latents, shape: [1, this.manifest.decode.latents, height, width] },
      point: { data: Float32Array.of(point), shape: [1] },
      photo: { data: photo, shape: [1, 3, ...pixels] },
      weight: { data: weight, shape: [1, 1, ...pixels] },
    });
    return { gradient: out.gradient!.data, picture: out.picture!.data };
  }

  /** Whole hyper-latents [hyper, h, w] at a whole point → rows 0…63 of the tables [latents, 4h, 4w]. Whole numbers. */
  async rows(hyper: Float32Array, height: number, width: number, point: number) {
    const shape = [1, this.manifest.decode.hyper, height, width];
    const out = await this.entropy.rows.run({
      hyper: { data: hyper, shape },
      point: BigInt64Array.of(BigInt(point)),
    });
    return Uint8Array.from(out.rows!.data);
  }

  /** Whole hyper-latents [hyper, h, w] and a real point → the means of even places [latents, 4h, 4w]. */
  async meansEven(
    hyper: Float32Array,
    height: number,
    width: number,
    point: number,
  ): Promise<EvenMeans> {
    const out = await this.transforms.meansEven.run({
      hyper: { data: hyper, shape: [1, this.manifest.decode.hyper, height, width] },
      point: { data: Float32Array.of(point), shape: [1] },
    });
    return { features: out.features!, mean: out.mean!.data };
  }

  /** Features and the decoded even places (0 at odd ones), both [·, h, w] → the means of odd places in steps. */
  async meansOdd(features: Floats, seen: Float32Array): Promise<Float32Array> {
    const [, , height, width] = features.shape as [number, number, number, number];
    const shape = [1, this.manifest.decode.latents, height, width];
    const out = await this.transforms.meansOdd.run({ features, seen: { data: seen, shape } });
    return out.mean!.data;
  }

  async close(): Promise<void> {
    const gradient = await this.gradientNet?.catch(() => undefined);
    const all = [
      ...Object.values(this.transforms),
      ...(gradient ? [gradient] : []),
      // Other tunes borrow them.
      ...(this.tune === 'psnr' ? [this.entropy.rows] : []),
    ];
    await Promise.all(all.map((net) => net.close()));
  }

  /** Drives the rows' net to the ends of its range and compares a hash of its outputs with the export's. */
  private async checkExactness(): Promise<void> {
    const { decode, selfCheck } = this.manifest;
    const hash = createHash('sha256');
    for (const [seed, limit] of [
      [1, decode.hyperClip],
      [2, 3],
    ] as const) {
      hash.update(await this.rows(extremes(decode.hyper * 9, limit, seed), 3, 3, CHECKED_POINT));
    }
    if (hash.digest('hex') !== selfCheck) {
      throw new LaviError(
        'MODEL_MISMATCH',
        'The rows’ net does not compute on this machine what it computed at export: coding is refused, because files would not decode elsewhere.',
      );
    }
  }
}

const CHECKED_POINT = 31;

/** Whole numbers within ±limit that reach both ends, the same at export and here (a linear congruential sequence). */
function extremes(count: number, limit: number, seed: number): Float32Array {
  const out = new Float32Array(count);
  let state = seed;
  for (let i = 0; i < count; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    if (i % 4 === 0) out[i] = state & 65536 ? limit : -limit;
    else out[i] = ((state >>> 8) % (2 * limit + 1)) - limit;
  }
  return out;
}
