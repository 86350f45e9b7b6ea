/**
 * Fits the start tables of the label model on a folder of label PNGs and writes
 * src-main/labels/start-tables.json. See README.md beside this file for how to run it.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { brotliCompressSync, constants } from 'node:zlib';
import { type BinaryCoder, BinaryEncoder } from '../../../src-main/entropy/binary';
import { crc32 } from '../../../src-main/entropy/bytes';
import { stretchTable } from '../../../src-main/labels/logistic';
import { LabelModel, slotCount, type StartTables, weightCount } from '../../../src-main/labels/model';
import { codePixels } from '../../../src-main/labels/sparse';
import {
  blankTables,
  countSteps,
  logitStep,
  storedSlot,
  storedSlotCount,
  unpackTables,
  weightStep,
} from '../../../src-main/labels/tables';
import { pairSlots } from '../../../src-main/labels/model';
import { readMaps, type TrainingMap } from './maps';

/** Start strides whose lattice contexts are to be known; midpoints and centres count in each. */
const fittedStrides = [64, 16, 4, 1];

/** Takes bits and keeps none: counting needs the contexts, not the stream. */
const sink: BinaryCoder = { bits: 0, code: (bit) => bit };

/** Counts zeros and ones by slot over one map. */
class CountingModel extends LabelModel {
  readonly counted = new Map<number, [zeros: number, ones: number]>();
  protected override learn(slot: number, bit: number): void {
    let entry = this.counted.get(slot);
    if (!entry) this.counted.set(slot, (entry = [0, 0]));
    entry[bit]!++;
  }
}

function run(model: LabelModel, map: TrainingMap, stride: number): void {
  const { ranks, width, height } = map;
  codePixels(model, ranks, width, height, { stride, predictor: 0 }, () => true);
}

/** Slot that speaks for `slot`: all label pairs of one pattern share their start values. */
function pooled(slot: number): number {
  const { base, groups, size } = pairSlots;
  if (slot < base || slot >= base + groups * size) return slot;
  return slot - ((slot - base) % size);
}

/**
 * By slot a beta distribution: its mean is the start probability, its weight the start count, chosen
 * to make the training maps' bits in that slot cheapest, each map starting anew (beta-binomial).
 */
function fitSlots(maps: TrainingMap[]): StartTables {
  const lists = new Map<number, number[]>();
  for (const map of maps) {
    for (const stride of fittedStrides) {
      const model = new CountingModel(sink, map.labelCount, blankTables());
      run(model, map, stride);
      for (const [slot, counts] of model.counted) {
        const key = pooled(slot);
        const list = lists.get(key);
        if (list) list.push(...counts);
        else lists.set(key, [...counts]);
      }
    }
  }
  const tables = blankTables();
  for (const [slot, list] of lists) {
    const { probability, count } = fitSlot(list);
    const end = slot + (slot >= pairSlots.base && pooled(slot + 1) === slot ? pairSlots.size : 1);
    tables.probabilities.fill(Math.round(probability * 2 ** 24), slot, end);
    tables.counts.fill(count, slot, end);
  }
  console.log(`${lists.size} of ${slotCount} slots were met`);
  return tables;
}

function fitSlot(list: number[]): { probability: number; count: number } {
  let zeros = 0;
  let ones = 0;
  let weightedOnes = 0;
  let weightedAll = 0;
  for (let k = 0; k < list.length; k += 2) {
    const all = list[k]! + list[k + 1]!;
    zeros += list[k]!;
    ones += list[k + 1]!;
    // A map with thousands of hits is one witness, not thousands.
    weightedOnes += list[k + 1]! / (1 + all / 20);
    weightedAll += all / (1 + all / 20);
  }
  const means = [(ones + 0.4) / (zeros + ones + 0.8), (weightedOnes + 0.4) / (weightedAll + 0.8)];
  let best = { probability: 0.5, count: 0 };
  let least = Infinity;
  for (const mean of means) {
    for (const count of countSteps) {
      const a = mean * (count + 0.5);
      const b = (1 - mean) * (count + 0.5);
      const base = logGamma(a) + logGamma(b) - logGamma(a + b);
      let cost = 0.02 * Math.log(1 + count);
      for (let k = 0; k < list.length; k += 2) {
        const zero = list[k]!;
        const one = list[k + 1]!;
        cost += base - logGamma(a + one) - logGamma(b + zero) + logGamma(a + b + zero + one);
      }
      if (cost < least) {
        least = cost;
        best = { probability: mean, count };
      }
    }
  }
  return best;
}

