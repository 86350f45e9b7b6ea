import { BinaryDecoder, BinaryEncoder, maxOverrun } from '../entropy/binary';
import { LaviError } from '../api/errors';
import { codePhotoPlane } from './photo-model';
import { Plane } from './plane';
import type { Samples } from './samples';

/** Channels in coding order: green first, since it tells most of the others; alpha stands alone. */
const orders: Record<number, readonly number[]> = {
  1: [0],
  2: [0, 1],
  3: [1, 0, 2],
  4: [1, 0, 2, 3],
};

export interface CodedTile {
  bytes: Uint8Array;
  /** −Σ log₂ P of the tile's samples. */
  modelBits: number;
}

/** The first byte of a tile: how its samples follow. */
const method = { stored: 0, mixture: 1 } as const;

/** Codes a tile; `samples` is the tile alone. Noise that the mixture would enlarge is stored as it is. */
export function encodeTile(samples: Samples): CodedTile {
  const coder = new BinaryEncoder(samples.data.length + 64);
  const planes = planesOf(samples);
  fill(planes, samples);
  walk(planes, samples, coder);
  const coded = coder.finish();
  const stored = bytesOf(samples);
  if (stored.length <= coded.length) {
    return { bytes: tagged(method.stored, stored), modelBits: 8 + 8 * stored.length };
  }
  return { bytes: tagged(method.mixture, coded), modelBits: 8 + coder.bits };
}

/**
 * Decodes a tile into `samples.data`.
 * @throws LaviError TRUNCATED or CORRUPT if the stream is not of the length that the samples need
 */
export function decodeTile(bytes: Uint8Array, samples: Samples): void {
  const stream = bytes.subarray(1);
  if (bytes[0] === method.stored) return unpack(stream, samples);
  if (bytes[0] !== method.mixture) {
    throw new LaviError('CORRUPT', `Expected a tile of method 0 or 1 and found ${bytes[0]}.`);
  }
  const coder = new BinaryDecoder(stream);
  const planes = planesOf(samples);
  walk(planes, samples, coder);
  if (coder.overrun > maxOverrun) {
    throw new LaviError(
      'TRUNCATED',
      `A tile of ${bytes.length} bytes ends before its last sample.`,
    );
  }
  if (coder.unread > 0) {
    throw new LaviError('CORRUPT', `${coder.unread} byte(s) of a tile follow its last sample.`);
  }
  const { channels, data, width, height } = samples;
  planes.forEach((plane, channel) => {
    for (let y = 0, i = channel; y < height; y++) {
      for (let x = 0, at = plane.at(0, y); x < width; x++, at++, i += channels)
        data[i] = plane.values[at]!;
    }
  });
}

function planesOf({ width, height, channels, depth }: Samples): Plane[] {
  return Array.from({ length: channels }, () => new Plane(width, height, 2 ** (depth - 1)));
}

function fill(planes: readonly Plane[], { channels, data, width, height }: Samples): void {
  planes.forEach((plane, channel) => {
    for (let y = 0, i = channel; y < height; y++) {
      for (let x = 0, at = plane.at(0, y); x < width; x++, at++, i += channels)
        plane.values[at] = data[i]!;
    }
  });
}

function walk(
  planes: readonly Plane[],
  { channels, depth }: Samples,
  coder: BinaryEncoder | BinaryDecoder,
): void {
  const order = orders[channels]!;
  order.forEach((channel, i) => {
    const isAlpha = channels % 2 === 0 && i === channels - 1;
    const before = isAlpha ? [] : order.slice(0, i).map((c) => planes[c]!);
    codePhotoPlane(coder, planes[channel]!, before, depth);
  });
}

function tagged(tag: number, bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length + 1);
  out[0] = tag;
  out.set(bytes, 1);
  return out;
}

/** Samples as bytes, the low one of 16 bits first. */
function bytesOf({ data, depth }: Samples): Uint8Array {
  if (depth === 8) return data as Uint8Array;
  const out = new Uint8Array(2 * data.length);
  data.forEach((value, i) => {
    out[2 * i] = value & 255;
    out[2 * i + 1] = value >> 8;
  });
  return out;
}

function unpack(bytes: Uint8Array, { data, depth }: Samples): void {
  const each = depth / 8;
  if (bytes.length !== data.length * each) {
    throw new LaviError(
      'CORRUPT',
      `Expected ${data.length * each} stored bytes in a tile and found ${bytes.length}.`,
    );
  }
  for (let i = 0; i < data.length; i++) {
    data[i] = each === 1 ? bytes[i]! : bytes[2 * i]! + 256 * bytes[2 * i + 1]!;
  }
}
