import { join } from 'node:path';
import { LaviError } from '../api/errors';
import type { Floats } from '../onnx/session';
import type { ProviderChoice, WarmUp } from '../onnx/providers';
import { chooseProvider, wave } from '../onnx/providers';
import type { Provider } from '../onnx/session';
import { Net } from '../onnx/session';
import { Decoder } from './decoder';
import type { Frame } from './frame';
import { cellCount, FRAME, frameOf, GRID, gridIndex } from './frame';
import type { Photo } from '../image/photo';
import type { ColorManifest, Tables } from './manifest';
import { readColorModel } from './manifest';

/** A photo as the model knows it: all samples and bits start from here. */
export interface Scene {
  frame: Frame;
  decoder: Decoder;
  features: Floats;
  /** Label logits of the factorised prior [1, K, 32, 32]. */
  logits: Floats;
}

/** Labels of the photo's cells in rows, −1 where not known. */
export type Labels = Int16Array;

export interface ColorModelOptions {
  modelsDir: string;
  threads?: number;
  /** `cpu` gives equal colours for a seed on every machine of a kind; a GPU on this machine. */
  provider?: ProviderChoice;
}

/** The backbone on a photo of made-up lightness, which fills the frame. */
export const colorWarmUp: WarmUp = {
  net: 'color-backbone',
  inputs: () => ({
    luma: { data: wave(FRAME * FRAME), shape: [1, 1, FRAME, FRAME] },
    inside: { data: new Float32Array(GRID * GRID).fill(1), shape: [1, 1, GRID, GRID] },
  }),
  output: 'trunk',
};

/**
 * The colorizer's nets: a backbone that looks at the photo once, and a prior that says, for labels
 * known so far, how probable each label is elsewhere.
 */
export class ColorModel {
  private constructor(
    readonly manifest: ColorManifest,
    readonly tables: Tables,
    private readonly backbone: Net,
    private readonly prior: Net,
    private readonly one: Net | undefined,
    /** What the nets run on. */
    readonly provider: Provider,
  ) {}

  /** @throws LaviError MODEL_MISSING, MODEL_MISMATCH, PROVIDER_UNAVAILABLE */
  static async load(options: ColorModelOptions): Promise<ColorModel> {
    const { modelsDir, threads } = options;
    const { manifest, tables } = await readColorModel(modelsDir);
    const { choice: provider } = await chooseProvider({ ...options, warmUp: colorWarmUp });
    const load = (name: string) =>
      Net.load(join(modelsDir, `${name}.onnx`), { provider, ...(threads && { threads }) });
    const [backbone, prior, one] = await Promise.all([
      load('color-backbone'),
      load('color-prior'),
      'color-one.onnx' in manifest.files ? load('color-one') : undefined,
    ]);
    const model = new ColorModel(manifest, tables, backbone, prior, one, provider);
    model.#check();
    return model;
  }

  /** Number of labels. */
  get labels(): number {
    return this.manifest.labels.length;
  }

  /** Groups of the fixed order, coarse to fine. */
  get groups(): number {
    return Math.max(...this.manifest.groups) + 1;
  }

  /** The order's group of a cell of the grid. */
  group(gridCell: number): number {
    return this.manifest.groups[gridCell]!;
  }

  /** Looks at a photo. */
  async scene(photo: Pick<Photo, 'width' | 'height' | 'rgb'>): Promise<Scene> {
    const frame = frameOf(photo);
    const out = await this.backbone.run(inputsOf(frame));
    const decoder = new Decoder(this.tables, frame, out.trunk!.data);
    return { frame, decoder, features: out.features!, logits: out.logits! };
  }

  /** Label logits [K, 32, 32] of the photo seen in a mirror, turned back. */
  async mirroredLogits({ luma, inside }: Frame): Promise<Float32Array> {
    const frame = { luma: mirrored(luma, FRAME), inside: mirrored(inside, GRID) };
    return mirrored((await this.backbone.run(inputsOf(frame))).logits!.data, GRID);
  }

  /** The trunk of the net with one label, trained alike: the baseline without a latent. */
  async trunkOfOne(frame: Frame): Promise<Float32Array | undefined> {
    if (!this.one) return undefined;
    return (await this.one.run(inputsOf(frame))).trunk!.data;
  }

  /** Label logits [K, 32, 32] given what is known (−1: not). */
  async next(scene: Scene, known: ArrayLike<number>): Promise<Float32Array> {
    const { features, logits, frame } = scene;
    const hot = new Float32Array(this.labels * GRID * GRID);
    for (let i = 0; i < cellCount(frame); i++) {
      if (known[i]! >= 0) hot[known[i]! * GRID * GRID + gridIndex(frame, i)] = 1;
    }
    const shape = [1, this.labels, GRID, GRID];
    const out = await this.prior.run({ features, logits, known: { data: hot, shape } });
    return out.next!.data;
  }

  async close(): Promise<void> {
    await Promise.all([this.backbone.close(), this.prior.close(), this.one?.close()]);
  }

  #check(): void {
    const { inputs, outputs } = this.backbone.names;
    const { table } = this.tables;
    if (table?.shape[0] === this.labels && inputs.length === 2 && outputs.length === 3) return;
    throw new LaviError(
      'MODEL_MISMATCH',
      `Expected a colorizer of ${this.labels} labels, found nets or tables of another.`,
    );
  }
}

/** Each row of a plane, or of several, backwards. */
function mirrored(planes: Float32Array, width: number): Float32Array {
  const out = new Float32Array(planes.length);
  for (let start = 0; start < planes.length; start += width) {
    for (let x = 0; x < width; x++) out[start + x] = planes[start + width - 1 - x]!;
  }
  return out;
}

function inputsOf({ luma, inside }: Pick<Frame, 'luma' | 'inside'>): Record<string, Floats> {
  return {
    luma: { data: luma, shape: [1, 1, FRAME, FRAME] },
    inside: { data: inside, shape: [1, 1, GRID, GRID] },
  };
}

/** Natural log probabilities of all labels at a cell of the grid, from logits [K, 32, 32]. */
export function logProbabilities(
  logits: Float32Array,
  gridCell: number,
  into: Float64Array,
): Float64Array {
  const count = into.length;
  let largest = -Infinity;
  for (let k = 0; k < count; k++) {
    into[k] = logits[k * GRID * GRID + gridCell]!;
    if (into[k]! > largest) largest = into[k]!;
  }
  let total = 0;
  for (let k = 0; k < count; k++) total += Math.exp(into[k]! - largest);
  const normal = largest + Math.log(total);
  for (let k = 0; k < count; k++) into[k]! -= normal;
  return into;
}
