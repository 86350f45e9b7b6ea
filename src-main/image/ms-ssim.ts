/** Weights of the five scales, finest first (Wang, Simoncelli, Bovik 2003, section 3.2). */
const scaleWeights = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];
const windowSize = 11;
const sigma = 1.5;
const c1 = (0.01 * 255) ** 2;
const c2 = (0.03 * 255) ** 2;

/**
 * Multi-scale structural similarity of two RGB pictures: per channel, then averaged, as
 * pytorch-msssim computes it: 11-tap Gaussian windows (σ 1.5) where they fit wholly inside, halving
 * by 2×2 means (an odd side gets a row or column of zeros in front), data range 255, negative
 * contrast terms set to 0.
 *
 * The full five scales need sides above 160 pixels. Smaller pictures use as many scales as leave
 * 11 pixels on the shorter side, at least one, their weights scaled to the sum of the full five; a
 * side below 11 gets the widest odd window that fits. Such values compare among themselves only.
 * @param a, b width × height × 3, interleaved, 0…255
 * @returns 0…1, 1 for equal pictures
 */
export function msSsim(a: Uint8Array, b: Uint8Array, width: number, height: number): number {
  if (a.length !== 3 * width * height || b.length !== a.length || a.length === 0) {
    throw new RangeError(
      `Expected two pictures of ${width} × ${height} × 3 samples and found ${a.length}, ${b.length}.`,
    );
  }
  const scales = scaleCount(Math.min(width, height));
  const weights = scaleWeights.slice(0, scales);
  const fullSum = scaleWeights.reduce((sum, w) => sum + w, 0);
  const sum = weights.reduce((total, w) => total + w, 0);
  let total = 0;
  for (let channel = 0; channel < 3; channel++) {
    let pair: Pair = { a, b, width, height, stride: 3, offset: channel };
    let value = 1;
    for (let scale = 0; scale < scales; scale++) {
      if (scale > 0) pair = halve(pair);
      const { ssim, contrast } = similarity(pair);
      const term = scale === scales - 1 ? ssim : contrast;
      value *= Math.max(0, term) ** ((weights[scale]! * fullSum) / sum);
    }
    total += value;
  }
  return total / 3;
}

/** Scale s has sides of about side / 2^s; each needs room for a window. */
function scaleCount(side: number): number {
  let count = 1;
  while (count < scaleWeights.length && side > (windowSize - 1) * 2 ** count) count++;
  return count;
}

/** One channel of two pictures: sample (x, y) lies at offset + stride · (y · width + x). */
interface Pair {
  a: Uint8Array | Float32Array;
  b: Uint8Array | Float32Array;
  width: number;
  height: number;
  stride: number;
  offset: number;
}

function gaussian(size: number): Float64Array {
  const taps = Float64Array.from({ length: size }, (_, i) =>
    Math.exp(-((i - (size - 1) / 2) ** 2) / (2 * sigma * sigma)),
  );
  const sum = taps.reduce((total, v) => total + v, 0);
  return taps.map((v) => v / sum);
}

const fitting = (side: number): number => Math.min(windowSize, side - 1 + (side % 2));

/** Columns worked on at once: the rows of a window then stay in a core's cache. */
const blockColumns = 256;

/**
 * Mean SSIM and mean contrast-structure term over all windows. The window's sums are those of
 * s = a + b and d = a − b and their squares: four filters instead of five, since
 * 2ab = (s² − d²) / 2 and a² + b² = (s² + d²) / 2. Rows are filtered across, kept in a ring as high
 * as the window, and combined downwards, so memory is a few rows whatever the picture's size.
 */
function similarity(pair: Pair): { ssim: number; contrast: number } {
  const across = gaussian(fitting(pair.width));
  const down = gaussian(fitting(pair.height));
  const columns = pair.width - across.length + 1;
  const total = { ssim: 0, contrast: 0 };
  for (let from = 0; from < columns; from += blockColumns) {
    const count = Math.min(blockColumns, columns - from);
    addBlock(pair, from, count, across, down, total);
  }
  const windows = columns * (pair.height - down.length + 1);
  return { ssim: total.ssim / windows, contrast: total.contrast / windows };
}

