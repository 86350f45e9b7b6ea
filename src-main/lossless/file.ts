import { deflateSync, inflateSync } from 'node:zlib';
import { LaviError } from '../api/errors';
import { ByteReader, ByteWriter } from '../entropy/bytes';
import type { Chunk } from '../entropy/container';
import { contentType, readContainer, writeContainer } from '../entropy/container';
import type { Samples } from './samples';
import { copyTile, checkSamples, emptySamples, maxPixels, tilesOf } from './samples';
import { decodeTile, encodeTile } from './tile';

const chunkType = { header: 1, tile: 2, icc: 129, exif: 130, xmp: 131 } as const;
/** Nobody's profile or metadata inflates to more than this many bytes. */
const maxMetadata = 2 ** 26;

/** What goes with the samples, byte for byte. */
export interface LosslessMetadata {
  icc?: Uint8Array;
  exif?: Uint8Array;
  xmp?: Uint8Array;
}

export interface LosslessPicture extends LosslessMetadata {
  samples: Samples;
}

export interface EncodedLossless {
  file: Uint8Array;
  /** −Σ log₂ P of all samples under the model. */
  modelBits: number;
}

/** Hears what share of the tiles is done, 0…1; throwing ends the work. */
export type OnTile = (done: number) => void;

/**
 * Codes a picture to the last bit as a whole .lavi file. Every tile is decoded again and compared
 * before it counts.
 *
 * @throws LaviError BAD_REQUEST or IMAGE_TOO_LARGE if `samples` are no picture; INTERNAL if a tile came back changed
 * @example encodeLossless({ samples: { width: 1, height: 1, channels: 1, depth: 8, data: Uint8Array.of(7) } }).file
 */
export function encodeLossless(
  picture: LosslessPicture,
  onTile: OnTile = () => {},
): EncodedLossless {
  const { samples, icc, exif, xmp } = picture;
  checkSamples(samples);
  const { width, height, channels, depth } = samples;
  const header = new ByteWriter(16)
    .varint(width)
    .varint(height)
    .byte(channels)
    .byte(depth)
    .finish();
  const chunks: Chunk[] = [{ type: chunkType.header, data: header }];
  let modelBits = 0;
  const tiles = tilesOf(width, height);
  tiles.forEach((tile, i) => {
    const part = emptySamples({ ...samples, ...tile });
    copyTile(samples, tile, part, 'out');
    const coded = encodeTile(part);
    const again = emptySamples(part);
    decodeTile(coded.bytes, again);
    if (!again.data.every((value, k) => value === part.data[k])) {
      throw new LaviError('INTERNAL', `Tile ${i} came back changed, so nothing was written.`);
    }
    modelBits += coded.modelBits;
    chunks.push({ type: chunkType.tile, data: coded.bytes });
    onTile((i + 1) / tiles.length);
  });
  for (const [type, data] of [[chunkType.icc, icc], [chunkType.exif, exif], [chunkType.xmp, xmp]] as const) {
    if (data) chunks.push({ type, data: deflateSync(data, { level: 9 }) });
  } // prettier-ignore
  return { file: writeContainer(contentType.lossless, chunks), modelBits };
}

export interface LosslessInfo {
  width: number;
  height: number;
  channels: number;
  depth: 8 | 16;
  tiles: number;
}

/**
 * What a lossless file holds, without decoding it.
 * @throws LaviError NOT_LAVI, WRONG_CONTENT, UNSUPPORTED_VERSION, TRUNCATED, CORRUPT, IMAGE_TOO_LARGE
 */
export function losslessInfo(file: Uint8Array): LosslessInfo {
  return open(file).info;
}

/**
 * Decodes a lossless .lavi file.
 * @throws LaviError NOT_LAVI, WRONG_CONTENT, UNSUPPORTED_VERSION, TRUNCATED, CORRUPT, IMAGE_TOO_LARGE
 */
export function decodeLossless(file: Uint8Array, onTile: OnTile = () => {}): LosslessPicture {
  const { info, chunks } = open(file);
  const samples = emptySamples(info);
  const streams = chunks.filter(({ type }) => type === chunkType.tile);
  tilesOf(info.width, info.height).forEach((tile, i) => {
    const part = emptySamples({ ...info, ...tile });
    decodeTile(streams[i]!.data, part);
    copyTile(samples, tile, part, 'in');
    onTile((i + 1) / info.tiles);
  });
  const icc = metadata(chunks, chunkType.icc);
  const exif = metadata(chunks, chunkType.exif);
  const xmp = metadata(chunks, chunkType.xmp);
  return { samples, ...(icc && { icc }), ...(exif && { exif }), ...(xmp && { xmp }) };
}

function open(file: Uint8Array): { info: LosslessInfo; chunks: Chunk[] } {
  const known = Object.values(chunkType);
  const { chunks } = readContainer(file, { content: contentType.lossless, known });
  const [first, ...rest] = chunks;
  if (first?.type !== chunkType.header || rest.some(({ type }) => type === chunkType.header)) {
    throw new LaviError('CORRUPT', 'Expected one header, as the first chunk of the file.');
  }
  const input = new ByteReader(first.data);
  const width = input.varint();
  const height = input.varint();
  const channels = input.byte();
  const depth = input.byte();
  if (
    input.left > 0 ||
    width < 1 ||
    height < 1 ||
    channels < 1 ||
    channels > 4 ||
    (depth !== 8 && depth !== 16)
  ) {
    throw new LaviError(
      'CORRUPT',
      `Expected 1 to 4 channels of 8 or 16 bits; the header says ${width} × ${height}, ${channels} channels of ${depth} bits.`,
    );
  }
  if (width * height > maxPixels) {
    throw new LaviError(
      'IMAGE_TOO_LARGE',
      `Expected at most ${maxPixels} pixels and found ${width} × ${height}.`,
    );
  }
  const tiles = tilesOf(width, height).length;
  const found = rest.filter(({ type }) => type === chunkType.tile).length;
  if (found !== tiles) {
    throw new LaviError(
      'CORRUPT',
      `Expected ${tiles} tiles for ${width} × ${height} pixels and found ${found}.`,
    );
  }
  return { info: { width, height, channels, depth, tiles }, chunks };
}

function metadata(chunks: readonly Chunk[], type: number): Uint8Array | undefined {
  const found = chunks.find((chunk) => chunk.type === type);
  if (!found) return undefined;
  try {
    return Uint8Array.from(inflateSync(found.data, { maxOutputLength: maxMetadata }));
  } catch (cause) {
    throw new LaviError('CORRUPT', `The metadata chunk ${type} cannot be inflated.`, undefined, {
      cause,
    });
  }
}
