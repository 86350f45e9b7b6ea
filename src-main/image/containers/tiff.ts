import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import { readIfd, tags, tiffByteOrder, viewOf, writeIfd } from '../ifd';
import type { NewEntry } from '../ifd';
import type { Metadata } from './bytes';

const deflateAsync = promisify(deflate);
const stripTarget = 1 << 20;

/** Tags about pixel layout: those written here, and those that would lead into another file. */
const structural = new Set([
  254, 255, 256, 257, 258, 259, 262, 273, 274, 277, 278, 279, 284, 317, 320, 322, 323, 324, 325,
  330, 338, 339, 347, 513, 514, 529, 530, 531, 532, 700, 34675,
]);

/**
 * Writes an 8-bit RGB or RGBA TIFF: deflated strips with horizontal differences, straight alpha.
 * sharp writes no EXIF into TIFF files. An EXIF block is itself a TIFF without pixels, so the file
 * begins with the block as it is: all its offsets, makers' notes included, stay right; only the
 * pointer to the first directory is set to the new one, which takes over the old one's tags.
 */
export async function writeTiff(
  photo: { width: number; height: number; rgb: Uint8Array; alpha?: Uint8Array },
  { icc, exif, xmp }: Metadata,
): Promise<Uint8Array> {
  const { width, height } = photo;
  const little = (exif && tiffByteOrder(exif)) ?? true;
  const head = exif ?? Uint8Array.of(0x49, 0x49, 42, 0, 8, 0, 0, 0);
  const channels = photo.alpha ? 4 : 3;
  const stripRows = Math.max(1, Math.floor(stripTarget / (width * channels)));
  const parts: Uint8Array[] = [head, new Uint8Array(head.length & 1)];
  let at = head.length + (head.length & 1);
  const push = (bytes: Uint8Array): number => {
    const from = at;
    parts.push(bytes, new Uint8Array(bytes.length & 1));
    at += bytes.length + (bytes.length & 1);
    return from;
  };
  const offsets: number[] = [];
  const lengths: number[] = [];
  for (let row = 0; row < height; row += stripRows) {
    const strip = await deflateAsync(differences(photo, row, Math.min(height, row + stripRows)));
    lengths.push(strip.length);
    offsets.push(push(strip));
  }

  const number = (tag: number, type: 3 | 4, ...values: number[]): NewEntry => {
    const value = new Uint8Array(values.length * (type === 3 ? 2 : 4));
    const view = viewOf(value);
    values.forEach((v, i) => {
      if (type === 3) view.setUint16(2 * i, v, little);
      else view.setUint32(4 * i, v, little);
    });
    return { tag, type, count: values.length, value };
  };
  const entries: NewEntry[] = [
    number(256, 4, width),
    number(257, 4, height),
    number(258, 3, ...Array<number>(channels).fill(8)),
    number(259, 3, 8), // Adobe deflate
    number(262, 3, 2), // RGB
    number(273, 4, ...offsets),
    number(tags.orientation, 3, 1),
    number(277, 3, channels),
    number(278, 4, stripRows),
    number(279, 4, ...lengths),
    number(284, 3, 1), // interleaved
    number(317, 3, 2), // horizontal differences
    ...(photo.alpha ? [number(338, 3, 2)] : []), // straight alpha
    ...describing(exif, little),
  ];
  if (xmp) entries.push({ tag: tags.xmp, type: 1, count: xmp.length, value: xmp });
  if (icc) entries.push({ tag: tags.iccProfile, type: 7, count: icc.length, value: icc });
  const ifdAt = push(writeIfd(entries, at, little));
  const out = new Uint8Array(at);
  let to = 0;
  for (const part of parts) {
    out.set(part, to);
    to += part.length;
  }
  viewOf(out).setUint32(4, ifdAt, little);
  return out;
}

/** The tags of an EXIF block's first directory that describe the photo, its pointers included. */
function describing(exif: Uint8Array | undefined, little: boolean): NewEntry[] {
  if (!exif) return [];
  const ifd = readIfd(exif, viewOf(exif).getUint32(4, little), little);
  return (ifd?.entries ?? [])
    .filter(({ tag }) => !structural.has(tag))
    .map(({ tag, type, count, valueAt, length }) => {
      return { tag, type, count, value: exif.subarray(valueAt, valueAt + length) };
    });
}

/** Rows of samples, each less its left neighbour's (TIFF 6.0, section 14). */
function differences(
  { width, rgb, alpha }: { width: number; rgb: Uint8Array; alpha?: Uint8Array },
  fromRow: number,
  toRow: number,
): Uint8Array {
  const channels = alpha ? 4 : 3;
  const out = new Uint8Array((toRow - fromRow) * width * channels);
  let to = 0;
  for (let pixel = fromRow * width; pixel < toRow * width; pixel++) {
    const first = pixel % width === 0;
    for (let c = 0; c < 3; c++) {
      out[to++] = rgb[3 * pixel + c]! - (first ? 0 : rgb[3 * pixel - 3 + c]!);
    }
    if (alpha) out[to++] = alpha[pixel]! - (first ? 0 : alpha[pixel - 1]!);
  }
  return out;
}
