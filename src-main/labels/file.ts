import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { LaviError } from '../api/errors';
import { ByteReader, ByteWriter } from '../entropy/bytes';
import { type Chunk, contentType, readContainer, writeContainer } from '../entropy/container';
import {
  decodeMap,
  type DecodeListener,
  type Effort,
  encodeMap,
  type MapCoding,
  mapChunks,
  type Progress,
} from './codec';
import type { LabelMap } from './map';
import { isNames } from './png-map';
import { decodeSeeded, encodeSeeded, seededChunk } from './seeded';
import type { Seed } from './watershed';

/** Ancillary chunks: what a reader may leave out without losing a label. */
export const extraChunks = { palette: 0x81, names: 0x82, voidLabel: 0x83 } as const;

/** Bytes that the names of all classes may take. */
const maxNameBytes = 1 << 22;

export interface LabelFileOptions {
  effort?: Effort;
  /** Leave out palette, names and void label. */
  bare?: boolean;
  onProgress?: Progress;
}

export interface LabelFile extends MapCoding {
  file: Uint8Array;
  /** Bytes of palette, names and void label, frames included. */
  extraBytes: number;
}

/**
 * Codes a label map as a whole file.
 *
 * @throws LaviError IMAGE_TOO_LARGE
 */
export function encodeLabels(map: LabelMap, options: LabelFileOptions = {}): LabelFile {
  const { type, payload, ...coding } = encodeMap(map, options);
  const chunks = [{ type, data: payload }];
  const bareSize = writeContainer(contentType.labels, chunks).length;
  if (!options.bare) chunks.push(...extrasOf(map));
  const file = writeContainer(contentType.labels, chunks);
  return { file, extraBytes: file.length - bareSize, ...coding };
}

/**
 * Decodes a label file.
 *
 * @throws LaviError NOT_LAVI, WRONG_CONTENT, UNSUPPORTED_VERSION, TRUNCATED, CORRUPT, IMAGE_TOO_LARGE
 */
export function decodeLabels(
  file: Uint8Array,
  options: { pixelLimit?: number; listener?: DecodeListener; onProgress?: Progress } = {},
): MapCoding & { map: LabelMap } {
  const { sparse, raw } = mapChunks;
  const { chunks } = readContainer(file, {
    content: contentType.labels,
    known: [sparse, raw, seededChunk, ...Object.values(extraChunks)],
  });
  const maps = chunks.filter(({ type }) => type === sparse || type === raw);
  if (chunks.some(({ type }) => type === seededChunk)) {
    throw new LaviError(
      'BAD_REQUEST',
      'The label map is stored as seeds on a photo, and that photo is needed to decode it.',
    );
  }
  if (maps.length !== 1) {
    throw new LaviError('CORRUPT', `One label map was expected in the file; found ${maps.length}.`);
  }
  const { map, ...coding } = decodeMap(maps[0]!.type, maps[0]!.data, options);
  return { map: { ...map, ...readExtras(chunks) }, ...coding };
}

/** Whether a label file holds seeds on a photo. @throws LaviError as `decodeLabels` */
export function isSeeded(file: Uint8Array): boolean {
  const { chunks } = readContainer(file, { content: contentType.labels });
  return chunks.some(({ type }) => type === seededChunk);
}

/**
 * Codes a label map as seeds on a photo, exactly: see `encodeSeeded`. Extras are kept as in other files.
 *
 * @throws LaviError BAD_REQUEST
 */
export function encodeSeededLabels(
  map: LabelMap,
  luma: Uint8Array,
  seeds: readonly Seed[],
  { bare = false }: { bare?: boolean } = {},
): Uint8Array {
  const chunks: Chunk[] = [{ type: seededChunk, data: encodeSeeded(map, luma, seeds) }];
  if (!bare) chunks.push(...extrasOf(map));
  return writeContainer(contentType.labels, chunks);
}

/**
 * Decodes a file of `encodeSeededLabels` on the luma of its photo.
 *
 * @throws LaviError as `decodeLabels`, and WRONG_CONTENT for another photo or another kind of map
 */
