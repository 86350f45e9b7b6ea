import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { LaviError } from '../api/errors';
import { SymbolTables } from '../entropy/tables';
import type { Tune } from '../api/choices';
import { type Manifest, readManifest } from './manifest';
import { type Floats, Net, type NetOptions, type Provider } from '../onnx/session';
import { QualityScale } from './quality';

export interface ModelOptions {
  modelsDir: string;
  /** Of the float transforms; entropy nets always run on the CPU. */
  provider?: Provider;
  threads?: number;
  optimize?: boolean;
}

/** Mean (whole 1/16 steps) and scale index of one pass's channel group, [channels, h, w]. */
export interface PassOutput {
  mean: Float32Array;
  scale: Float32Array;
}

/** Where the squared error of a decoded picture falls, and the picture. */
export interface ErrorGradient {
  /** [latents, h, w]: of half the weighted squared error. */
  gradient: Float32Array;
  /** [3, 16h, 16w], not clipped. */
  picture: Float32Array;
}

interface Transforms {
  analysis: Net;
  hyperAnalysis: Net;
  synthesis: Net;
}

/** How a folder's nets are loaded: transforms where they are fast, entropy nets where they are exact. */
function loader({ modelsDir, provider, threads, optimize }: ModelOptions) {
  const net = (options: NetOptions) => (name: string) =>
    Net.load(join(modelsDir, `${name}.onnx`), options);
  return {
    float: net({ provider, threads, optimize }),
    exact: net({ threads, optimize }),
  };
}

async function loadTransforms(
  { float, exact }: ReturnType<typeof loader>,
  prefix: string,
): Promise<Transforms> {
  const [analysis, hyperAnalysis, synthesis] = await Promise.all([
    float(`${prefix}-analysis`),
    exact(`${prefix}-hyper-analysis`),
    float(`${prefix}-synthesis`),
  ]);
  return { analysis, hyperAnalysis, synthesis };
}

/** The nets of one tune and everything the manifest says about them. */
export class RdaModel {
  /** Names all that decoding a file depends on. */
  readonly id: string;
  readonly tables: SymbolTables;
  readonly quality: QualityScale;
  private gradientNet?: Promise<Net>;

  private constructor(
    readonly manifest: Manifest,
    readonly tune: Tune,
    readonly provider: Provider,
    /** Loads a net that only some encoders need, like the others. */
    private readonly loadFloat: (name: string) => Promise<Net>,
    private readonly transforms: Transforms,
    private readonly entropy: { hyper: Net; passes: Net[] },
  ) {
    const { frequencies, scales } = manifest.decode.tables;
    this.tables = new SymbolTables(frequencies, scales);
    const own = manifest.tunes[tune as 'ms-ssim'];
    this.id = own?.id ?? manifest.id;
    this.quality = own
      ? new QualityScale({ ...manifest.decode, ...own }, own.encode)
      : new QualityScale(manifest.decode, manifest.encode);
  }

  /**
   * Loads all nets of a folder and proves that the integer ones compute here what they computed at export.
   * Errors: MODEL_MISSING, MODEL_MISMATCH, PROVIDER_UNAVAILABLE.
   */
  static async load(options: ModelOptions): Promise<RdaModel> {
    const manifest = await readManifest(options.modelsDir);
    const load = loader(options);
    const { float, exact } = load;
    const [transforms, hyper, ...passes] = await Promise.all([
      loadTransforms(load, 'rda'),
      exact('rda-entropy-hyper'),
      ...manifest.decode.passes.map((_, i) => exact(`rda-entropy-${i}`)),
    ]);
    const provider = options.provider ?? 'cpu';
    const entropy = { hyper, passes };
    const model = new RdaModel(manifest, 'psnr', provider, float, transforms, entropy);
    await model.checkExactness();
    return model;
  }

  /**
   * The same entropy nets with another tune's transforms; close it before this one.
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
    return new RdaModel(manifest, tune, provider, load.float, transforms, entropy);
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
    this.gradientNet ??= this.loadFloat('rda-synthesis-gradient');
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

  /** Whole hyper-latents [hyper, h, w] at a whole point → features [features, 4h, 4w]. Integer. */
  async hyperSynthesis(
    hyper: Float32Array,
    height: number,
    width: number,
    point: number,
  ): Promise<Floats> {
    const shape = [1, this.manifest.decode.hyper, height, width];
    const out = await this.entropy.hyper.run({
      hyper: { data: hyper, shape },
      point: BigInt64Array.of(BigInt(point)),
    });
    return out.features!;
  }

  /** Means and scale indices of pass `index`, given the decoded values of earlier passes in 1/8 steps. Integer. */
  async pass(
    index: number,
    features: Floats,
    context: Float32Array,
    point: number,
  ): Promise<PassOutput> {
    const { seen } = this.manifest.decode.passes[index]!;
    const [, , height, width] = features.shape as [number, number, number, number];
    const out = await this.entropy.passes[index]!.run({
      features,
      point: BigInt64Array.of(BigInt(point)),
      ...(seen > 0 && {
        context: {
          data: context.subarray(0, seen * height * width),
          shape: [1, seen, height, width],
        },
      }),
    });
    return { mean: out.mean!.data, scale: out.scale!.data };
  }

  async close(): Promise<void> {
    const { hyper, passes } = this.entropy;
    const gradient = await this.gradientNet?.catch(() => undefined);
    const all = [
      ...Object.values(this.transforms),
      ...(gradient ? [gradient] : []),
      // Other tunes borrow them.
      ...(this.tune === 'psnr' ? [hyper, ...passes] : []),
    ];
    await Promise.all(all.map((net) => net.close()));
  }

  /** Drives every integer net to the ends of its ranges and compares a hash of all outputs with the export's. */
  private async checkExactness(): Promise<void> {
    const { decode, selfCheck } = this.manifest;
    const hash = createHash('sha256');
    const add = (data: Float32Array) =>
      hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    const point = 31;
    const hyper = extremes(decode.hyper * 4, decode.hyperClip, 1);
    add((await this.hyperSynthesis(hyper, 2, 2, point)).data);
    for (const [i, { seen }] of decode.passes.entries()) {
      const features = extremes(decode.features * 36, decode.activation.limit, 2 + i);
      const context = extremes(seen * 36, decode.contextClip, 12 + i);
      const shape = [1, decode.features, 6, 6];
      const { mean, scale } = await this.pass(i, { data: features, shape }, context, point);
      add(mean);
      add(scale);
    }
    if (hash.digest('hex') !== selfCheck) {
      throw new LaviError(
        'MODEL_MISMATCH',
        'The entropy nets do not compute on this machine what they computed at export: coding is refused, because files would not decode elsewhere.',
      );
    }
  }
}

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
