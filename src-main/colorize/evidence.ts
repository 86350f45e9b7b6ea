import { SIDE } from './frame';
import type { Labels } from './model';
import type { Posterior } from './posterior';
import { smooth } from './smooth';

/** A colour that a person says a place has. */
export interface ColourPoint {
  /** 0…1 of the photo's width and height. */
  x: number;
  y: number;
  a: number;
  b: number;
}

/** What a person knows of a photo: it holds in every colouring. */
export interface Evidence {
  /** Fine segments and the labels that they have. */
  held?: readonly (readonly [segment: number, label: number])[] | undefined;
  /** Labels of cells, −1 where free. */
  cells?: Labels | undefined;
  points?: readonly ColourPoint[] | undefined;
  /** Whether segments that look like a held one follow it. */
  follow?: boolean | undefined;
  /** Added to log P of each label [K]: what a reference photo says. */
  tilt?: Float32Array | undefined;
}

/** Score of what a person rules out: no noise outweighs it. */
const RULED_OUT = -100;
/** Chroma distance by which a label's say at a colour point falls to e^−½. */
const POINT_REACH = 8;
/** Power of two segments' likeness by which one follows the other. */
const FOLLOWING = 6;
/** Difference in mean lightness, of 1, by which that falls to e^−½: a dark coat is no white shirt. */
const AS_LIGHT = 0.12;
/** log P that a held label gains in segments that look quite alike. */
const FOLLOW_GAIN = 6;
/** The residual at colour points spreads further and stops at fainter edges than chroma does. */
const residual = { strength: 900, edge: 0.02 };

/** The label that each sample is held to, −1 where free; undefined where nothing is held. */
export function heldSamples(
  { fine, width }: Posterior,
  { held = [], cells }: Evidence,
): Int16Array | undefined {
  if (held.length === 0 && !cells) return undefined;
  const holding = new Map(held);
  return Int16Array.from(fine.of, (segment, i) => {
    const cell = Math.floor(i / width / SIDE) * (width / SIDE) + Math.floor((i % width) / SIDE);
    const own = cells ? cells[cell]! : -1;
    return own >= 0 ? own : (holding.get(segment) ?? -1);
  });
}

/** Rules out, in place, all but the labels that samples are held to. */
export function ruleOut(values: Float32Array, labels: number, held: Int16Array | undefined): void {
  held?.forEach((label, i) => {
    if (label < 0) return;
    values.fill(RULED_OUT, i * labels, (i + 1) * labels);
    values[i * labels + label] = 0;
  });
}

/** log P with what a person knows of places and of likes in it, as a new array where that is anything. */
export function withEvidence(
  posterior: Posterior,
  logP: Float32Array,
  { held = [], points = [], follow = false, tilt }: Evidence,
): Float32Array {
  if (held.length === 0 && points.length === 0 && !tilt) return logP;
  const { labels, fine, means } = posterior;
  const out = logP.slice();
  const pulls = points.map((point) => {
    const segment = fine.of[sampleOf(posterior, point)]!;
    return { ...point, likeness: likenessTo(posterior, segment) };
  });
  const followed = follow
    ? held.map(([segment, label]) => ({ label, likeness: likenessTo(posterior, segment) }))
    : [];
  for (let i = 0; i < fine.of.length; i++) {
    const at = i * labels;
    const segment = fine.of[i]!;
    if (tilt) for (let k = 0; k < labels; k++) out[at + k]! += tilt[k]!;
    for (const one of followed) out[at + one.label]! += FOLLOW_GAIN * one.likeness[segment]!;
    for (const { a, b, likeness } of pulls) {
      const weight = likeness[segment]! / (2 * POINT_REACH ** 2);
      if (weight < 1e-6) continue;
      for (let k = 0; k < labels; k++) {
        const mean = 2 * (at + k);
        out[at + k]! -= weight * ((means[mean]! - a) ** 2 + (means[mean + 1]! - b) ** 2);
      }
    }
  }
  return out;
}

/** How alike each segment is to one, 0…1: Bhattacharyya's coefficient to the sixth power, and as light. */
function likenessTo({ looks, labels, fine, lightness }: Posterior, segment: number): Float32Array {
  return Float32Array.from({ length: fine.count }, (_, other) => {
    let sum = 0;
    for (let k = 0; k < labels; k++)
      sum += looks[segment * labels + k]! * looks[other * labels + k]!;
    const darker = (lightness[segment]! - lightness[other]!) / AS_LIGHT;
    return Math.min(1, sum) ** FOLLOWING * Math.exp(-(darker ** 2) / 2);
  });
}

/** The chroma sample of a place. */
export function sampleOf({ width, height }: Posterior, { x, y }: { x: number; y: number }): number {
  const column = Math.min(width - 1, Math.floor(x * width));
  return Math.min(height - 1, Math.floor(y * height)) * width + column;
}

/** Rounds of spreading: where points lie near each other, the first leaves something to each. */
const ROUNDS = 3;

/**
 * Makes chroma at colour points theirs: what is left to them spreads as far as the photo is even, by
 * the smoother, and fades with the distance.
 */
export function spreadPoints(
  posterior: Posterior,
  chroma: Float32Array,
  points: readonly ColourPoint[] = [],
): void {
  for (let round = 0; round < ROUNDS && points.length > 0; round++) {
    const values = residuals(posterior, chroma, points);
    smooth(values, posterior.guide, posterior, residual);
    const atPoints = points.map((point) => values[3 * sampleOf(posterior, point)]!);
    const full = Math.max(1e-6, Math.min(...atPoints));
    for (let i = 0; i < chroma.length / 2; i++) {
      const near = values[3 * i]!;
      if (near < 1e-3 * full) continue;
      const share = Math.min(1, near / full) / near;
      chroma[2 * i]! += values[3 * i + 1]! * share;
      chroma[2 * i + 1]! += values[3 * i + 2]! * share;
    }
  }
}

/** 1 and what is missing of a and b at the samples of each point and around it, 0 elsewhere [N, 3]. */
function residuals(
  posterior: Posterior,
  chroma: Float32Array,
  points: readonly ColourPoint[],
): Float32Array {
  const { width, height, fine } = posterior;
  const values = new Float32Array(3 * width * height);
  for (const point of points) {
    const middle = sampleOf(posterior, point);
    for (let dy = -1; dy <= 1; dy++) {
      for (let dx = -1; dx <= 1; dx++) {
        const x = (middle % width) + dx;
        const y = Math.floor(middle / width) + dy;
        const at = y * width + x;
        if (x < 0 || y < 0 || x >= width || y >= height) continue;
        if (fine.of[at] !== fine.of[middle]) continue;
        values[3 * at] = 1;
        values[3 * at + 1] = point.a - chroma[2 * at]!;
        values[3 * at + 2] = point.b - chroma[2 * at + 1]!;
      }
    }
  }
  return values;
}
