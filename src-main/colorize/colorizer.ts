import { LaviError } from '../api/errors';
import type { Photo } from '../image/photo';
import type { CoupledOptions } from './coupled';
import { CoupledSampler } from './coupled';
import type { Evidence } from './evidence';
import { spreadPoints } from './evidence';
import { explain } from './explain';
import type { Placement } from './frame';
import { cellCount, chromaOf, SAMPLES } from './frame';
import { throwIfCancelled } from '../jobs/queue';
import { labelBits, sampleLabels } from './sampling';
import type { SampleOptions } from './sampling';
import type { Labels, Scene } from './model';
import { ColorModel } from './model';
import { posteriorOf, segmentsOfCells } from './posterior';
import { hashOf } from './random';
import type { ColorModelOptions } from './model';
import type { Baselines } from './baselines';
import { baselineBits, readBaselines } from './baselines';

/** What a colouring costs under the model. */
export interface Bits {
  /** −log₂P(z|x) in the fixed order. */
  bitsLabels: number;
  /** −log₂P(ŷ|z,x). */
  bitsColour: number;
  /** Their sum over the photo's chroma samples: an upper bound of −log₂P(ŷ|x) a sample. */
  bitsPerSample: number;
}

/**
 * How labels are drawn. `regions`: noise that regions share, tempered (see `CoupledSampler`). `model`: from
 * P(z|x) itself, cell by cell.
 */
export interface ColourOptions extends SampleOptions, Evidence {
  draw?: 'regions' | 'model';
}

/** One colouring of a scene. */
export interface Colouring extends Bits {
  seed: number;
  labels: Labels;
  /** Mean chroma given the labels, interleaved [4·rows, 4·columns, 2]. */
  chroma: Float32Array;
}

/** A score, with what simpler models charge a sample for the same picture. */
export interface Score extends Bits {
  labels: Labels;
  baselines: { abHistogram: number; givenL: number; palette: number; one: number | null };
}

/**
 * P(ŷ|x) = Σ_z P(z|x) P(ŷ|z,x): samples colourings of a photo and says what any colouring costs.
 *
 *     const scene = await colorizer.scene(photo);
 *     const colouring = await colorizer.colour(scene, { seed: 1 });
 *     const coloured = await render(photo, scene.frame, colouring.labels, colouring.chroma);
 */
export class Colorizer {
  #baselines?: Promise<Baselines>;
  readonly #samplers = new WeakMap<Scene, Promise<CoupledSampler>>();

  private constructor(
    readonly model: ColorModel,
    private readonly modelsDir: string,
  ) {}

  /** @throws LaviError MODEL_MISSING, MODEL_MISMATCH */
  static async load(options: ColorModelOptions): Promise<Colorizer> {
    return new Colorizer(await ColorModel.load(options), options.modelsDir);
  }

  /** Looks at a photo, grey or not: only its lightness counts. */
  scene(photo: Pick<Photo, 'width' | 'height' | 'rgb'>): Promise<Scene> {
    return this.model.scene(photo);
  }

  /** The regions of a scene and the sampler over them, made when first asked for. */
  regions(scene: Scene): Promise<CoupledSampler> {
    let sampler = this.#samplers.get(scene);
    if (!sampler) {
      sampler = posteriorOf(this.model, scene).then(
        (posterior) => new CoupledSampler(posterior, scene.frame, this.model.manifest.labels),
      );
      this.#samplers.set(scene, sampler);
    }
    return sampler;
  }

  /**
   * Samples a colouring: labels, chroma, and what both cost under the model's own P(z|x) and P(ŷ|z,x),
   * however they were drawn: a bound of −log₂P(ŷ|x). Equal photo and options give equal bytes.
   * @throws LaviError CANCELLED; BAD_REQUEST where clamped labels do not fit the scene
   */
  async colour(scene: Scene, options: ColourOptions): Promise<Colouring> {
    const { labels, chroma } = await this.drawn(scene, options);
    const bitsLabels = await this.labelBits(scene, labels, options.signal);
    return {
      seed: options.seed,
      labels,
      chroma,
      ...this.#bitsOf(scene, labels, chroma, bitsLabels),
    };
  }