/** ln Γ(z) for z > 0, by Stirling's series above 8. */
function logGamma(z: number): number {
  let shift = 0;
  let x = z;
  for (; x < 8; x++) shift -= Math.log(x);
  const q = 1 / (x * x);
  const series = (1 / 12 - q * (1 / 360 - q / 1260)) / x;
  return shift + (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series;
}

/** Lets the mixing weights learn from map to map, contexts starting anew each time. */
function fitWeights(tables: StartTables, maps: TrainingMap[], epochs: number): void {
  for (let epoch = 1; epoch <= epochs; epoch++) {
    let bytes = 0;
    for (const map of maps) {
      const coder = new BinaryEncoder();
      const model = new LabelModel(coder, map.labelCount, tables);
      run(model, map, fittedStrides[0]!);
      tables.weights.set(model.currentWeights);
      bytes += coder.finish().length;
    }
    console.log(`epoch ${epoch}: ${bytes} bytes for ${maps.length} maps`);
  }
  for (const stride of fittedStrides.slice(1)) {
    // Lattice passes of the other strides have weights of their own; the rest is kept.
    const before = tables.weights.slice();
    for (const map of maps) {
      const model = new LabelModel(sink, map.labelCount, tables);
      run(model, map, stride);
      tables.weights.set(model.currentWeights);
    }
    const lattice = latticeWeights(stride);
    before.set(tables.weights.subarray(...lattice), lattice[0]);
    tables.weights.set(before);
  }
}

/** First and last-plus-one weight of the pass set of a lattice (phase 0) at this stride. */
function latticeWeights(stride: number): [number, number] {
  const level = Math.log2(stride);
  return [level * 5, (level + 1) * 5];
}

function pack(tables: StartTables, id: number) {
  const bytes = Buffer.alloc(storedSlotCount * 2 + weightCount * 2);
  for (let i = 0; i < storedSlotCount; i++) {
    const slot = storedSlot(i);
    const logit = stretchTable[tables.probabilities[slot]! >> 8]!;
    const count = (countSteps as readonly number[]).indexOf(tables.counts[slot]!);
    // Where little was seen an exact value is noise, and noise does not pack.
    bytes.writeInt8(Math.max(-118, Math.min(118, Math.round(logit / logitStep))), i);
    bytes[storedSlotCount + i] = count;
  }
  for (let i = 0; i < weightCount; i++) {
    const weight = Math.round(tables.weights[i]! / weightStep);
    bytes.writeInt16LE(Math.max(-32_768, Math.min(32_767, weight)), storedSlotCount * 2 + i * 2);
  }
  const packed = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_QUALITY]: 11 },
  });
  const crc = crc32(bytes).toString(16).padStart(8, '0');
  return { id, crc, data: packed.toString('base64') };
}

const { values } = parseArgs({
  options: {
    maps: { type: 'string' },
    index: { type: 'string' },
    out: { type: 'string', default: 'src-main/labels/start-tables.json' },
    id: { type: 'string', default: '1' },
    epochs: { type: 'string', default: '2' },
  },
});
if (!values.maps) throw new Error('Give the folder of label PNGs with --maps.');
const maps = readMaps(values.maps, values.index);
console.log(`${maps.length} maps`);
const fitted = fitSlots(maps);
fitWeights(fitted, maps, Number(values.epochs));
// The weights learn once more from the slots as packing rounds them.
const rounded = unpackTables(pack(fitted, Number(values.id)));
fitWeights(rounded, maps, 1);
const result = pack(rounded, Number(values.id));
writeFileSync(values.out, `${JSON.stringify(result, undefined, 2)}\n`);
console.log(`${values.out}: ${result.data.length} characters`);
