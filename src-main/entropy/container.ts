import { LaviError } from '../api/errors';
import { ByteReader, ByteWriter, crc32 } from './bytes';

/**
 * The frame that photo files and label files share:
 *
 *     signature (8) · version (1) · content (1) · chunk… · end
 *     chunk = type (1) · length (LEB128) · payload · CRC-32 of type, length bytes and payload (4, LE)
 *     end   = type 0 · length 0, two bytes and no CRC: it holds nothing that could be damaged unseen
 *
 * Bit 7 of a chunk's type marks it ancillary: a reader that does not know it goes on without it.
 */
export const signature = Uint8Array.of(0x89, 0x4c, 0x41, 0x56, 0x49, 0x0d, 0x0a, 0x1a);

export const containerVersion = 1;

/** What a file holds. */
export const contentType = { photo: 1, labels: 2, lossless: 3 } as const;

/** Set in a chunk type that a reader may skip when it does not know it. */
export const ancillaryBit = 0x80;

/** `type` is 1…255 (0 is the end chunk); `data` is the payload without frame or CRC. */
export interface Chunk {
  type: number;
  data: Uint8Array;
}

export interface Container {
  content: number;
  version: number;
  chunks: Chunk[];
}

/** Bytes that the frame adds to a payload of `length` bytes. */
export function chunkOverhead(length: number): number {
  return 5 + new ByteWriter().varint(length).length;
}

/** Frames `chunks`, in the order given, as a whole file. */
export function writeContainer(content: number, chunks: readonly Chunk[]): Uint8Array {
  const size = chunks.reduce((sum, chunk) => sum + chunk.data.length + 10, 12);
  const out = new ByteWriter(size).bytes(signature).byte(containerVersion).byte(content);
  for (const { type, data } of chunks) {
    if (!Number.isInteger(type) || type < 1 || type > 255) {
      throw new RangeError(`A chunk type is 1…255, not ${type}.`);
    }
    const head = new ByteWriter(16).byte(type).varint(data.length).finish();
    out
      .bytes(head)
      .bytes(data)
      .u32(crc32(data, crc32(head)));
  }
  return out.byte(0).byte(0).finish();
}

/**
 * Takes a file apart. Payloads are views into `bytes`; a length is checked against the rest of the
 * file before it is used, so a damaged header cannot make anything large be allocated.
 *
 * `expect.content` refuses other contents (WRONG_CONTENT); `expect.known` lists the chunk types that
 * the caller understands: others are dropped if ancillary and UNSUPPORTED_VERSION if critical.
 *
 * Errors: NOT_LAVI, UNSUPPORTED_VERSION, WRONG_CONTENT, TRUNCATED, CORRUPT.
 */
export function readContainer(
  bytes: Uint8Array,
  expect: { content?: number; known?: readonly number[] } = {},
): Container {
  checkSignature(bytes);
  const input = new ByteReader(bytes);
  input.bytes(signature.length);
  const version = input.byte();
  if (version !== containerVersion) {
    throw new LaviError(
      'UNSUPPORTED_VERSION',
      `The file is of version ${version}; this program reads version ${containerVersion}.`,
    );
  }
  const content = input.byte();
  checkContent(content, expect.content);
  const chunks: Chunk[] = [];
  for (;;) {
    const start = input.position;
    const type = input.byte();
    const length = input.varint();
    if (type === 0) {
      if (length !== 0) throw new LaviError('CORRUPT', 'The end chunk is not empty.');
      break;
    }
    if (length + 4 > input.left) {
      throw new LaviError(
        'TRUNCATED',
        `Chunk ${type} at offset ${start} says ${length} bytes and a CRC, but ${input.left} are left.`,
      );
    }
    const data = input.bytes(length);
    const crc = crc32(bytes.subarray(start, input.position));
    if (crc !== input.u32()) {
      throw new LaviError('CORRUPT', `The CRC of chunk ${type} at offset ${start} does not match.`);
    }
    if (!expect.known || expect.known.includes(type)) {
      chunks.push({ type, data });
    } else if ((type & ancillaryBit) === 0) {
      throw new LaviError(
        'UNSUPPORTED_VERSION',
        `The file needs chunk type ${type}, which this version does not know.`,
      );
    }
  }
  if (input.left > 0) {
    throw new LaviError(
      'CORRUPT',
      `${input.left} byte(s) follow the end of the file's last chunk.`,
    );
  }
  return { content, version, chunks };
}

/** Whether the first bytes are those of a Lavi file; needs eight bytes. */
export function isLavi(bytes: Uint8Array): boolean {
  return bytes.length >= signature.length && signature.every((byte, i) => bytes[i] === byte);
}

function checkSignature(bytes: Uint8Array): void {
  if (isLavi(bytes)) return;
  if (
    bytes.length < signature.length &&
    signature.every((b, i) => i >= bytes.length || bytes[i] === b)
  ) {
    const found =
      bytes.length === 0 ? 'The file is empty' : `The file ends after ${bytes.length} byte(s)`;
    throw new LaviError('TRUNCATED', `${found}, inside the signature of a Lavi file.`);
  }
  throw new LaviError('NOT_LAVI', `This is not a Lavi file: it ${describeStart(bytes)}.`);
}

function checkContent(content: number, expected: number | undefined): void {
  const name = Object.entries(contentType).find(([, value]) => value === content)?.[0];
  if (name === undefined) {
    throw new LaviError(
      'UNSUPPORTED_VERSION',
      `The file's content type ${content} is not known to this version.`,
    );
  }
  if (expected !== undefined && content !== expected) {
    const wanted = Object.entries(contentType).find(([, value]) => value === expected)?.[0];
    throw new LaviError(
      'WRONG_CONTENT',
      `The file holds ${name}; a file with ${wanted} was expected.`,
    );
  }
}

const knownStarts: readonly [string, readonly number[]][] = [
  ['is a PNG picture', [0x89, 0x50, 0x4e, 0x47]],
  ['is a JPEG picture', [0xff, 0xd8, 0xff]],
  ['is a GIF picture', [0x47, 0x49, 0x46, 0x38]],
  ['is a TIFF picture', [0x49, 0x49, 0x2a, 0x00]],
  ['is a TIFF picture', [0x4d, 0x4d, 0x00, 0x2a]],
  ['is a RIFF file (WebP, say)', [0x52, 0x49, 0x46, 0x46]],
  ['is a zip archive', [0x50, 0x4b, 0x03, 0x04]],
  ['was damaged in transfer (sent as text)', [0x89, 0x4c, 0x41, 0x56, 0x49]],
];

function describeStart(bytes: Uint8Array): string {
  const match = knownStarts.find(([, magic]) => magic.every((byte, i) => bytes[i] === byte));
  if (match) return match[0];
  const hex = [...bytes.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return `starts with ${hex}`;
}
