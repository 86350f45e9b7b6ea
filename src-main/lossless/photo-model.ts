import type { BinaryCoder } from '../entropy/binary';
import { blockWidth, LeastSquares } from './least-squares';
import { ExpertMixture } from './mixture';
import type { Plane } from './plane';
import { margin } from './plane';
import { Repeats } from './repeats';

const experts = 6;
const nearWindow = [1, 0.8, 0.4];
const wideWindow = [1, 1, 1, 1, 1, 1, 1];
/** Causal neighbours of the channel that is coded: columns and rows away. */
const own = [
  [-1, 0], [0, -1], [-1, -1], [1, -1], [-2, 0], [0, -2], [1, -2], [-1, -2], [-2, -1], [2, -1],
] as const; // prettier-ignore
/** Neighbours in each channel that is known already, the sample itself first. */
const known = [[0, 0], [-1, 0], [0, -1], [-1, -1], [1, -1], [1, 0], [0, 1]] as const; // prettier-ignore
/** Where errors are looked up, and their weights (sum 4.4). */
const recent = [[-1, 0, 1], [0, -1, 1], [-1, -1, 0.7], [1, -1, 0.7], [-2, 0, 0.5], [0, -2, 0.5]] as const; // prettier-ignore
const recentSum = 4.4;
const buckets = [3, 6, 10, 16, 25, 40, 70];

/**
 * Codes the samples of `plane`, of `depth` bits, with the channels of `before` (same size, coded already) as
 * side information. Encoding reads the samples of `plane`; decoding overwrites them.
 */