/** Adds the terms of all windows whose left column is one of `columns` from `from` on. */
function addBlock(
  { a, b, width, height, stride, offset }: Pair,
  from: number,
  columns: number,
  across: Float64Array,
  down: Float64Array,
  total: { ssim: number; contrast: number },
): void {
  const rows = down.length;
  const samples = columns + across.length - 1;
  const ring = Array.from({ length: rows }, () => new Float64Array(4 * columns));
  const [s, d, ss, dd] = [0, 1, 2, 3].map(() => new Float64Array(samples)) as Four;
  const column = new Float64Array(4 * columns);
  for (let y = 0; y < height; y++) {
    for (let x = 0, at = offset + stride * (y * width + from); x < samples; x++, at += stride) {
      const sum = a[at]! + b[at]!;
      const difference = a[at]! - b[at]!;
      s[x] = sum;
      d[x] = difference;
      ss[x] = sum * sum;
      dd[x] = difference * difference;
    }
    const filtered = ring[y % rows]!;
    [s, d, ss, dd].forEach((line, map) => filterRow(line, across, filtered, map * columns));
    if (y < rows - 1) continue;
    filterColumns(ring, y + 1, down, column);
    for (let x = 0; x < columns; x++) {
      const meanS = column[x]!;
      const meanD = column[columns + x]!;
      const ms = meanS * meanS;
      const md = meanD * meanD;
      const varS = column[2 * columns + x]! - ms;
      const varD = column[3 * columns + x]! - md;
      const contrast = ((varS - varD) / 2 + c2) / ((varS + varD) / 2 + c2);
      total.contrast += contrast;
      total.ssim += contrast * (((ms - md) / 2 + c1) / ((ms + md) / 2 + c1));
    }
  }
}

type Four = [Float64Array, Float64Array, Float64Array, Float64Array];

/** out[at + x] = Σ taps[i] · row[x + i], taps symmetric and odd in number. */
function filterRow(row: Float64Array, taps: Float64Array, out: Float64Array, at: number): void {
  const last = taps.length - 1;
  const half = last / 2;
  const columns = row.length - last;
  for (let x = 0; x < columns; x++) {
    let sum = taps[half]! * row[x + half]!;
    for (let i = 0; i < half; i++) sum += taps[i]! * (row[x + i]! + row[x + last - i]!);
    out[at + x] = sum;
  }
}

/** Combines the ring's rows, the oldest of which is row `first` modulo the ring, by the taps. */
function filterColumns(
  ring: Float64Array[],
  first: number,
  taps: Float64Array,
  out: Float64Array,
): void {
  const rows = taps.length;
  const half = (rows - 1) / 2;
  const middle = ring[(first + half) % rows]!;
  for (let k = 0; k < out.length; k++) out[k] = taps[half]! * middle[k]!;
  for (let i = 0; i < half; i++) {
    const upper = ring[(first + i) % rows]!;
    const lower = ring[(first + rows - 1 - i) % rows]!;
    const w = taps[i]!;
    for (let k = 0; k < out.length; k++) out[k]! += w * (upper[k]! + lower[k]!);
  }
}

/** Means of 2×2 samples; of an odd side, the first sample is paired with a zero. */
function halve({ a, b, width, height, stride, offset }: Pair): Pair {
  const w = Math.floor((width + 1) / 2);
  const h = Math.floor((height + 1) / 2);
  const half = (from: Uint8Array | Float32Array): Float32Array => {
    const out = new Float32Array(w * h);
    for (let y = 0; y < h; y++) {
      for (let dy = 0; dy < 2; dy++) {
        const sy = 2 * y + dy - (height % 2);
        if (sy < 0) continue;
        const row = offset + stride * sy * width;
        for (let x = 0; x < w; x++) {
          const sx = 2 * x - (width % 2);
          const left = sx < 0 ? 0 : from[row + stride * sx]!;
          out[y * w + x]! += (left + from[row + stride * (sx + 1)]!) / 4;
        }
      }
    }
    return out;
  };
  return { a: half(a), b: half(b), width: w, height: h, stride: 1, offset: 0 };
}
