import { LaviError } from '../api/errors';
import { toOklab } from '../image/oklab';
import { fitMixture, likeliest, type MixtureMethod } from './mixture';

/** Points that a mixture of colours is fitted to; a photo has enough of them on a grid. */
const fittedPoints = 40_000;

export const maxColorCount = 256;

export interface ColorSegmentation {
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
 * @param photo `rgb` interleaved, width · height · 3
 * @throws LaviError BAD_REQUEST unless `count` is 1…256
 */
export function segmentByColour(
  photo: { width: number; height: number; rgb: Uint8Array },
  count: number,
  options: { method?: MixtureMethod; seed?: number } = {},
): ColorSegmentation {
  if (!Number.isInteger(count) || count < 1 || count > maxColorCount) {
    throw new LaviError(
      'BAD_REQUEST',
      `The number of colours is 1…${maxColorCount}; found ${count}.`,
    );
  }
  const { width, height, rgb } = photo;
  const { method = 'hard-em', seed = 1 } = options;
  const mixture = fitMixture(samplePoints(photo), 3, count, {
    method,
    seed,
    tolerance: 1e-6,
  });
  const labels = new Uint16Array(width * height);
  const point = new Float64Array(3);
  // Photos repeat colours; the likeliest component of one is looked up once.
  const known = new Map<number, number>();
  for (let i = 0; i < labels.length; i++) {
    const [r, g, b] = [rgb[3 * i]!, rgb[3 * i + 1]!, rgb[3 * i + 2]!];
    const color = (r << 16) | (g << 8) | b;
    let label = known.get(color);
    if (label === undefined) {
      toOklab(r, g, b, point, 0);
      label = likeliest(mixture, point, 0);
      known.set(color, label);
    }
    labels[i] = label;
  }
  return { width, height, ...byPopulation(labels, rgb, mixture.components.length) };
}

function samplePoints({ width, height, rgb }: { width: number; height: number; rgb: Uint8Array }) {
  const step = Math.max(1, Math.floor(Math.sqrt((width * height) / fittedPoints)));
  const columns = Math.ceil(width / step);
  const points = new Float64Array(3 * columns * Math.ceil(height / step));
  for (let y = 0, at = 0; y < height; y += step) {
    for (let x = 0; x < width; x += step, at += 3) {
      const i = 3 * (y * width + x);
      toOklab(rgb[i]!, rgb[i + 1]!, rgb[i + 2]!, points, at);
    }
  }
  return points;
}

/** Renumbers labels by falling pixel count, without empty ones, and takes their mean colours. */
function byPopulation(labels: Uint16Array, rgb: Uint8Array, count: number) {
  const sums = Array.from({ length: count }, (_, label) => ({ label, pixels: 0, rgb: [0, 0, 0] }));
  for (let i = 0; i < labels.length; i++) {
    const sum = sums[labels[i]!]!;
    sum.pixels++;
    for (let c = 0; c < 3; c++) sum.rgb[c]! += rgb[3 * i + c]!;
  }
  const kept = sums.filter(({ pixels }) => pixels > 0);
  kept.sort((a, b) => b.pixels - a.pixels || a.label - b.label);
  const renumbered = new Uint16Array(count);
  const palette = new Uint8Array(4 * kept.length);
  kept.forEach(({ label, pixels, rgb: sum }, i) => {
    renumbered[label] = i;
    palette.set([...sum.map((value) => Math.round(value / pixels)), 255], 4 * i);
  });
  return { labels: labels.map((label) => renumbered[label]!), palette };
}
