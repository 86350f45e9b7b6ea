import type { BaselineCodec, BaselinePoint } from '../../src-main/api/calls/contract';
import type { Curve, CurvePoint } from '../library/curve';

export type Distortion = 'psnr' | 'msssim';

export interface Series {
  name: string;
  key: 'lavi' | BaselineCodec;
  points: { bpp: number; value: number }[];
}

export interface Scale {
  low: number;
  high: number;
  ticks: number[];
  digits: number;
}

/** AVIF is tuned for what our own default is. */
const names: Record<BaselineCodec, string> = {
  jpeg: 'JPEG',
  webp: 'WebP',
  avif: 'AVIF (tune psnr)',
};

type Measured = { bpp: number; psnr: number | null; msssim?: number | undefined };
const valueOf = (point: Measured, axis: Distortion) =>
  (axis === 'psnr' ? point.psnr : point.msssim) ?? null;

function pointsOf(points: readonly Measured[], axis: Distortion) {
  return points
    .flatMap((point) => {
      const value = valueOf(point, axis);
      return value === null ? [] : [{ bpp: point.bpp, value }];
    })
    .sort((a, b) => a.bpp - b.bpp);
}

/** Ours first, then the others that have a measured point. */
export function seriesOf(
  curve: readonly CurvePoint[],
  baselines: readonly BaselinePoint[],
  axis: Distortion,
): Series[] {
  const ours: Series = { name: 'Lavi', key: 'lavi', points: pointsOf(curve, axis) };
  const others = (Object.keys(names) as BaselineCodec[]).map((codec): Series => {
    const own = baselines.filter((point) => point.codec === codec);
    return { name: names[codec], key: codec, points: pointsOf(own, axis) };
  });
  return [ours, ...others].filter(({ points }) => points.length > 0);
}

/** About four ticks on round numbers between the bounds. */
export function scaleFor(low: number, high: number): Scale {
  const top = Math.max(high, low + Math.abs(low) / 1000 + 1e-4);
  const rough = (top - low) / 3.5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough)!;
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(top / step + 1e-9);
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
  return { low, high: top, ticks, digits };
}

/**
 * Axes that show our whole curve and what of the others falls beside it: another codec's file of ten
 * times the bytes would press everything of interest into a corner.
 */
export function axesFor(series: Series[]): { x: Scale; y: Scale } | null {
  const ours = series.find(({ key }) => key === 'lavi')?.points ?? [];
  const all = ours.length > 1 ? ours : series.flatMap(({ points }) => points);
  if (all.length === 0) return null;
  const right = 1.08 * Math.max(...all.map(({ bpp }) => bpp));
  const inside = series.flatMap(({ points }) => points.filter(({ bpp }) => bpp <= right));
  const values = [...ours, ...inside].map(({ value }) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return {
    x: scaleFor(0, right),
    y: scaleFor(low - 0.05 * (high - low), high + 0.05 * (high - low)),
  };
}

/** A line's part left of `right`, its last piece cut there. */
export function cutAt(points: Series['points'], right: number): Series['points'] {
  const kept: Series['points'] = [];
  for (const point of points) {
    if (point.bpp <= right) {
      kept.push(point);
      continue;
    }
    const before = kept.at(-1);
    if (before) {
      const share = (right - before.bpp) / (point.bpp - before.bpp);
      kept.push({ bpp: right, value: before.value + share * (point.value - before.value) });
    }
    break;
  }
  return kept;
}

/** A line's value at a rate; null beside its ends. */
export function valueAt(points: Series['points'], bpp: number): number | null {
  const next = points.findIndex((point) => point.bpp >= bpp);
  if (next < 0 || (next === 0 && points[0]!.bpp > bpp)) return null;
  return cutAt(points.slice(Math.max(0, next - 1)), bpp).at(-1)!.value;
}

/** Pushes labels apart until each has `gap` of its own, keeping their order; all stay within bounds. */
export function spread(wanted: number[], gap: number, low: number, high: number): number[] {
  const order = wanted.map((_, index) => index).sort((a, b) => wanted[a]! - wanted[b]!);
  const placed = [...wanted];
  let floor = low;
  for (const index of order) {
    placed[index] = Math.max(placed[index]!, floor);
    floor = placed[index]! + gap;
  }
  let ceiling = high;
  for (const index of order.reverse()) {
    placed[index] = Math.min(placed[index]!, ceiling);
    ceiling = placed[index]! - gap;
  }
  return placed;
}

/** The line through our curve, read off finely; the others are joined by straight lines. */
export function lineOf(series: Series, curve: Curve | null, axis: Distortion): Series['points'] {
  if (series.key !== 'lavi' || axis !== 'psnr' || !curve) return series.points;
  const first = curve.points[0]!.quality;
  const last = curve.points.at(-1)!.quality;
  return Array.from({ length: 65 }, (_, i) => {
    const point = curve.at(first + ((last - first) * i) / 64);
    return { bpp: point.bpp, value: point.psnr! };
  });
}

/** Every measured point as comma-separated values. */
export function csvOf(curve: readonly CurvePoint[], baselines: readonly BaselinePoint[]): string {
  const rows = [
    ...curve.map((point) => ['lavi', point.quality, point]),
    ...baselines.map((point) => [point.codec, point.setting, point]),
  ] as [string, number, CurvePoint | BaselinePoint][];
  const lines = rows.map(([codec, setting, { bytes, bpp, psnr, msssim }]) =>
    [
      codec,
      setting,
      bytes,
      bpp.toFixed(6),
      psnr?.toFixed(4) ?? '',
      msssim?.toFixed(6) ?? '',
    ].join(),
  );
  return ['codec,setting,bytes,bpp,psnr_db,ms_ssim', ...lines, ''].join('\n');
}
