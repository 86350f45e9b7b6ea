import type { mixturePictures, projections } from '../../api/calls/contract';
import { fromOklab } from '../../image/oklab';
import type { Samples } from '../../image/tile';
import type { Colours } from '../../latents/colours';
import { coloursOf } from '../../latents/palette';
import type { Points } from '../../latents/points';
import { Posterior } from '../../latents/posterior';
import type { Moment } from './fits';

type Size = { width: number; height: number };

/** Calls `each` with every pixel's q. */
function forEachPixel(
  points: Points,
  { inference }: Moment,
  each: (pixel: number, q: Posterior) => void,
): void {
  const q = new Posterior(inference.mixture, points.size, inference.hard);
  for (let i = 0; i * points.size < points.values.length; i++) {
    q.at(points.values, i * points.size);
    each(i, q);
  }
}

/** q over a picture's pixels: as the mean of the components' colours, or as the likeliest one's. */
export function pictureOf(
  what: (typeof mixturePictures)[number],
  size: Size,
  points: Points,
  moment: Moment,
): Samples {
  const colours = coloursOf(moment.mixture);
  const data = new Uint8Array(3 * size.width * size.height);
  forEachPixel(points, moment, (pixel, q) => {
    let best = q.active[0]!;
    const lab = [0, 0, 0];
    for (let a = 0; a < q.activeCount; a++) {
      const k = q.active[a]!;
      const share = q.shares[k]!;
      if (share > q.shares[best]!) best = k;
      for (let d = 0; d < 3; d++) lab[d]! += share * colours[k]!.lab[d]!;
    }
    const rgb = what === 'hard' ? colours[best]!.rgb : fromOklab(lab[0]!, lab[1]!, lab[2]!);
    data.set(rgb, 3 * pixel);
  });
  return { ...size, channels: 3, data };
}

/** The picture, darkened where a component has no part in it. */
export function shareOf(
  component: number,
  picture: Size & { rgb: Uint8Array },
  points: Points,
  moment: Moment,
): Samples {
  const data = new Uint8Array(picture.rgb.length);
  forEachPixel(points, moment, (pixel, q) => {
    let share = 0;
    for (let a = 0; a < q.activeCount; a++) {
      if (q.active[a] === component) share = q.shares[component]!;
    }
    const light = 0.12 + 0.88 * share;
    for (let c = 0; c < 3; c++)
      data[3 * pixel + c] = Math.round(light * picture.rgb[3 * pixel + c]!);
  });
  return { width: picture.width, height: picture.height, channels: 3, data };
}

/** Cells a side of a scatter. */
const CELLS = 320;
const planes = { ab: [1, 2], aL: [1, 0] } as const;

/**
 * All colours of a photo, seen along one axis of OKLab: each cell has the mean colour of its pixels, and
 * is the more opaque the more of them there are.
 */
export function scatterOf(colours: Colours, projection: (typeof projections)[number]) {
  const { values, counts, codes } = colours;
  const [across, up] = planes[projection];
  const x = rangeOf(values, across);
  const y = rangeOf(values, up);
  const sums = new Float64Array(4 * CELLS * CELLS);
  codes.forEach((code, i) => {
    const column = cellOf(values[3 * i + across]!, x);
    const row = CELLS - 1 - cellOf(values[3 * i + up]!, y);
    const at = 4 * (row * CELLS + column);
    const count = counts[i]!;
    sums[at]! += count * (code >> 16);
    sums[at + 1]! += count * ((code >> 8) & 255);
    sums[at + 2]! += count * (code & 255);
    sums[at + 3]! += count;
  });
  let most = 0;
  for (let at = 3; at < sums.length; at += 4) most = Math.max(most, sums[at]!);
  const data = new Uint8Array(sums.length);
  for (let at = 0; at < sums.length; at += 4) {
    const count = sums[at + 3]!;
    if (count === 0) continue;
    for (let c = 0; c < 3; c++) data[at + c] = Math.round(sums[at + c]! / count);
    data[at + 3] = Math.round(90 + (165 * Math.log1p(count)) / Math.log1p(most));
  }
  return { projection, x, y, samples: { width: CELLS, height: CELLS, channels: 4 as const, data } };
}

/** From the least to the greatest value, with some room. */
function rangeOf(values: Float64Array, from: number): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (let i = from; i < values.length; i += 3) {
    low = Math.min(low, values[i]!);
    high = Math.max(high, values[i]!);
  }
  const room = Math.max(0.02, 0.08 * (high - low));
  return [low - room, high + room];
}

const cellOf = (value: number, [low, high]: [number, number]): number =>
  Math.min(CELLS - 1, Math.floor(((value - low) / (high - low)) * CELLS));