  /** A colouring whose bits nobody asks for: no run of the prior where regions share noise. Errors as in `colour`. */
  async drawn(scene: Scene, options: ColourOptions): Promise<Pick<Colouring, 'labels' | 'chroma'>> {
    if (options.draw === 'model') {
      const isTold = options.held?.length || options.points?.length;
      const regions = isTold ? await this.regions(scene) : undefined;
      const { labels } = await this.labels(scene, withSegments(options, regions, scene));
      const chroma = scene.decoder.mean(labels);
      if (regions) spreadPoints(regions.posterior, chroma, options.points);
      return { labels, chroma };
    }
    const { clamped: cells, temperature = 1, signal, ...evidence } = options;
    this.#checkLabels(scene, cells);
    throwIfCancelled(signal);
    const sampler = await this.regions(scene);
    throwIfCancelled(signal);
    const seed = ownSeed(scene, options.seed);
    return sampler.draw({ ...evidence, cells, temperature, seed } satisfies CoupledOptions);
  }

  /** Samples labels alone. Errors as in `colour`. */
  async labels(scene: Scene, options: SampleOptions): Promise<{ labels: Labels; bits: number }> {
    this.#checkLabels(scene, options.clamped);
    return sampleLabels(this.model, scene, options);
  }

  #checkLabels(scene: Scene, clamped: Labels | undefined): void {
    const count = cellCount(scene.frame);
    if (clamped && clamped.length !== count) {
      const message = `Expected ${count} labels, one a cell, found ${clamped.length}.`;
      throw new LaviError('BAD_REQUEST', message);
    }
    if (clamped?.some((label) => label >= this.model.labels)) {
      const message = `Expected labels below ${this.model.labels}, found larger ones.`;
      throw new LaviError('BAD_REQUEST', message);
    }
  }

  #bitsOf(
    { frame, decoder }: Scene,
    labels: Labels,
    chroma: Float32Array,
    bitsLabels: number,
  ): Bits {
    const bitsColour = -decoder.logLikelihood(labels, chroma.map(Math.round)) / Math.LN2;
    return bitsOf(frame, bitsLabels, bitsColour);
  }

  /** −log₂P(z|x) of any labels. */
  labelBits(scene: Scene, labels: Labels, signal?: AbortSignal): Promise<number> {
    return labelBits(this.model, scene, labels, signal);
  }

  /** What a colour picture costs, with labels found for it, beside the baselines. */
  async score(
    scene: Scene,
    picture: Pick<Photo, 'width' | 'height' | 'rgb'>,
    options: { signal?: AbortSignal; onProgress?: (fraction: number) => void } = {},
  ): Promise<Score> {
    const chroma = chromaOf(picture, scene.frame);
    const { labels, bitsLabels, bitsColour } = await explain(this.model, scene, chroma, options);
    this.#baselines ??= readBaselines(this.modelsDir);
    const baselines = await baselineBits(await this.#baselines, this.model, scene, chroma);
    return { labels, ...bitsOf(scene.frame, bitsLabels, bitsColour), baselines };
  }

  close(): Promise<void> {
    return this.model.close();
  }
}

/** Labels of held segments as labels of the cells that lie mostly in them: cells that are clamped already stay. */
function withSegments(
  options: ColourOptions,
  regions: CoupledSampler | undefined,
  { frame }: Scene,
): SampleOptions {
  const { held } = options;
  if (!regions || !held?.length) return options;
  const own = new Map(held);
  const clamped = options.clamped?.slice() ?? new Int16Array(cellCount(frame)).fill(-1);
  segmentsOfCells(regions.posterior).forEach((segment, cell) => {
    if (clamped[cell]! < 0) clamped[cell] = own.get(segment) ?? -1;
  });
  return { ...options, clamped };
}

/** The photo's hash and a seed in one: a seed is no palette that all photos share. */
const ownSeed = ({ frame }: Scene, seed: number): number =>
  (hashOf(frame.luma) >>> 11) * 2 ** 32 + seed;

function bitsOf(place: Placement, bitsLabels: number, bitsColour: number): Bits {
  const samples = cellCount(place) * SAMPLES;
  return { bitsLabels, bitsColour, bitsPerSample: (bitsLabels + bitsColour) / samples };
}
