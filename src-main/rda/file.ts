import { deflateSync, inflateSync } from 'node:zlib';
import { LaviError } from '../api/errors';
import { ByteReader, ByteWriter } from '../entropy/bytes';
import {
  ancillaryBit,
  type Chunk,
  contentType,
  readContainer,
  writeContainer,
} from '../entropy/container';
import { MAX_PIXELS } from '../image/photo';

/** Chunk types of photo files; docs/file-format.md specifies each. */
export const photoChunk = {
  header: 1,
  tile: 2,
  alpha: 3,
  icc: ancillaryBit | 1,
  exif: ancillaryBit | 2,
  xmp: ancillaryBit | 3,
  thumbnail: ancillaryBit | 4,
} as const;

/** Names for people, in `info`. */
export const photoChunkNames: Record<number, string> = Object.fromEntries(
  Object.entries(photoChunk).map(([name, type]) => [type, name]),
);

/** No profile or metadata block is larger than this. */
const MAX_METADATA = 2 ** 26;

export interface PhotoHeader {
  width: number;
  height: number;
  /** First 8 hex digits of the model's id. */
  model: string;
  /** Wire quality, 1/16 points. */
  quality: number;
}

export interface CodedTile {
  /** CRC-32 of the decoded symbols. */
  crc: number;
  /** Range-coded symbols. */
  stream: Uint8Array;
}

/** Everything a photo file says, still coded. */
export interface PhotoFile {
  header: PhotoHeader;
  tiles: CodedTile[];
  /** Opacity, coded by the caller. */
  alpha?: Uint8Array;
  icc?: Uint8Array;
  exif?: Uint8Array;
  xmp?: Uint8Array;
  /** A small WebP of the photo, sRGB, for lists. */
  thumbnail?: Uint8Array;
  /** Type and payload bytes of each chunk, for `info`. */
  chunks: { type: number; bytes: number }[];
}

const metadata = ['icc', 'exif', 'xmp'] as const;

/** Builds the bytes of a photo file. */
export function writePhotoFile(file: Omit<PhotoFile, 'chunks'>): Uint8Array {
  const { header } = file;
  const head = new ByteWriter(16)
    .varint(header.width)
    .varint(header.height)
    .u32(Number.parseInt(header.model, 16))
    .u16(header.quality);
  const chunks: Chunk[] = [{ type: photoChunk.header, data: head.finish() }];
  if (file.thumbnail) chunks.push({ type: photoChunk.thumbnail, data: file.thumbnail });
  for (const name of metadata) {
    const data = file[name];
    if (data) chunks.push({ type: photoChunk[name], data: deflateSync(data, { level: 9 }) });
  }
  for (const { crc, stream } of file.tiles) {
    const data = new ByteWriter(stream.length + 4).u32(crc).bytes(stream).finish();
    chunks.push({ type: photoChunk.tile, data });
  }
  if (file.alpha) chunks.push({ type: photoChunk.alpha, data: file.alpha });
  return writeContainer(contentType.photo, chunks);
}

/**
 * Takes a photo file apart. Payloads are views. Errors: NOT_LAVI, WRONG_CONTENT, UNSUPPORTED_VERSION, TRUNCATED,
 * CORRUPT, IMAGE_TOO_LARGE.
 */
export function readPhotoFile(bytes: Uint8Array): PhotoFile {
  const { chunks } = readContainer(bytes, {
    content: contentType.photo,
    known: Object.values(photoChunk),
  });
  const [first, ...rest] = chunks;
  if (first?.type !== photoChunk.header) {
    throw new LaviError('CORRUPT', 'Expected the header chunk first and found another.');
  }
  const file: PhotoFile = {
    header: readHeader(first.data),
    tiles: [],
    chunks: chunks.map(({ type, data }) => ({ type, bytes: data.length })),
  };
  for (const { type, data } of rest) {
    if (type === photoChunk.header) {
      throw new LaviError('CORRUPT', 'Expected one header chunk and found two.');
    } else if (type === photoChunk.tile) {
      const input = new ByteReader(data);
      file.tiles.push({ crc: input.u32(), stream: data.subarray(4) });
    } else if (type === photoChunk.alpha) {
      file.alpha = data;
    } else if (type === photoChunk.thumbnail) {
      file.thumbnail = data;
    } else {
      const name = metadata.find((key) => photoChunk[key] === type);
      if (name) file[name] = inflated(name, data);
    }
  }
  return file;
}

function readHeader(data: Uint8Array): PhotoHeader {
  const input = new ByteReader(data);
  const width = input.varint();
  const height = input.varint();
  const model = input.u32().toString(16).padStart(8, '0');
  const quality = input.u16();
  if (width < 1 || height < 1) {
    throw new LaviError(
      'CORRUPT',
      `Expected a photo of at least 1×1 pixels, found ${width}×${height}.`,
    );
  }
  if (width * height > MAX_PIXELS) {
    throw new LaviError(
      'IMAGE_TOO_LARGE',
      `Expected a photo of at most ${MAX_PIXELS} pixels, found ${width}×${height}.`,
    );
  }
  return { width, height, model, quality };
}

function inflated(name: string, data: Uint8Array): Uint8Array {
  try {
    return inflateSync(data, { maxOutputLength: MAX_METADATA });
  } catch (cause) {
    throw new LaviError('CORRUPT', `The ${name} chunk does not unpack.`, undefined, { cause });
  }
}