export function codePhotoPlane(
  coder: BinaryCoder,
  plane: Plane,
  before: readonly Plane[],
  depth: number,
): void {
  const { width, height, values, stride } = plane;
  const unit = 2 ** (depth - 8);
  const most = 2 ** depth - 1;
  const n = own.length + known.length * before.length;
  const ownAt = own.map(([x, y]) => y * stride + x);
  const knownAt = known.map(([x, y]) => y * stride + x);
  const recentAt = recent.map(([x, y]) => y * stride + x);
  const features = new Float64Array(n);
  const near = new Float64Array(n);
  const wide = new Float64Array(n);
  const fits = new LeastSquares(n, width, depth);
  const mixture = new ExpertMixture(experts, buckets.length + 1, depth);
  const { means, errors } = mixture;
  const misses = Array.from({ length: experts }, () =>
    new Float64Array(values.length).fill(6 * unit),
  );
  const signed = new Float64Array(values.length);
  const bias = new Float64Array(1024);
  const seen = new Float64Array(1024);
  const repeats = new Repeats(plane, before);
  const last = before.at(-1)?.values;
  /** Probability, of 65,536, that a sample whose neighbours are all equal is equal too. */
  let sameAgain = 49152;

  for (let y = 0; y < height; y++) {
    plane.open(y);
    for (let x = 0, at = plane.at(0, y); x < width; x++, at++) {
      const block = Math.floor(x / blockWidth);
      if (x % blockWidth === 0) {
        fits.solve(block, nearWindow, near);
        if (x % (2 * blockWidth) === 0) fits.solve(block, wideWindow, wide);
        fits.age(block);
      }
      const W = values[at - 1]!;
      const N = values[at - stride]!;
      const NW = values[at - stride - 1]!;
      const NE = values[at - stride + 1]!;
      const flat = W === N && W === NW && W === NE && flatIn(before, at, stride);
      if (flat) {
        const same = coder.code(values[at] === W ? 1 : 0, sameAgain);
        const step = same === 1 ? (65535 - sameAgain) / 32 : (1 - sameAgain) / 32;
        sameAgain += same === 1 ? Math.ceil(step) : Math.floor(step);
        if (same === 1) {
          values[at] = W;
          for (let k = 0; k < experts; k++) misses[k]![at] = 0;
          signed[at] = 0;
          continue;
        }
      }
      const again = repeats.code(coder, values[at]!, at);
      if (again >= 0) {
        values[at] = again;
        for (let k = 0; k < experts; k++) misses[k]![at] = 0;
        signed[at] = 0;
        continue;
      }
      const mean = (W + N + NE) / 3;
      let f = 0;
      for (let i = 0; i < own.length; i++) features[f++] = values[at + ownAt[i]!]! - mean;
      for (const { values: other } of before) {
        const centre = (other[at - 1]! + other[at - stride]! + other[at - stride + 1]!) / 3;
        for (let i = 0; i < known.length; i++) features[f++] = other[at + knownAt[i]!]! - centre;
      }
      let p1 = mean;
      let p2 = mean;
      for (let i = 0; i < n; i++) {
        p1 += near[i]! * features[i]!;
        p2 += wide[i]! * features[i]!;
      }
      let here = 0;
      let a = W;
      let b = N;
      let c = NW;
      let d = NE;
      if (last) {
        here = last[at]!;
        a -= last[at - 1]!;
        b -= last[at - stride]!;
        c -= last[at - stride - 1]!;
        d -= last[at - stride + 1]!;
      }
      const planar = a + b - c;
      const low = a < b ? a : b;
      const high = a < b ? b : a;
      const median = here + (planar < low ? low : planar > high ? high : planar);
      const first = misses[0]!;
      const energy =
        (first[at - 1]! +
          first[at - stride]! +
          (first[at - stride + 1]! + first[at - stride - 1]!) / 2) /
        unit;
      let level = 0;
      while (level < buckets.length && energy >= buckets[level]!) level++;
      const texture =
        (W > p1 ? 1 : 0) + (N > p1 ? 2 : 0) + (NW > p1 ? 4 : 0) + (NE > p1 ? 8 : 0) +
        (values[at - 2]! > p1 ? 16 : 0) + (values[at - 2 * stride]! > p1 ? 32 : 0) + (a > 0 ? 64 : 0); // prettier-ignore
      const context = texture * 8 + level;
      const shift = seen[context]! > 2 ? bias[context]! / seen[context]! : 0;
      means[0] = p1 + shift;
      means[1] = p2 + shift / 2;
      means[2] = median;
      means[3] = (p1 + p2) / 2 + shift / 2;
      means[4] = here + (a + b) / 2 + (d - c) / 4;
      means[5] = p1 + 0.15 * (signed[at - 1]! + signed[at - stride]!);
      for (let k = 0; k < experts; k++) {
        const mu = means[k]!;
        means[k] = mu > 0 ? (mu < most ? mu : most) : 0;
        const miss = misses[k]!;
        let sum = 0;
        for (let i = 0; i < recent.length; i++) sum += recent[i]![2] * miss[at + recentAt[i]!]!;
        errors[k] = sum / recentSum;
      }
      const sample = mixture.code(coder, values[at]!, level, repeats.ruledOut);
      values[at] = sample;
      repeats.learn(sample);
      for (let k = 0; k < experts; k++) misses[k]![at] = Math.abs(sample - means[k]!);
      signed[at] = sample - p1;
      bias[context]! += sample - p1;
      if (++seen[context]! > 255) {
        bias[context]! /= 2;
        seen[context]! /= 2;
      }
      fits.add(block, features, sample - mean);
    }
    plane.close(y);
    for (let k = 0; k < experts; k++) {
      const miss = misses[k]!;
      const start = plane.at(0, y);
      const end = start + width - 1;
      for (let i = 1; i <= margin; i++) {
        miss[start - i] = miss[start]!;
        miss[end + i] = miss[end]!;
      }
    }
  }
}

/** Whether the samples at `at` and around it are equal in each channel that is known already. */
function flatIn(before: readonly Plane[], at: number, stride: number): boolean {
  for (const { values } of before) {
    const value = values[at]!;
    if (values[at - 1] !== value || values[at - stride] !== value) return false;
  }
  return true;
}
