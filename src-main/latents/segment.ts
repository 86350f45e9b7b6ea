import { LaviError } from '../api/errors';
import { type Colours, distinctColours } from './colours';
import type { MixtureMethod } from './em';
import { likeliest, type Mixture } from './mixture';
import { fitColours } from './photo-mixture';

export const maxColourCount = 256;

interface Rgb {
  width: number;
  height: number;
  /** Interleaved, width · height · 3. */
  rgb: Uint8Array;
}

export interface ColourSegmentation {
  width: number;
  height: number;
  /** One label a pixel, 0 … colours − 1; label 0 covers most pixels. */
  labels: Uint16Array;
  /** RGBA of each label: the mean of its pixels. */
  palette: Uint8Array;
}

/**
 * Segments a photo into `count` colours: a Gaussian mixture in OKLab, each pixel labelled by its
 * likeliest component. Fewer colours come back when the photo has fewer.
 *
 * @throws LaviError BAD_REQUEST unless `count` is 1…256
 */
export function segmentByColour(
  photo: Rgb,
  count: number,
  options: { method?: MixtureMethod; seed?: number } = {},
): ColourSegmentation {
  checkCount(count);
  const { method = 'hard-em', seed = 1 } = options;
  const colours = distinctColours(photo.rgb);
  return segmentBy(photo, colours, fitColours(colours, count, { method, seed }).mixture);
}

/** @throws LaviError BAD_REQUEST unless `count` is 1…256 */
export function checkCount(count: number): void {
  if (Number.isInteger(count) && count >= 1 && count <= maxColourCount) return;
  throw new LaviError(
    'BAD_REQUEST',
    `The number of colours is 1…${maxColourCount}; found ${count}.`,
  );
}

/** Labels every pixel of a photo by the likeliest component of a mixture of its colours. */
export function segmentBy(photo: Rgb, colours: Colours, mixture: Mixture): ColourSegmentation {
  const { width, height, rgb } = photo;
  // Photos repeat colours: each is looked up once.
  const labelOf = new Uint16Array(2 ** 24);
  colours.codes.forEach((code, i) => {
    labelOf[code] = likeliest(mixture, colours.values, 3 * i);
  });
  const labels = new Uint16Array(width * height);
  for (let i = 0, at = 0; i < labels.length; i++, at += 3) {
    labels[i] = labelOf[(rgb[at]! << 16) | (rgb[at + 1]! << 8) | rgb[at + 2]!]!;
  }
  return { width, height, ...byPopulation(labels, rgb, mixture.components.length) };
}

/** Renumbers labels by falling pixel count, without empty ones, and takes their mean colours. */
function byPopulation(labels: Uint16Array, rgb: Uint8Array, count: number) {
  const pixels = new Float64Array(count);
  const sums = new Float64Array(3 * count);
  for (let i = 0, at = 0; i < labels.length; i++, at += 3) {
    const label = labels[i]!;
    pixels[label]!++;
    for (let c = 0; c < 3; c++) sums[3 * label + c]! += rgb[at + c]!;
  }
  const kept = [...pixels.keys()].filter((label) => pixels[label]! > 0);
  kept.sort((a, b) => pixels[b]! - pixels[a]! || a - b);
  const renumbered = new Uint16Array(count);
  const palette = new Uint8Array(4 * kept.length);
  kept.forEach((label, i) => {
    renumbered[label] = i;
    for (let c = 0; c < 3; c++)
      palette[4 * i + c] = Math.round(sums[3 * label + c]! / pixels[label]!);
    palette[4 * i + 3] = 255;
  });
  return { labels: labels.map((label) => renumbered[label]!), palette };
}
