import { LaviError } from '../api/errors';

/** Bytes of all files together at each of some wire qualities, the same for every file. */
export type MeasureTotals = (qualities: number[]) => Promise<number[]>;

export interface TotalGoal {
  /** Largest wire quality. */
  last: number;
  /** Bytes that all files together may take. */
  target: number;
}

/** So much of the target may stay unused. */
const UNUSED = 0.005;
/** Qualities tried in the first pass: enough to see how the total grows. */
const FIRST = 5;

/**
 * The largest quality at which a batch fits into so many bytes, up to a small unused share. One
 * quality is one λ, and files whose R + λ·D are least at the same λ have the least distortion in
 * sum that their bytes in sum allow: moving bytes from one to another could only lose (equal slope).
 *
 * Each pass measures a few qualities, since going through a batch costs more than one more quality.
 * Error TARGET_UNREACHABLE, the smallest total in `detail.nearest`, where even quality 0 is too large.
 */
export async function searchTotal(
  measure: MeasureTotals,
  { last, target }: TotalGoal,
): Promise<{ quality: number; bytes: number }> {
  const known = new Map<number, number>();
  const learn = async (qualities: number[]) => {
    const totals = await measure(qualities);
    qualities.forEach((quality, i) => known.set(quality, totals[i]!));
  };
  await learn(Array.from({ length: FIRST }, (_, i) => Math.round((i * last) / (FIRST - 1))));
  const smallest = known.get(0)!;
  if (smallest > target) {
    throw new LaviError(
      'TARGET_UNREACHABLE',
      `Expected ${target} bytes for all files; at the lowest quality they take ${smallest} bytes.`,
      { nearest: smallest, unit: 'bytes' },
    );
  }
  for (;;) {
    const sorted = [...known].sort(([a], [b]) => a - b);
    const above = sorted.findIndex(([, bytes]) => bytes > target);
    const low = sorted.at(above < 0 ? -1 : above - 1)!;
    const high = above < 0 ? undefined : sorted[above]!;
    const met = low[1] >= target * (1 - UNUSED);
    if (!high || met || high[0] - low[0] === 1) return { quality: low[0], bytes: low[1] };
    await learn(between(low, high, target));
  }
}

/** Qualities inside a bracket where the target is to be expected, totals taken to grow evenly in log. */
function between(low: [number, number], high: [number, number], target: number): number[] {
  const width = high[0] - low[0];
  const span = Math.log(high[1] / low[1]);
  const share = span > 0 ? Math.log(target / low[1]) / span : 0.5;
  const guess = Math.round(low[0] + share * width);
  const reach = Math.max(1, Math.round(width / 16));
  const inside = (quality: number) => Math.min(high[0] - 1, Math.max(low[0] + 1, quality));
  return [...new Set([guess - reach, guess, guess + reach].map(inside))];
}
