import { throwIfCancelled } from '../jobs/queue';
import { cellCount, gridIndex, SAMPLES, samplesOf } from './frame';
import type { Decoder } from './decoder';
import { labelsAround, NEAR } from './decoder';
import { cellsOf, labelBits } from './sampling';
import type { ColorModel, Labels, Scene } from './model';
import { logProbabilities } from './model';

/** What a picture's chroma costs: its bits bound −log₂P(ŷ|x) from above. */
export interface Explanation {
  labels: Labels;
  bitsLabels: number;
  bitsColour: number;
}

/** Labels tried at a cell, and by how many nats one may be worse on its own to be tried at all. */
const CANDIDATES = 5;
const MARGIN = 20;
const SWEEPS = 2;

/**
 * Finds labels that explain a picture's chroma in few bits: the hard E step. Each cell first takes the
 * label that is best on its own; then sweeps in the fixed order weigh, for each candidate, what the
 * prior charges given earlier groups and what the 3×3 cells around it gain or lose. The best of all
 * sweeps is kept.
 *
 * @param chroma interleaved [4·rows, 4·columns, 2] in whole units
 */
export async function explain(
  model: ColorModel,
  scene: Scene,
  chroma: Float32Array,
  { signal, onProgress }: { signal?: AbortSignal; onProgress?: (fraction: number) => void } = {},
): Promise<Explanation> {
  const { own, labels } = bestAlone(model, scene, chroma);
  let best = await costOf(model, scene, labels, chroma, signal);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (let group = 0; group < model.groups; group++) {
      throwIfCancelled(signal);
      onProgress?.((sweep + group / model.groups) / SWEEPS);
      await sweepGroup(model, scene, chroma, labels, own, group);
    }
    const found = await costOf(model, scene, labels, chroma, signal);
    if (found.bitsLabels + found.bitsColour >= best.bitsLabels + best.bitsColour) break;
    best = found;
  }
  return best;
}

async function costOf(
  model: ColorModel,
  scene: Scene,
  labels: Labels,
  chroma: Float32Array,
  signal?: AbortSignal,
): Promise<Explanation> {
  return {
    labels: Int16Array.from(labels),
    bitsLabels: await labelBits(model, scene, labels, signal),
    bitsColour: -scene.decoder.logLikelihood(labels, chroma) / Math.LN2,
  };
}

/** log P of each cell's samples under each label alone [cells, K], and the best with the label head. */
function bestAlone(model: ColorModel, scene: Scene, chroma: Float32Array) {
  const { decoder, frame, logits } = scene;
  const count = cellCount(frame);
  const own = new Float32Array(count * model.labels);
  const labels: Labels = new Int16Array(count);
  const logP = new Float64Array(model.labels);
  const parameters = new Float32Array(6 * SAMPLES);
  const y = new Float32Array(2 * SAMPLES);
  for (let cell = 0; cell < count; cell++) {
    samplesOf(chroma, frame, cell, y);
    logProbabilities(logits.data, gridIndex(frame, cell), logP);
    let best = -Infinity;
    for (let k = 0; k < model.labels; k++) {
      const value = decoder.ownLogLikelihood(decoder.compute(cell, k, parameters), y);
      own[cell * model.labels + k] = value;
      if (value + logP[k]! > best) {
        best = value + logP[k]!;
        labels[cell] = k;
      }
    }
  }
  return { own, labels };
}

/** Improves the labels of a group in place. */
async function sweepGroup(
  model: ColorModel,
  scene: Scene,
  chroma: Float32Array,
  labels: Labels,
  own: Float32Array,
  group: number,
): Promise<void> {
  const cells = cellsOf(model, scene, group);
  if (cells.length === 0) return;
  const earlier = labels.map((label, i) =>
    model.group(gridIndex(scene.frame, i)) < group ? label : -1,
  );
  const logits = await model.next(scene, earlier);
  const logP = new Float64Array(model.labels);
  for (const cell of cells) {
    logProbabilities(logits, gridIndex(scene.frame, cell), logP);
    const candidates = candidatesOf(own.subarray(cell * logP.length), logP, labels[cell]!);
    if (candidates.length === 1) continue;
    let best = -Infinity;
    let chosen = labels[cell]!;
    for (const label of candidates) {
      labels[cell] = label;
      const value = logP[label]! + neighbourhood(scene.decoder, labels, chroma, cell);
      if (value > best) {
        best = value;
        chosen = label;
      }
    }
    labels[cell] = chosen;
  }
}

function candidatesOf(own: Float32Array, logP: Float64Array, current: number): number[] {
  const score = logP.map((value, k) => value + own[k]!);
  const order = [...score.keys()].sort((one, other) => score[other]! - score[one]!);
  const good = order.slice(0, CANDIDATES).filter((k) => score[k]! > score[order[0]!]! - MARGIN);
  return good.includes(current) ? good : [...good, current];
}

/** log P of the samples of a cell's 3×3 cells, all of which heed its label. */
function neighbourhood(
  decoder: Decoder,
  labels: Labels,
  chroma: Float32Array,
  cell: number,
): number {
  const { place } = decoder;
  const around = new Int16Array(NEAR);
  const near = new Int16Array(NEAR);
  const y = new Float32Array(2 * SAMPLES);
  const places = Int16Array.from(labels, (_, i) => i);
  labelsAround(places, place, cell, around);
  let sum = 0;
  for (const other of around) {
    if (other < 0) continue;
    labelsAround(labels, place, other, near);
    samplesOf(chroma, place, other, y);
    sum += decoder.mixture(other, near).logLikelihood(y);
  }
  return sum;
}
