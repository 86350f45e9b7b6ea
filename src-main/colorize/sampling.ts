import { throwIfCancelled } from '../jobs/queue';
import { cellCount, gridIndex } from './frame';
import type { ColorModel, Labels, Scene } from './model';
import { logProbabilities } from './model';
import { SeededRandom } from './random';

/** What the order of the labels needs of a model: a test's stand-in has these alone. */
export type LabelPrior = Pick<ColorModel, 'labels' | 'groups' | 'group' | 'next'>;

export interface SampleOptions {
  seed: number;
  /** 1: as probable as the model says; toward 0: only the most probable; above 1: bolder. */
  temperature?: number;
  /** Labels that hold whatever the model thinks, −1 where free. */
  clamped?: Labels;
  signal?: AbortSignal;
}

/**
 * Draws labels from P(z|x), group by group in the fixed order; within a group they are independent
 * given the earlier groups. Clamped labels are known from the start, so the others fit them.
 *
 * @returns the labels, and −log₂P(z|x) in that order: clamped labels are charged as any others
 */
export async function sampleLabels(
  model: LabelPrior,
  scene: Scene,
  { seed, temperature = 1, clamped, signal }: SampleOptions,
): Promise<{ labels: Labels; bits: number }> {
  const count = cellCount(scene.frame);
  const random = new SeededRandom(seed);
  const isClamped = clamped?.some((label) => label >= 0) ?? false;
  const labels: Labels = clamped ? Int16Array.from(clamped) : new Int16Array(count).fill(-1);
  let bits = 0;
  const logP = new Float64Array(model.labels);
  for (let group = 0; group < model.groups; group++) {
    const cells = cellsOf(model, scene, group).filter((cell) => labels[cell]! < 0);
    if (cells.length === 0) continue;
    throwIfCancelled(signal);
    const logits = await model.next(scene, labels);
    for (const cell of cells) {
      logProbabilities(logits, gridIndex(scene.frame, cell), logP);
      labels[cell] = draw(logP, temperature, random);
      bits -= logP[labels[cell]]! / Math.LN2;
    }
  }
  return { labels, bits: isClamped ? await labelBits(model, scene, labels, signal) : bits };
}

/** The photo's cells of a group. */
export function cellsOf(model: LabelPrior, { frame }: Scene, group: number): number[] {
  const out: number[] = [];
  for (let i = 0; i < cellCount(frame); i++) {
    if (model.group(gridIndex(frame, i)) === group) out.push(i);
  }
  return out;
}

function draw(logP: Float64Array, temperature: number, random: SeededRandom): number {
  const best = logP.indexOf(Math.max(...logP));
  if (temperature <= 0) return best;
  return random.pick(logP.map((value) => Math.exp((value - logP[best]!) / temperature)));
}

/** −log₂P(z|x), exactly: the sum over one run of the prior a group, each with the earlier groups known. */
export async function labelBits(
  model: LabelPrior,
  scene: Scene,
  labels: Labels,
  signal?: AbortSignal,
): Promise<number> {
  const known: Labels = new Int16Array(labels.length).fill(-1);
  const logP = new Float64Array(model.labels);
  let bits = 0;
  for (let group = 0; group < model.groups; group++) {
    const cells = cellsOf(model, scene, group);
    if (cells.length === 0) continue;
    throwIfCancelled(signal);
    const logits = await model.next(scene, known);
    for (const cell of cells) {
      logProbabilities(logits, gridIndex(scene.frame, cell), logP);
      bits -= logP[labels[cell]!]! / Math.LN2;
    }
    for (const cell of cells) known[cell] = labels[cell]!;
  }
  return bits;
}

/** The largest class probability of each cell under the factorised prior: how sure the model is. */
export function confidence(model: ColorModel, { frame, logits }: Scene): Float32Array {
  const { labels } = model.manifest;
  const logP = new Float64Array(model.labels);
  return Float32Array.from({ length: cellCount(frame) }, (_, cell) => {
    logProbabilities(logits.data, gridIndex(frame, cell), logP);
    const byClass = new Map<number, number>();
    logP.forEach((value, k) => {
      // Labels without a class stand for themselves.
      const key = labels[k]!.class || -1 - k;
      byClass.set(key, (byClass.get(key) ?? 0) + Math.exp(value));
    });
    return Math.max(...byClass.values());
  });
}
