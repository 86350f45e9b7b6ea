import { encodeLosslessWebp } from '../image/lossless';
import { presentLabels, toRanks, type LabelMap } from './map';
import { writeLabelPng } from './png-write';

/** Sizes of the same labels in other formats, in bytes: no colours of their own, no names. */
export interface OtherSizes {
  /** At the smallest depth that holds the labels, zlib level 9, palette cut to the labels present. */
  png: number;
  /** Undefined where WebP cannot hold the map. */
  webp: number | undefined;
}

/**
 * Measures what PNG and lossless WebP need. Labels are renumbered 0…L − 1 first, which helps both:
 * palettes get as short and depths as small as they can be.
 */
export async function otherSizes(map: LabelMap): Promise<OtherSizes> {
  const { width, height } = map;
  const ranks = toRanks(map.labels, presentLabels(map.labels));
  const png = writeLabelPng({ width, height, labels: ranks }, { level: 9, bare: true }).length;
  const rgb = new Uint8Array(3 * ranks.length);
  for (let i = 0; i < ranks.length; i++) {
    const rank = ranks[i]!;
    rgb[3 * i] = rank >> 8;
    rgb[3 * i + 1] = rank;
  }
  const webp = await encodeLosslessWebp({ width, height, rgb });
  return { png, webp: webp?.length };
}
