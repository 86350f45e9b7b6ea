import type { BinaryCoder } from '../entropy/binary';
import { absent, type Neighbourhood } from './neighbourhood';
import { squash, stretchTable } from './logistic';

/**
 * The probability model of label maps. At each pixel it codes, in this order and only as far as
 * needed: is the predicted label wrong ("in z")? is it the runner-up? is it another label around?
 * else which of the remaining labels of the map.
 *
 * Where the inner neighbours agree, "in z" has one adaptive context. Where they differ, five
 * adaptive contexts are mixed in the logistic domain by weights of two sets, chosen by the pass and
 * by the near neighbours. The same code encodes and decodes; see BinaryCoder.
 */

export const mixedCount = 5;

const phaseCount = 3;
const levelCount = 8;
/** Patterns of four neighbours: predicted / runner-up / other label, or predicted / not. */
const ternary = 81;
const binary = 16;

/** Slots of each of the mixed contexts. */
const mixedSizes = [
  phaseCount * ternary * ternary,
  phaseCount * 3 * binary * 256,
  phaseCount * binary * binary * binary * 16,
  phaseCount * binary * 256,
  phaseCount * levelCount * 8 * 8 * 4,
];
const mixedBase = mixedSizes.map((_, k) => mixedSizes.slice(0, k).reduce((a, b) => a + b, 0));
const flatBase = mixedBase[mixedCount - 1]! + mixedSizes[mixedCount - 1]!;
const runnerUpBase = flatBase + phaseCount * levelCount * 5;
const otherBase = runnerUpBase + phaseCount * ternary * 2;

/** Adaptive probabilities in all. */
export const slotCount = otherBase + phaseCount * 8;
/** Slots of the label-pair context: their start values know no labels, only patterns. */
export const pairSlots = { base: mixedBase[3]!, groups: phaseCount * binary, size: 256 };

const passSets = phaseCount * levelCount;
/** Mixing weights in all, `mixedCount` a set. */
export const weightCount = (passSets + phaseCount * 3 * ternary) * mixedCount;

/** Probabilities of a 1 are held in 1/2²⁴. */
export const fullScale = 2 ** 24;
/** A slot's count stops here, which sets how slowly it still adapts: by 1/(count + 1.5). */
const mixedLimit = 255;
const flatLimit = 1000;
const treeLimit = 60;
const learningRate = 24;
const reciprocals = Int32Array.from({ length: 1024 }, (_, n) => Math.floor(65_536 / (n + 1.5)));

/** What a model starts from, so that small maps need not teach it the shapes of borders. */
export interface StartTables {
  /** By slot: probability of a 1 in 1/2²⁴ and how many observations it is worth. */
  probabilities: Int32Array;
  counts: Uint16Array;
  /** By weight, in 1/65,536. */
  weights: Int32Array;
}

export class LabelModel {
  /** Pixels found to be in z so far. */
  points = 0;
  private readonly probabilities: Int32Array;
  private readonly counts: Uint16Array;
  private readonly weights: Int32Array;
  private readonly slots = new Int32Array(mixedCount);
  private readonly logits = new Int32Array(mixedCount);
  private readonly tree: Int32Array;
  private readonly treeCounts: Uint16Array;
  private readonly depth: number;

  /** `labelCount`: labels of the map, known to both sides; ranks are 0…labelCount − 1. */
  constructor(
    private readonly coder: BinaryCoder,
    private readonly labelCount: number,
    start: StartTables,
  ) {
    this.probabilities = start.probabilities.slice();
    this.counts = start.counts.slice();
    this.weights = start.weights.slice();
    this.depth = labelCount > 1 ? 32 - Math.clz32(labelCount - 1) : 0;
    this.tree = new Int32Array(1 << this.depth).fill(fullScale / 2);
    this.treeCounts = new Uint16Array(1 << this.depth);
  }

  /** The weights as they are now; fitting carries them on to the next map. */
  get currentWeights(): Int32Array {
    return this.weights;
  }

  /**
   * Codes one pixel where the inner neighbours agree. `rank` is the pixel's own when encoding and
   * anything when decoding; returns it either way.
   */
  codeFlat(around: Neighbourhood, phase: number, level: number, rank: number): number {
    const predicted = around.candidates[0]!;
    const slot = flatBase + (phase * levelCount + level) * 5 + around.farOthers;
    if (this.codeSlot(slot, rank === predicted ? 0 : 1, flatLimit) === 0) return predicted;
    this.points++;
    return this.codeRank(around.candidates, 1, rank);
  }

  /** Codes one pixel where they differ. */
  codeMixed(around: Neighbourhood, phase: number, level: number, rank: number): number {
    const { candidates, candidateCount } = around;
    const predicted = candidates[0]!;
    const near = this.chooseSlots(around, phase, level);
    const passSet = phase * levelCount + level;
    const nearSet = passSets + (phase * 3 + Math.min(level, 2)) * ternary + near;
    if (this.mix(rank === predicted ? 0 : 1, passSet, nearSet) === 0) return predicted;
    this.points++;
    const tried = Math.min(candidateCount, 5);
    for (let k = 1; k < tried; k++) {
      const candidate = candidates[k]!;
      // The last label of the map needs no bit.
      if (k === this.labelCount - 1) return candidate;
      const slot =
        k === 1
          ? runnerUpBase + (phase * ternary + near) * 2 + (candidateCount > 2 ? 1 : 0)
          : otherBase + phase * 8 + k;
      if (this.codeSlot(slot, rank === candidate ? 1 : 0, mixedLimit) === 1) return candidate;
    }
    return this.codeRank(candidates, tried, rank);
  }

