import type { Evidence } from './evidence';
import { heldSamples, ruleOut, spreadPoints, withEvidence } from './evidence';
import type { Placement } from './frame';
import { cellCount, SIDE } from './frame';
import type { ColorLabel } from './manifest';
import type { Labels } from './model';
import { cholesky, gumbelOf, normal } from './normal';
import type { Posterior } from './posterior';
import { mixed } from './posterior';
import { SeededRandom } from './random';
import { smooth } from './smooth';

/** How far a sample heeds its segment's mean posterior. */
const PULL = 0.7;
/** Distance in chroma within which labels vote together and draw alike noise. */
const ALIKE = 6;
/** Share of a label's own log P beside the votes of its like. */
const OWN = 0.3;
/** Shares of the noise's variance: of all segments that look alike, of a coarse segment, of a fine one. */
const SHARES = { looks: 0.55, coarse: 0.3, fine: 0.15 };
/** Temperature of the weights that labels mix their colours by, with noise and without. */
const MIXING = 0.5;
const MIXING_PLAIN = 0.4;
export const smoothing = { strength: 60, edge: 0.03 };

export interface CoupledOptions extends Evidence {
  /** Of the noise alone: the photo's hash is in it. */
  seed: number;
  /** Factor on the noise; at 0 there is none, whatever the seed. */
  temperature: number;
}

/**
 * Draws a colouring whose noise is shared by region. Of each sample, label k has
 * v_k = log Σ_j e^(−|Δab|²/2·6²) q_j + 0.3 log q_k + T·g_k, log q drawn toward its segment's mean; the
 * Gumbel noise g comes from normals shared by segments that look alike, by coarse and by fine segments,
 * and correlated between labels of like colours. Chroma is Σ softmax(v/0.5)_k μ_k, smoothed along the
 * photo's edges; without noise it is Σ softmax(log p/0.4)_k μ_k, smoothed likewise.
 *
 * @returns chroma interleaved [4·rows, 4·columns, 2], and of each cell the label of the largest weight
 */
export class CoupledSampler {
  readonly #votes: { label: number; weight: number }[][];
  readonly #factor: Float64Array;
  /** log q and votes without evidence, which many colourings share. */
  #plain?: Float32Array;

