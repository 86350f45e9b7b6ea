/** Every list of file extensions, in lower case and without the dot, and of settings of other codecs. */

import type { BaselineCodec } from './calls/compress';

/** Photos that can be opened. */
export const photoExtensions: readonly string[] = [
  'jpg',
  'jpeg',
  'jfif',
  'png',
  'webp',
  'avif',
  'tif',
  'tiff',
  'gif',
];

/** Files of Lavi's own. */
export const laviExtension = 'lavi';

/** What can be opened as a photo, by its name. */
export const openedExtensions: readonly string[] = [...photoExtensions, laviExtension];

/** What can be opened as a label map, or as the photo under one. */
export const mapExtensions: readonly string[] = openedExtensions;

/** Extension of each format that photos are written in. */
export const writtenExtensions = {
  png: 'png',
  jpeg: 'jpg',
  webp: 'webp',
  avif: 'avif',
  tiff: 'tif',
} as const;

/** The extension of a file's name; empty where it has none. */
export const extensionOf = (name: string): string =>
  /[^\\/]\.([^./\\]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';

export const isPhotoName = (name: string): boolean => photoExtensions.includes(extensionOf(name));

/** Whether a file is named as colourings are saved: `old.colour.png`, `old.colour-2.png`. */
export const isColouredName = (name: string): boolean => /\.colour(-\d+)?\.[^./\\]+$/i.test(name);

export const isLaviName = (name: string): boolean => extensionOf(name) === laviExtension;

/** With their dots, as command lines and dialogs of browsers name them. */
export const dotted = (extensions: readonly string[]): string[] =>
  extensions.map((one) => `.${one}`);

/** As a file input's `accept` takes a list. */
export const acceptOf = (extensions: readonly string[]): string => dotted(extensions).join(',');

/**
 * Qualities at which other codecs are measured on a photo, spread over 0.1 to 2 bits per pixel of a usual
 * one, rising.
 */
export const baselineLadders: Record<BaselineCodec, readonly number[]> = {
  jpeg: [10, 25, 40, 55, 70, 82, 92],
  webp: [5, 20, 40, 60, 75, 85, 93],
  avif: [15, 28, 40, 50, 60, 72, 82],
};

/** The order in which a ladder's seven steps are measured: the middle and the ends first, then halves. */
export const measuringOrder = [3, 0, 6, 1, 5, 2, 4] as const;
