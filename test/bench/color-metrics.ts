import type { Placement } from '../../src-main/colorize/frame';
import { cellCount, SAMPLES } from '../../src-main/colorize/frame';
import { samplesOf } from '../../src-main/colorize/frame';
import type { Labels } from '../../src-main/colorize/model';

/** Mean squared difference. */
export function squaredError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return sum / a.length;
}

/** Mean a and b of each cell, interleaved. */
export function cellMeans(chroma: Float32Array, place: Placement): Float64Array {
  const out = new Float64Array(2 * cellCount(place));
  const y = new Float32Array(2 * SAMPLES);
  for (let cell = 0; cell < cellCount(place); cell++) {
    samplesOf(chroma, place, cell, y);
    y.forEach((value, i) => (out[2 * cell + (i % 2)]! += value / SAMPLES));
  }
  return out;
}

/** Mean over cells of the distance between all pairs of two sets of colourings, none with itself. */
export function meanDistance(ones: Float64Array[], others: Float64Array[]): number {
  let sum = 0;
  let count = 0;
  for (const one of ones) {
    for (const other of others) {
      if (one === other) continue;
      for (let i = 0; i < one.length; i += 2) {
        sum += Math.hypot(one[i]! - other[i]!, one[i + 1]! - other[i + 1]!);
      }
      count += one.length / 2;
    }
  }
  return sum / count;
}

/** Colourfulness of D. Hasler and S. Süsstrunk (2003) of interleaved 8-bit RGB. */
export function colourfulness(rgb: Uint8Array): number {
  const count = rgb.length / 3;
  const sums = [0, 0, 0, 0] as [number, number, number, number];
  for (let i = 0; i < rgb.length; i += 3) {
    const redGreen = rgb[i]! - rgb[i + 1]!;
    const yellowBlue = (rgb[i]! + rgb[i + 1]!) / 2 - rgb[i + 2]!;
    sums[0] += redGreen;
    sums[1] += redGreen ** 2;
    sums[2] += yellowBlue;
    sums[3] += yellowBlue ** 2;
  }
  const [m1, s1, m2, s2] = sums.map((sum) => sum / count) as typeof sums;
  const spread = Math.sqrt(Math.max(0, s1 - m1 ** 2 + s2 - m2 ** 2));
  return spread + 0.3 * Math.hypot(m1, m2);
}

/** Share of cells that share their label with none of the four cells beside them. */
export function isolatedShare(labels: Labels, { columns, rows }: Placement): number {
  let isolated = 0;
  labels.forEach((label, i) => {
    const x = i % columns;
    const y = Math.floor(i / columns);
    const beside = [
      x > 0 && labels[i - 1],
      x < columns - 1 && labels[i + 1],
      y > 0 && labels[i - columns],
      y < rows - 1 && labels[i + columns],
    ];
    if (!beside.includes(label)) isolated++;
  });
  return isolated / labels.length;
}
