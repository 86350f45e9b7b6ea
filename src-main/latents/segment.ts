import { LaviError } from '../api/errors';
import { type Colours, distinctColours } from './colours';
import type { MixtureMethod } from './em';
import type { Mixture } from './mixture';
import { quickFit } from './photo-mixture';
import { placedPixels } from './pixels';
import { Posterior } from './posterior';

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
  const { mixture } = quickFit(colours, count, { method, seed }).run();
  return segmentationOf(
    photo,
    colourLabels(photo.rgb, colours, mixture),
    mixture.components.length,
  );
}

/** @throws LaviError BAD_REQUEST unless `count` is 1…256 */
export function checkCount(count: number): void {
  if (Number.isInteger(count) && count >= 1 && count <= maxColourCount) return;
  throw new LaviError(
    'BAD_REQUEST',
    `The number of colours is 1…${maxColourCount}; found ${count}.`,
  );
}

/** The likeliest component of every pixel, by its colour alone: each colour is looked up once. */
export function colourLabels(rgb: Uint8Array, colours: Colours, mixture: Mixture): Uint16Array {
  const labelOf = new Uint16Array(2 ** 24);
  const posterior = new Posterior(mixture, 3, true);
  colours.codes.forEach((code, i) => {
    posterior.at(colours.values, 3 * i);
    labelOf[code] = posterior.active[0]!;
  });
  const labels = new Uint16Array(rgb.length / 3);
  for (let i = 0, at = 0; i < labels.length; i++, at += 3) {
    labels[i] = labelOf[(rgb[at]! << 16) | (rgb[at + 1]! << 8) | rgb[at + 2]!]!;
  }
  return labels;
}

/** The likeliest component of every pixel, by its colour and place (see placedPixels). */
export function placedLabels(picture: Rgb, place: number, mixture: Mixture): Uint16Array {
  const { width, height, rgb } = picture;
  const labels = new Uint16Array(width * height);
  const posterior = new Posterior(mixture, 5, true);
  // A row at a time: all points of a large photo would take gigabytes.
  for (let y = 0; y < height; y++) {
    const row = rgb.subarray(3 * y * width, 3 * (y + 1) * width);
    const { values } = placedPixels({ width, height: 1, rgb: row }, place, { y, side: Math.max(width, height) }); // prettier-ignore
    for (let x = 0; x < width; x++) {
      posterior.at(values, 5 * x);
      labels[y * width + x] = posterior.active[0]!;
    }
  }
  return labels;
}

/** A segmentation of labels 0 … count − 1: renumbered by falling pixel count, with their mean colours. */
export function segmentationOf(
  { width, height, rgb }: Rgb,
  labels: Uint16Array,
  count: number,
): ColourSegmentation {
  return { width, height, ...byPopulation(labels, rgb, count) };
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
