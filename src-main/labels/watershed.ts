/**
 * The human reading of a sparse labelling: a few labels placed by hand on a photo, which spread until
 * they meet, slowly across edges of the photo (Meyer's flooding, with one queue a grey level).
 */

export interface Seed {
  /** y · width + x. */
  index: number;
  label: number;
}

/** A photo's luma, one byte a pixel: BT.601 weights in 1/65,536. `rgb` is interleaved. */
export function lumaOf(rgb: Uint8Array): Uint8Array {
  const luma = new Uint8Array(rgb.length / 3);
  for (let i = 0, k = 0; i < luma.length; i++, k += 3) {
    luma[i] = (19_595 * rgb[k]! + 38_470 * rgb[k + 1]! + 7_471 * rgb[k + 2]! + 32_768) >> 16;
  }
  return luma;
}

/** What it costs to enter each pixel, 0…255: the largest luma step to its four neighbours. */
export function costsOf(luma: Uint8Array, width: number): Uint8Array {
  const costs = new Uint8Array(luma.length);
  const step = (i: number, j: number) => {
    const difference = Math.abs(luma[i]! - luma[j]!);
    if (difference > costs[i]!) costs[i] = difference;
    if (difference > costs[j]!) costs[j] = difference;
  };
  for (let i = 0; i < luma.length; i++) {
    if (i % width > 0) step(i, i - 1);
    if (i >= width) step(i, i - width);
  }
  return costs;
}

/**
 * Completes seeds to a map. Each pixel gets the label of whoever reaches it first, at the lowest
 * cost on the way; equal costs first come, first served, so the result depends on nothing else.
 *
 * @param costs by pixel, from `costsOf`; width · height of them
 * @param seeds ascending by index, each within the map; without any all labels are 0
 */
export function watershed(costs: Uint8Array, width: number, seeds: readonly Seed[]): Uint16Array {
  const labels = new Uint16Array(costs.length);
  const entered = new Uint8Array(costs.length);
  const following = new Int32Array(costs.length);
  const first = new Int32Array(256).fill(-1);
  const last = new Int32Array(256).fill(-1);
  let level = 0;
  const enter = (pixel: number, label: number) => {
    if (entered[pixel] === 1) return;
    entered[pixel] = 1;
    labels[pixel] = label;
    const queue = Math.max(costs[pixel]!, level);
    following[pixel] = -1;
    if (first[queue] === -1) first[queue] = pixel;
    else following[last[queue]!] = pixel;
    last[queue] = pixel;
  };
  const spread = (pixel: number) => {
    const label = labels[pixel]!;
    const x = pixel % width;
    if (x > 0) enter(pixel - 1, label);
    if (x + 1 < width) enter(pixel + 1, label);
    if (pixel >= width) enter(pixel - width, label);
    if (pixel + width < costs.length) enter(pixel + width, label);
  };
  for (const { index, label } of seeds) {
    entered[index] = 1;
    labels[index] = label;
  }
  for (const { index } of seeds) spread(index);
  for (; level < 256; level++) {
    for (let pixel = first[level]!; pixel !== -1; pixel = first[level]!) {
      first[level] = following[pixel]!;
      spread(pixel);
    }
  }
  return labels;
}
