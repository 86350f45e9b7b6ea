import { LaviError } from '../api/errors';
import { ByteReader, ByteWriter, crc32 } from '../entropy/bytes';
import { decodeMap, encodeMap, mapChunks } from './codec';
import { type LabelMap, presentLabels } from './map';
import { costsOf, type Seed, watershed } from './watershed';

/** Chunk type of a map stored as seeds on a photo plus corrections. */
export const seededChunk = 3;

/**
 * Codes a map as seeds placed on a photo and what the watershed of them gets wrong, so that both the
 * map and the seeds come back exactly. Decoding needs the same photo.
 *
 * @param luma of the photo, one byte a pixel, as many as the map has
 * @throws LaviError BAD_REQUEST if sizes differ or the map uses all 65,536 labels
 */
export function encodeSeeded(map: LabelMap, luma: Uint8Array, seeds: readonly Seed[]): Uint8Array {
  const { width, height, labels } = map;
  if (luma.length !== labels.length) {
    throw new LaviError(
      'BAD_REQUEST',
      `Photo and label map must be of one size: ${luma.length} and ${labels.length} pixels.`,
    );
  }
  const sorted = [...seeds].sort((a, b) => a.index - b.index);
  const completed = watershed(costsOf(luma, width), width, sorted);
  const agrees = freeLabel(labels);
  const corrections = labels.map((label, i) => (completed[i] === label ? agrees : label));
  const { type, payload } = encodeMap({ width, height, labels: corrections });
  const out = new ByteWriter().u32(crc32(luma)).varint(agrees).varint(sorted.length);
  let before = -1;
  for (const { index, label } of sorted) {
    out.varint(index - before - 1).varint(label);
    before = index;
  }
  return out.byte(type).bytes(payload).finish();
}

/**
 * Undoes `encodeSeeded`.
 *
 * @throws LaviError BAD_REQUEST without a photo, WRONG_CONTENT with another one, CORRUPT, TRUNCATED,
 *   IMAGE_TOO_LARGE
 */
export function decodeSeeded(
  payload: Uint8Array,
  luma: Uint8Array | undefined,
  pixelLimit?: number,
): { map: LabelMap; seeds: Seed[]; corrections: number } {
  if (!luma) {
    throw new LaviError(
      'BAD_REQUEST',
      'The label map is stored as seeds on a photo, and that photo is needed to decode it.',
    );
  }
  const input = new ByteReader(payload, 'the seeds');
  if (input.u32() !== crc32(luma)) {
    throw new LaviError('WRONG_CONTENT', 'The photo is not the one that the seeds were placed on.');
  }
  const agrees = input.varint();
  const seeds = readSeeds(input, luma.length);
  const type = input.byte();
  if (type !== mapChunks.sparse && type !== mapChunks.raw) {
    throw new LaviError('CORRUPT', `The corrections of the seeds are of the unknown type ${type}.`);
  }
  const options = pixelLimit === undefined ? {} : { pixelLimit };
  const { map } = decodeMap(type, input.bytes(input.left), options);
  if (map.labels.length !== luma.length) {
    throw new LaviError(
      'CORRUPT',
      `The corrections have ${map.labels.length} pixels, the photo has ${luma.length}.`,
    );
  }
  const completed = watershed(costsOf(luma, map.width), map.width, seeds);
  let corrections = 0;
  const labels = map.labels.map((label, i) => {
    if (label === agrees) return completed[i]!;
    corrections++;
    return label;
  });
  return { map: { ...map, labels }, seeds, corrections };
}

function readSeeds(input: ByteReader, pixels: number): Seed[] {
  const count = input.varint();
  // Each seed takes two bytes at least, so a count beyond that is damage and nothing to allocate for.
  if (count * 2 > input.left) {
    throw new LaviError('TRUNCATED', `${count} seeds are announced in ${input.left} bytes.`);
  }
  const seeds: Seed[] = [];
  let index = -1;
  for (let i = 0; i < count; i++) {
    index += input.varint() + 1;
    const label = input.varint();
    if (index >= pixels || label > 65_535) {
      throw new LaviError('CORRUPT', `Seed ${i} has label ${label} at pixel ${index}.`);
    }
    seeds.push({ index, label });
  }
  return seeds;
}

/** A label that the map does not use stands for "the watershed is right". */
function freeLabel(labels: Uint16Array): number {
  const present = presentLabels(labels);
  let free = 0;
  while (free < present.length && present[free] === free) free++;
  if (free < 65_536) return free;
  throw new LaviError(
    'BAD_REQUEST',
    'The map uses all 65,536 labels: none is left to mark seeds by.',
  );
}
