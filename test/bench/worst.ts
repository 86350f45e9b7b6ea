import { bdRate } from './bd-rate';
import type { Curve } from './bd-rate';
import type { Point } from './points';

/** How one photo's curve compares with another codec's on it. */
export interface PhotoBd {
  file: string;
  /** BD-rate, percent. */
  percent: number;
  /** dB that both curves cover on this photo, within the span asked for. */
  span: [number, number];
}

/** Less in common than this many dB says nothing about a photo. */
const LEAST_SPAN = 2;

const curveOf = (points: Point[]): Curve => ({
  bpp: points.map(({ bpp }) => bpp),
  psnr: points.map(({ psnr }) => psnr),
});

/**
 * BD-rates photo by photo, over what both curves cover of the span, the worst first; photos whose curves have less than 2 dB in
 * common (or fewer than four points) are left out.
 *
 * @param photos every photo's points, by curve
 * @param test the curve looked at
 * @param anchor the curve it is compared with
 * @param span dB
 */
export function byPhoto(
  photos: { file: string; points: Record<string, Point[]> }[],
  test: string,
  anchor: string,
  span: readonly [number, number],
): PhotoBd[] {
  return photos
    .flatMap(({ file, points }) => {
      const curves = [curveOf(points[anchor]!), curveOf(points[test]!)] as const;
      const low = Math.max(span[0], ...curves.map(({ psnr }) => Math.min(...psnr)));
      const high = Math.min(span[1], ...curves.map(({ psnr }) => Math.max(...psnr)));
      if (high - low < LEAST_SPAN || curves.some(({ psnr }) => psnr.length < 4)) return [];
      return [
        { file, percent: bdRate(...curves, [low, high]), span: [low, high] as [number, number] },
      ];
    })
    .sort((a, b) => b.percent - a.percent);
}
