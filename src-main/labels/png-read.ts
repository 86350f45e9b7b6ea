import { inflateSync } from 'node:zlib';
import { LaviError } from '../api/errors';
import { crc32 } from '../entropy/bytes';
import { checkSize } from './map';

/**
 * PNG samples as the file holds them: palette indices stay indices and 2-bit grey stays 0…3, which
 * general picture libraries turn into RGB. Inflation is bounded by what the header announces.
 */
export interface PngSamples {
  width: number;
  height: number;
  colorType: 'grey' | 'rgb' | 'indexed' | 'grey-alpha' | 'rgba';
  depth: number;
  channels: number;
  /** Interleaved, width · height · channels, unscaled. */
  samples: Uint16Array;
  /** RGB triples of an indexed picture. */
  palette?: Uint8Array;
  /** Payload of tRNS. */
  transparency?: Uint8Array;
  /** iTXt and tEXt by keyword, uncompressed ones only. */
  texts: Map<string, string>;
}

const pngSignature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

const colorTypes = {
  0: { name: 'grey', channels: 1, depths: [1, 2, 4, 8, 16] },
  2: { name: 'rgb', channels: 3, depths: [8, 16] },
  3: { name: 'indexed', channels: 1, depths: [1, 2, 4, 8] },
  4: { name: 'grey-alpha', channels: 2, depths: [8, 16] },
  6: { name: 'rgba', channels: 4, depths: [8, 16] },
} as const;

/** Start and step of the seven passes of an interlaced PNG. */
const adam7 = [
  { x: 0, y: 0, dx: 8, dy: 8 },
  { x: 4, y: 0, dx: 8, dy: 8 },
  { x: 0, y: 4, dx: 4, dy: 8 },
  { x: 2, y: 0, dx: 4, dy: 4 },
  { x: 0, y: 2, dx: 2, dy: 4 },
  { x: 1, y: 0, dx: 2, dy: 2 },
  { x: 0, y: 1, dx: 1, dy: 2 },
];

export function isPng(bytes: Uint8Array): boolean {
  return pngSignature.every((byte, i) => bytes[i] === byte);
}

/** @throws LaviError UNSUPPORTED_IMAGE, IMAGE_TOO_LARGE, TRUNCATED or CORRUPT */
export function readPng(bytes: Uint8Array, pixelLimit?: number): PngSamples {
  if (!isPng(bytes)) {
    throw new LaviError('UNSUPPORTED_IMAGE', 'A PNG was expected; the file does not start as one.');
  }
  const chunks = new Map<string, Uint8Array[]>();
  for (const { type, data } of chunksOf(bytes)) {
    chunks.set(type, [...(chunks.get(type) ?? []), data]);
  }
  const header = parseHeader(chunks.get('IHDR')?.[0]);
  checkSize(header.width, header.height, pixelLimit);
  const { width, height, depth, kind, interlaced } = header;
  const passes = interlaced ? adam7 : [{ x: 0, y: 0, dx: 1, dy: 1 }];
  const bitsPerPixel = depth * kind.channels;
  const sized = passes
    .map((pass) => ({
      ...pass,
      columns: Math.ceil((width - pass.x) / pass.dx),
      rows: Math.ceil((height - pass.y) / pass.dy),
    }))
    .filter(({ columns, rows }) => columns > 0 && rows > 0);
  const rowBytes = (columns: number) => Math.ceil((columns * bitsPerPixel) / 8);
  const expected = sized.reduce(
    (sum, { columns, rows }) => sum + rows * (1 + rowBytes(columns)),
    0,
  );
  const raw = inflate(chunks.get('IDAT') ?? [], expected);
  const samples = new Uint16Array(width * height * kind.channels);
  let at = 0;
  for (const pass of sized) {
    const length = rowBytes(pass.columns);
    let above: Uint8Array = new Uint8Array(length);
    for (let row = 0; row < pass.rows; row++) {
      const line = raw.subarray(at + 1, at + 1 + length);
      unfilter(raw[at]!, line, above, Math.max(1, bitsPerPixel >> 3));
      const start = ((pass.y + row * pass.dy) * width + pass.x) * kind.channels;
      spread(line, depth, pass.columns, kind.channels, samples, start, pass.dx * kind.channels);
      above = line;
      at += 1 + length;
    }
  }
  const palette = chunks.get('PLTE')?.[0];
  if (kind.name === 'indexed' && (!palette || palette.length % 3 !== 0)) {
    throw new LaviError('CORRUPT', 'The PNG is indexed but has no whole palette.');
  }
  const transparency = chunks.get('tRNS')?.[0];
  return {
    width,
    height,
    colorType: kind.name,
    depth,
    channels: kind.channels,
    samples,
    ...(palette && kind.name === 'indexed' && { palette: palette.slice() }),
    ...(transparency && { transparency: transparency.slice() }),
    texts: textsOf(chunks),
  };
}