export function decodeSeededLabels(
  file: Uint8Array,
  luma: Uint8Array,
  pixelLimit?: number,
): { map: LabelMap; seeds: Seed[]; corrections: number } {
  const { chunks } = readContainer(file, { content: contentType.labels });
  const seeded = chunks.find(({ type }) => type === seededChunk);
  if (!seeded) {
    throw new LaviError('WRONG_CONTENT', 'The file holds a label map without seeds on a photo.');
  }
  const decoded = decodeSeeded(seeded.data, luma, pixelLimit);
  return { ...decoded, map: { ...decoded.map, ...readExtras(chunks) } };
}

function extrasOf({ palette, names, voidLabel }: LabelMap): Chunk[] {
  const chunks: Chunk[] = [];
  if (palette) chunks.push({ type: extraChunks.palette, data: packPalette(palette) });
  if (names && Object.keys(names).length > 0) {
    const text = Buffer.from(JSON.stringify(names));
    const data = new ByteWriter().varint(text.length).bytes(deflateRawSync(text)).finish();
    chunks.push({ type: extraChunks.names, data });
  }
  if (voidLabel !== undefined) {
    chunks.push({
      type: extraChunks.voidLabel,
      data: new ByteWriter().varint(voidLabel).finish(),
    });
  }
  return chunks;
}

/** Number of entries · channels (3, or 4 if some entry is not opaque) · deflated entries. */
function packPalette(palette: Uint8Array): Uint8Array {
  const entries = palette.length / 4;
  const channels = palette.some((value, i) => i % 4 === 3 && value < 255) ? 4 : 3;
  const colors = palette.filter((_, i) => i % 4 < channels);
  const packed = deflateRawSync(colors, { level: 9 });
  return new ByteWriter().varint(entries).byte(channels).bytes(packed).finish();
}

function unpackPalette(data: Uint8Array): Uint8Array {
  const input = new ByteReader(data, 'the palette');
  const entries = input.varint();
  const channels = input.byte();
  if (entries > 65_536 || channels < 3 || channels > 4) {
    throw new LaviError('CORRUPT', `A palette of ${entries} × ${channels} values cannot exist.`);
  }
  const colors = inflateExactly(input.bytes(input.left), entries * channels, 'palette');
  const palette = new Uint8Array(4 * entries).fill(255);
  for (let i = 0; i < entries; i++) {
    palette.set(colors.subarray(i * channels, (i + 1) * channels), 4 * i);
  }
  return palette;
}

function readExtras(chunks: Chunk[]): Partial<LabelMap> {
  const extras: Partial<LabelMap> = {};
  for (const { type, data } of chunks) {
    if (type === extraChunks.palette) extras.palette = unpackPalette(data);
    if (type === extraChunks.names) extras.names = unpackNames(data);
    if (type === extraChunks.voidLabel) {
      const voidLabel = new ByteReader(data, 'the void label').varint();
      if (voidLabel > 65_535) throw new LaviError('CORRUPT', `There is no label ${voidLabel}.`);
      extras.voidLabel = voidLabel;
    }
  }
  return extras;
}

function unpackNames(data: Uint8Array): Record<number, string> {
  const input = new ByteReader(data, 'the class names');
  const length = input.varint();
  if (length > maxNameBytes) {
    throw new LaviError('CORRUPT', `Class names of ${length} bytes are over ${maxNameBytes}.`);
  }
  const text = Buffer.from(inflateExactly(input.bytes(input.left), length, 'class names'));
  let names: unknown;
  try {
    names = JSON.parse(text.toString());
  } catch (cause) {
    throw new LaviError('CORRUPT', 'The class names are not valid JSON.', undefined, { cause });
  }
  if (!isNames(names)) throw new LaviError('CORRUPT', 'The class names are not names by label.');
  return names;
}

function inflateExactly(data: Uint8Array, length: number, what: string): Uint8Array {
  let out: Uint8Array;
  try {
    out = inflateRawSync(data, { maxOutputLength: length + 1 });
  } catch (cause) {
    throw new LaviError('CORRUPT', `The ${what} cannot be inflated.`, undefined, { cause });
  }
  if (out.length !== length) {
    throw new LaviError('CORRUPT', `The ${what} inflate to ${out.length}, not ${length} bytes.`);
  }
  return out;
}
