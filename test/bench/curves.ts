import { bdRate, UncoveredSpan } from './bd-rate';
import type { Curve } from './bd-rate';
import type { Point } from './points';

/** A curve over a set of photos: every value the mean over photos at one setting. */
export interface MeasuredCurve extends Curve {
  quality: number[];
  msssim: number[];
  ssimulacra2: number[];
  encMs: number[];
  decMs: number[];
  /** Some times come from an earlier run's cache. */
  cached: boolean;
}

const mean = (values: number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;

/** @param photos one list of points a photo, in the ladder's order */
export function meanCurve(quality: number[], photos: Point[][]): MeasuredCurve {
  const over = (key: 'bpp' | 'psnr' | 'msssim' | 'ssimulacra2' | 'encMs' | 'decMs'): number[] =>
    quality.map((_, i) => mean(photos.map((points) => points[i]![key])));
  return {
    quality,
    bpp: over('bpp'),
    psnr: over('psnr'),
    msssim: over('msssim'),
    ssimulacra2: over('ssimulacra2'),
    encMs: over('encMs'),
    decMs: over('decMs'),
    cached: photos.some((points) => points.some((point) => point.cached)),
  };
}

/** The same curve with MS-SSIM's decibels, −10 log₁₀(1 − MS-SSIM), in PSNR's place: BD-rates compare either. */
export const inMsSsim = (curve: MeasuredCurve): Curve => ({
  bpp: curve.bpp,
  psnr: curve.msssim.map((value) => -10 * Math.log10(1 - value)),
});

/** The same curve with SSIMULACRA2 in PSNR's place. */
export const inSsimulacra2 = (curve: MeasuredCurve): Curve => ({
  bpp: curve.bpp,
  psnr: curve.ssimulacra2,
});

/** The part of a span that every curve reaches, by whole tenths; null where less than a quarter of it is left. */
export function sharedSpan(
  curves: readonly Curve[],
  [low, high]: readonly [number, number],
): [number, number] | null {
  const from = Math.max(low, ...curves.map(({ psnr }) => Math.ceil(10 * Math.min(...psnr)) / 10));
  const to = Math.min(high, ...curves.map(({ psnr }) => Math.floor(10 * Math.max(...psnr)) / 10));
  return to - from >= (high - low) / 4 ? [from, to] : null;
}

/** BD-rates in percent, `bd[curve][anchor]`; null where an outside curve does not cover the span. */
export type BdTable = Record<string, Record<string, number | null>>;

/**
 * Compares every measured curve with every other and with outside anchors.
 * @throws UncoveredSpan if a measured curve does not cover the span
 */
export function bdTable(
  measured: Record<string, Curve>,
  anchors: Record<string, Curve>,
  span: readonly [number, number],
): BdTable {
  const table: BdTable = {};
  for (const [test, curve] of Object.entries(measured)) {
    const row: Record<string, number | null> = (table[test] = {});
    // Against itself: a curve that misses the span is an error even where nothing is beside it.
    bdRate(curve, curve, span, { anchor: test, test });
    for (const [anchor, other] of Object.entries(measured)) {
      if (anchor !== test) row[anchor] = bdRate(other, curve, span, { anchor, test });
    }
    for (const [anchor, other] of Object.entries(anchors)) {
      const label = anchor in measured ? `${anchor} (given)` : anchor;
      try {
        row[label] = bdRate(other, curve, span, { anchor, test });
      } catch (cause) {
        // Published curves often end early: that is theirs to report, not an error of this run.
        if (!(cause instanceof UncoveredSpan) || cause.curve !== anchor) throw cause;
        row[label] = null;
      }
    }
  }
  return table;
}