function* chunksOf(bytes: Uint8Array): Generator<{ type: string; data: Uint8Array }> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 8; ;) {
    if (at + 12 > bytes.length) throw new LaviError('TRUNCATED', 'The PNG ends inside a chunk.');
    const length = view.getUint32(at);
    if (length > bytes.length - at - 12) {
      throw new LaviError(
        'TRUNCATED',
        `A PNG chunk says ${length} bytes, but ${bytes.length - at - 12} are left.`,
      );
    }
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const data = bytes.subarray(at + 8, at + 8 + length);
    if (crc32(bytes.subarray(at + 4, at + 8 + length)) !== view.getUint32(at + 8 + length)) {
      throw new LaviError(
        'CORRUPT',
        `The CRC of the PNG's ${printable(type)} chunk does not match.`,
      );
    }
    if (type === 'IEND') return;
    yield { type, data };
    at += length + 12;
  }
}

function parseHeader(data: Uint8Array | undefined) {
  if (data?.length !== 13) throw new LaviError('CORRUPT', 'The PNG has no header of 13 bytes.');
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const depth = data[8]!;
  const kind = colorTypes[data[9] as keyof typeof colorTypes];
  const known = kind && (kind.depths as readonly number[]).includes(depth);
  if (!known || data[10] !== 0 || data[11] !== 0 || data[12]! > 1) {
    throw new LaviError(
      'UNSUPPORTED_IMAGE',
      `The PNG has colour type ${data[9]}, depth ${depth}, methods ${data.subarray(10).join('/')}, ` +
        'which the PNG standard does not define.',
    );
  }
  const interlaced = data[12] === 1;
  return { width: view.getUint32(0), height: view.getUint32(4), depth, kind, interlaced };
}

function inflate(parts: Uint8Array[], expected: number): Uint8Array {
  let raw: Uint8Array;
  try {
    // One byte more than needed is let through, so that "too long" can be told from "whole".
    raw = inflateSync(Buffer.concat(parts), { maxOutputLength: expected + 1 });
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new LaviError('CORRUPT', `The PNG's pixels cannot be inflated: ${message}.`, undefined, {
      cause,
    });
  }
  if (raw.length !== expected) {
    throw new LaviError(
      raw.length < expected ? 'TRUNCATED' : 'CORRUPT',
      `The PNG's pixels inflate to ${raw.length} bytes; ${expected} were expected.`,
    );
  }
  return raw;
}

/** Undoes a row's filter in place (PNG specification, section 9). */
function unfilter(filter: number, line: Uint8Array, above: Uint8Array, back: number): void {
  const length = line.length;
  if (filter === 0) return;
  if (filter > 4) throw new LaviError('CORRUPT', `A row of the PNG has the filter ${filter}.`);
  for (let i = 0; i < length; i++) {
    const left = i >= back ? line[i - back]! : 0;
    const up = above[i]!;
    if (filter === 1) line[i]! += left;
    else if (filter === 2) line[i]! += up;
    else if (filter === 3) line[i]! += (left + up) >> 1;
    else line[i]! += paeth(left, up, i >= back ? above[i - back]! : 0);
  }
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const byLeft = Math.abs(guess - left);
  const byUp = Math.abs(guess - up);
  const byCorner = Math.abs(guess - corner);
  return byLeft <= byUp && byLeft <= byCorner ? left : byUp <= byCorner ? up : corner;
}

/** Unpacks a row's samples to every `step / channels`-th pixel from `start` on. */
function spread(
  line: Uint8Array,
  depth: number,
  columns: number,
  channels: number,
  out: Uint16Array,
  start: number,
  step: number,
): void {
  const mask = (1 << depth) - 1;
  for (let x = 0, k = 0; x < columns; x++) {
    for (let c = 0; c < channels; c++, k++) {
      let value: number;
      if (depth === 8) value = line[k]!;
      else if (depth === 16) value = line[2 * k]! * 256 + line[2 * k + 1]!;
      else value = (line[(k * depth) >> 3]! >> (8 - depth - ((k * depth) & 7))) & mask;
      out[start + x * step + c] = value;
    }
  }
}

function textsOf(chunks: Map<string, Uint8Array[]>): Map<string, string> {
  const texts = new Map<string, string>();
  for (const data of chunks.get('tEXt') ?? []) {
    const end = data.indexOf(0);
    if (end > 0) texts.set(latin(data.subarray(0, end)), latin(data.subarray(end + 1)));
  }
  for (const data of chunks.get('iTXt') ?? []) {
    const end = data.indexOf(0);
    if (end <= 0 || data[end + 1] !== 0) continue;
    const language = data.indexOf(0, end + 3);
    const translated = language < 0 ? -1 : data.indexOf(0, language + 1);
    if (translated < 0) continue;
    texts.set(
      latin(data.subarray(0, end)),
      new TextDecoder().decode(data.subarray(translated + 1)),
    );
  }
  return texts;
}

const latin = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

const printable = (type: string) => type.replace(/[^A-Za-z]/g, '?');
