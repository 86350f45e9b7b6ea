import { LaviError } from '../api/errors';
import type { LabelMap } from './map';
import { type PngSamples, readPng } from './png-read';

/** Keyword of the text chunk that carries class names and the void label through PNG files. */
export const namesKeyword = 'Lavi labels';

/** Distinct colours that a true-colour PNG may have to count as a label map. */
export const maxColors = 4096;

/**
 * Reads a label map from a PNG. Indexed and grey pictures: the samples are the labels, at any depth.
 * Colour pictures: each distinct colour is a label, numbered by brightness order of its RGBA value,
 * so that equal sets of colours give equal labels.
 *
 * @throws LaviError UNSUPPORTED_IMAGE (not a PNG, too many colours), IMAGE_TOO_LARGE, TRUNCATED, CORRUPT
 */
export function readLabelPng(bytes: Uint8Array, pixelLimit?: number): LabelMap {
  const png = readPng(bytes, pixelLimit);
  const { width, height } = png;
  const described = parseNames(png.texts.get(namesKeyword));
  if (png.colorType === 'grey') return { width, height, labels: png.samples, ...described };
  if (png.colorType === 'indexed') {
    return { width, height, labels: png.samples, palette: paletteOf(png), ...described };
  }
  return { width, height, ...labelsOfColors(png), ...described };
}

function paletteOf({ palette, transparency }: PngSamples): Uint8Array {
  const count = palette!.length / 3;
  const rgba = new Uint8Array(4 * count);
  for (let i = 0; i < count; i++) {
    rgba.set(palette!.subarray(3 * i, 3 * i + 3), 4 * i);
    rgba[4 * i + 3] = transparency?.[i] ?? 255;
  }
  return rgba;
}

function labelsOfColors(png: PngSamples): { labels: Uint16Array; palette: Uint8Array } {
  const { samples, channels, width, height } = png;
  const colors = new Uint32Array(width * height);
  const byte = eightBits(png);
  const grey = channels < 3;
  const hasAlpha = channels % 2 === 0;
  for (let i = 0, k = 0; i < colors.length; i++, k += channels) {
    const red = byte(samples[k]!);
    const green = grey ? red : byte(samples[k + 1]!);
    const blue = grey ? red : byte(samples[k + 2]!);
    const alpha = hasAlpha ? byte(samples[k + channels - 1]!) : 255;
    colors[i] = ((red << 24) | (green << 16) | (blue << 8) | alpha) >>> 0;
  }
  const distinct = new Set<number>();
  let last = -1;
  for (const color of colors) {
    if (color === last) continue;
    last = color;
    distinct.add(color);
    if (distinct.size > maxColors) {
      throw new LaviError(
        'UNSUPPORTED_IMAGE',
        `The picture has more than ${maxColors} colours, so it is a photo rather than a label map. ` +
          'Label maps are indexed or grey PNGs, or colour PNGs with one colour a label.',
        { limit: maxColors },
      );
    }
  }
  const sorted = Uint32Array.from(distinct).sort();
  const labelOf = new Map(Array.from(sorted, (color, label) => [color, label]));
  const labels = new Uint16Array(colors.length);
  let color = -1;
  let label = 0;
  for (let i = 0; i < labels.length; i++) {
    if (colors[i] !== color) label = labelOf.get((color = colors[i]!))!;
    labels[i] = label;
  }
  const palette = new Uint8Array(4 * sorted.length);
  const view = new DataView(palette.buffer);
  sorted.forEach((value, i) => view.setUint32(4 * i, value));
  return { labels, palette };
}

/** 16-bit colours are taken if they are 8-bit colours written twice; others would lose their labels. */
function eightBits({ depth }: PngSamples): (sample: number) => number {
  if (depth === 8) return (sample) => sample;
  return (sample) => {
    if (sample % 257 !== 0) {
      throw new LaviError(
        'UNSUPPORTED_IMAGE',
        'The PNG has colours of 16 bits a channel, which are not colours of a label map.',
      );
    }
    return sample / 257;
  };
}

function parseNames(text: string | undefined): Pick<LabelMap, 'names' | 'voidLabel'> {
  if (text === undefined) return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // A text chunk that only looks like ours says nothing about the pixels.
    return {};
  }
  if (typeof value !== 'object' || value === null) return {};
  const { names, void: voidLabel } = value as { names?: unknown; void?: unknown };
  return {
    ...(isNames(names) && Object.keys(names).length > 0 && { names }),
    ...(isLabel(voidLabel) && { voidLabel }),
  };
}

const isLabel = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) < 65_536;

/** Whether `value` maps labels, as decimal keys, to names. */
export function isNames(value: unknown): value is Record<number, string> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.entries(value).every(
      ([label, name]) => isLabel(Number(label)) && typeof name === 'string',
    )
  );
}