  /** Fills `slots`; returns the ternary pattern of the near neighbours. */
  private chooseSlots(around: Neighbourhood, phase: number, level: number): number {
    const { slots } = this;
    const { around: labels, candidates, votes } = around;
    const predicted = candidates[0]!;
    const runnerUp = candidates[1]!;
    const kind = (k: number) => {
      const label = labels[k]!;
      return label === predicted || label === absent ? 0 : label === runnerUp ? 1 : 2;
    };
    let near = 0;
    let nearBits = 0;
    for (let k = 0; k < 4; k++) {
      const s = kind(k);
      near = near * 3 + s;
      nearBits = nearBits * 2 + (s > 0 ? 1 : 0);
    }
    let pass = 0;
    let passBits = 0;
    let passOthers = 0;
    for (let k = 4; k < 8; k++) {
      const s = kind(k);
      pass = pass * 3 + s;
      passBits = passBits * 2 + (s > 0 ? 1 : 0);
      passOthers += s > 0 ? 1 : 0;
    }
    let further = 0;
    let furtherOthers = 0;
    for (let k = 8; k < 16; k++) {
      const s = kind(k) > 0 ? 1 : 0;
      further = further * 2 + s;
      furtherOthers += s;
    }
    let far = 0;
    for (let k = 16; k < 20; k++) far = far * 2 + (kind(k) > 0 ? 1 : 0);
    const pair = (predicted * 73 + runnerUp * 37) & 255;
    const margin = marginClass(votes[0]! - votes[1]!);
    const fine = Math.min(level, 2);
    slots[0] = mixedBase[0]! + (phase * ternary + near) * ternary + pass;
    slots[1] = mixedBase[1]! + ((phase * 3 + fine) * binary + nearBits) * 256 + further;
    slots[2] =
      mixedBase[2]! +
      (((phase * binary + nearBits) * binary + passBits) * binary + far) * 16 +
      (further & 15);
    slots[3] = mixedBase[3]! + (phase * binary + nearBits) * 256 + pair;
    slots[4] =
      mixedBase[4]! +
      (((phase * levelCount + level) * 8 + margin) * 8 + Math.min(7, furtherOthers)) * 4 +
      Math.min(3, passOthers);
    return near;
  }

  private mix(bit: number, setA: number, setB: number): number {
    const { slots, logits, weights, probabilities } = this;
    const a = setA * mixedCount;
    const b = setB * mixedCount;
    let dot = 0;
    for (let k = 0; k < mixedCount; k++) {
      const p = probabilities[slots[k]!]! >> 8;
      const logit = stretchTable[p]!;
      logits[k] = logit;
      dot += logit * (weights[a + k]! + weights[b + k]!);
    }
    const p1 = squash(Math.floor(dot / 65_536));
    const coded = this.coder.code(bit, p1);
    const error = (coded === 1 ? 65_536 : 0) - p1;
    for (let k = 0; k < mixedCount; k++) {
      const change = Math.floor((logits[k]! * error * learningRate) / 2 ** 22 + 0.5);
      weights[a + k] = clipWeight(weights[a + k]! + change);
      weights[b + k] = clipWeight(weights[b + k]! + change);
      this.learn(slots[k]!, coded, mixedLimit);
    }
    return coded;
  }

  private codeSlot(slot: number, bit: number, limit: number): number {
    const p = this.probabilities[slot]! >> 8;
    const coded = this.coder.code(bit, p < 1 ? 1 : p);
    this.learn(slot, coded, limit);
    return coded;
  }

  /** Moves a slot's probability toward the bit that came. Fitting overrides this to count. */
  protected learn(slot: number, bit: number, limit: number): void {
    const p = this.probabilities[slot]!;
    const count = this.counts[slot]!;
    const gap = (bit === 1 ? fullScale - 1 : 0) - p;
    this.probabilities[slot] = p + Math.floor((gap * reciprocals[count]!) / 65_536);
    if (count < limit) this.counts[slot] = count + 1;
  }

  /** Codes which of the labels not among the first `tried` candidates: a binary tree over ranks. */
  private codeRank(candidates: Int32Array, tried: number, rank: number): number {
    let node = 1;
    let low = 0;
    for (let size = 1 << this.depth; size > 1;) {
      size >>= 1;
      const middle = low + size;
      let left = Math.min(size, this.labelCount - low);
      let right = Math.max(0, Math.min(size, this.labelCount - middle));
      for (let k = 0; k < tried; k++) {
        const out = candidates[k]!;
        if (out >= low && out < middle) left--;
        else if (out >= middle && out < middle + size) right--;
      }
      // A side with nothing left to choose needs no bit.
      const bit = right <= 0 ? 0 : left <= 0 ? 1 : this.codeNode(node, rank >= middle ? 1 : 0);
      if (bit === 1) low = middle;
      node = node * 2 + bit;
    }
    return low;
  }

  private codeNode(node: number, bit: number): number {
    const p = this.tree[node]!;
    const count = this.treeCounts[node]!;
    const coded = this.coder.code(bit, Math.max(1, p >> 8));
    const gap = (coded === 1 ? fullScale - 1 : 0) - p;
    this.tree[node] = p + Math.floor((gap * reciprocals[count + 1]!) / 65_536);
    if (count < treeLimit) this.treeCounts[node] = count + 1;
    return coded;
  }
}

/** How clearly the prediction leads, in eight classes. */
function marginClass(margin: number): number {
  if (margin >= 20) return 7;
  if (margin >= 16) return 6;
  if (margin >= 12) return 5;
  if (margin >= 9) return 4;
  if (margin >= 6) return 3;
  return margin >= 3 ? 2 : margin >= 1 ? 1 : 0;
}

const maxWeight = 2 ** 20;

function clipWeight(weight: number): number {
  return weight > maxWeight ? maxWeight : weight < -maxWeight ? -maxWeight : weight;
}
