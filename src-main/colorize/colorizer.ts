import { LaviError } from '../api/errors';
import type { Photo } from '../image/photo';
import { explain } from './explain';
import type { Placement } from './frame';
import { cellCount, chromaOf, SAMPLES } from './frame';
import { labelBits, sampleLabels } from './sampling';
import type { SampleOptions } from './sampling';
import type { Labels, Scene } from './model';
import { ColorModel } from './model';
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

  /**
   * Samples a colouring: labels, their mean chroma, and the bits of both.
   * @throws LaviError CANCELLED; BAD_REQUEST where clamped labels do not fit the scene
   */
  async colour(scene: Scene, options: SampleOptions): Promise<Colouring> {
    const { labels, bits } = await this.labels(scene, options);
    return { seed: options.seed, ...this.colouringOf(scene, labels, bits) };
  }

  /** Samples labels alone. Errors as in `colour`. */
  async labels(scene: Scene, options: SampleOptions): Promise<{ labels: Labels; bits: number }> {
    const { clamped } = options;
    const count = cellCount(scene.frame);
    if (clamped && clamped.length !== count) {
      const message = `Expected ${count} labels, one a cell, found ${clamped.length}.`;
      throw new LaviError('BAD_REQUEST', message);
    }
    if (clamped?.some((label) => label >= this.model.labels)) {
      const message = `Expected labels below ${this.model.labels}, found larger ones.`;
      throw new LaviError('BAD_REQUEST', message);
    }
    return sampleLabels(this.model, scene, options);
  }

  /** The colouring of given labels; `bitsLabels` as counted when they were sampled. */
  colouringOf(scene: Scene, labels: Labels, bitsLabels: number): Omit<Colouring, 'seed'> {
    const chroma = scene.decoder.mean(labels);
    const bitsColour = -scene.decoder.logLikelihood(labels, chroma.map(Math.round)) / Math.LN2;
    return { labels, chroma, ...bitsOf(scene.frame, bitsLabels, bitsColour) };
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

function bitsOf(place: Placement, bitsLabels: number, bitsColour: number): Bits {
  const samples = cellCount(place) * SAMPLES;
  return { bitsLabels, bitsColour, bitsPerSample: (bitsLabels + bitsColour) / samples };
}