  constructor(
    readonly posterior: Posterior,
    readonly place: Placement,
    labels: readonly ColorLabel[],
  ) {
    const { size, likeness } = likenessOf(labels);
    this.#votes = Array.from({ length: size }, (_, k) =>
      [...likeness.subarray(k * size, (k + 1) * size).entries()].flatMap(([label, weight]) =>
        weight > 1e-4 ? [{ label, weight }] : [],
      ),
    );
    // A little on the diagonal: twins in colour would make the matrix singular.
    const covariance = likeness.map((value, i) => (i % (size + 1) === 0 ? 1 : value / (1 + 1e-3)));
    this.#factor = cholesky(covariance, size);
  }

  draw({ seed, temperature, ...evidence }: CoupledOptions): {
    labels: Labels;
    chroma: Float32Array;
  } {
    const { posterior, place } = this;
    const { means, labels: count } = posterior;
    const values =
      temperature > 0
        ? this.#noisy(seed, temperature, evidence)
        : withEvidence(posterior, posterior.logP.slice(), evidence);
    const held = heldSamples(posterior, evidence);
    ruleOut(values, count, held);
    const sums = new Float64Array(cellCount(place) * count);
    const chroma = mixed(
      values,
      means,
      count,
      temperature > 0 ? MIXING : MIXING_PLAIN,
      (sample, weights) => {
        const row = Math.floor(sample / posterior.width / SIDE);
        const cell = row * place.columns + Math.floor((sample % posterior.width) / SIDE);
        for (let k = 0; k < count; k++) sums[cell * count + k]! += weights[k]!;
      },
    );
    smooth(chroma, posterior.guide, posterior, { ...smoothing, ...(held && { parts: held }) });
    spreadPoints(posterior, chroma, evidence.points);
    return { labels: largestOf(sums, count), chroma };
  }

  #noisy(seed: number, temperature: number, evidence: Evidence): Float32Array {
    const { fine, coarse, labels } = this.posterior;
    const scores = this.#scores(evidence);
    const noise = this.#noise(seed);
    const out = new Float32Array(scores.length);
    for (let i = 0; i < fine.of.length; i++) {
      const from = noise(coarse.of[i]!, fine.of[i]!);
      for (let k = 0, at = i * labels; k < labels; k++, at++) {
        out[at] = scores[at]! + temperature * from[k]!;
      }
    }
    return out;
  }

  /** log Σ_j likeness q_j + 0.3 log q_k [N, K]. */
  #scores(evidence: Evidence): Float32Array {
    const isPlain = !evidence.held?.length && !evidence.points?.length && !evidence.tilt;
    if (isPlain && this.#plain) return this.#plain;
    const { posterior } = this;
    const { logP, segmentLogP, fine, labels } = posterior;
    const pulled = new Float32Array(logP.length);
    for (let i = 0; i < fine.of.length; i++) {
      const segment = fine.of[i]! * labels;
      for (let k = 0, at = i * labels; k < labels; k++, at++) {
        pulled[at] = (1 - PULL) * logP[at]! + PULL * segmentLogP[segment + k]!;
      }
    }
    const logQ = withEvidence(posterior, pulled, evidence);
    const out = new Float32Array(logQ.length);
    const q = new Float64Array(labels);
    for (let at = 0; at < out.length; at += labels) {
      let largest = -Infinity;
      for (let k = 0; k < labels; k++) largest = Math.max(largest, logQ[at + k]!);
      for (let k = 0; k < labels; k++) q[k] = Math.exp(logQ[at + k]! - largest);
      for (let k = 0; k < labels; k++) {
        let sum = 1e-9;
        for (const { label, weight } of this.#votes[k]!) sum += weight * q[label]!;
        out[at + k] = Math.log(sum) + OWN * (logQ[at + k]! - largest);
      }
    }
    if (isPlain) this.#plain = out;
    return out;
  }

  /** Gumbel noise of the labels where a coarse and a fine segment meet. */
  #noise(seed: number): (coarse: number, fine: number) => Float32Array {
    const { posterior } = this;
    const { labels, looks } = posterior;
    const random = new SeededRandom(seed);
    const normals = (count: number) => Float64Array.from({ length: count }, () => normal(random));
    const all = normals(labels * labels);
    const ofCoarse = normals(posterior.coarse.count * labels);
    const ofFine = normals(posterior.fine.count * labels);
    const made = new Map<number, Float32Array>();
    const plain = new Float64Array(labels);
    const make = (coarse: number, fine: number) => {
      for (let k = 0; k < labels; k++) {
        let shared = 0;
        for (let j = 0; j < labels; j++) shared += looks[fine * labels + j]! * all[j * labels + k]!;
        plain[k] =
          Math.sqrt(SHARES.looks) * shared +
          Math.sqrt(SHARES.coarse) * ofCoarse[coarse * labels + k]! +
          Math.sqrt(SHARES.fine) * ofFine[fine * labels + k]!;
      }
      return Float32Array.from({ length: labels }, (_, k) => {
        let sum = 0;
        for (let j = 0; j <= k; j++) sum += this.#factor[k * labels + j]! * plain[j]!;
        return gumbelOf(sum);
      });
    };
    return (coarse, fine) => {
      const key = coarse * posterior.fine.count + fine;
      let noise = made.get(key);
      if (!noise) made.set(key, (noise = make(coarse, fine)));
      return noise;
    };
  }
}

/** e^(−|Δab|²/2·6²) of all pairs of labels [K, K]. */
function likenessOf(labels: readonly ColorLabel[]): { size: number; likeness: Float64Array } {
  const size = labels.length;
  const likeness = Float64Array.from({ length: size * size }, (_, i) => {
    const [a, b] = labels[Math.floor(i / size)]!.chroma;
    const [c, d] = labels[i % size]!.chroma;
    return Math.exp(-((a - c) ** 2 + (b - d) ** 2) / (2 * ALIKE ** 2));
  });
  return { size, likeness };
}

function largestOf(sums: Float64Array, labels: number): Labels {
  return Int16Array.from({ length: sums.length / labels }, (_, cell) => {
    const own = sums.subarray(cell * labels, (cell + 1) * labels);
    return own.indexOf(own.reduce((most, value) => Math.max(most, value)));
  });
}
