import { LaviError } from '../api/errors';
import { childIfd, entryOf, numberAt, readIfd, tags, tiffByteOrder, viewOf, writeIfd } from './ifd';
import type { Ifd, NewEntry } from './ifd';

/** Tags of a TIFF's first directory that describe the photo, not how its pixels are laid out. */
const descriptive = new Set([
  270, 271, 272, 282, 283, 296, 305, 306, 315, 316, 18246, 18249, 33432, 40091, 40092, 40093, 40094,
  40095,
]);
/** Resolution alone says nothing about a photo: no EXIF block is made for it. */
const resolution = new Set([282, 283, 296]);
const stripOffsets = 273;
const stripBytes = 279;
const tileOffsets = 324;
const tileBytes = 325;

/**
 * Collects a TIFF's camera data (descriptive tags, EXIF, GPS and interoperability directories) into
 * an EXIF block of its own, values copied bit for bit. libvips reads none of it from TIFF files.
 * Makers' notes that use offsets of the old file lose their meaning.
 * @returns undefined for a TIFF without such data and for BigTIFF
 * @throws LaviError FILE_UNREADABLE if a directory, value or strip reaches past the end of the file:
 * libtiff would leave out such values with no more than a warning
 */
export function exifOfTiff(file: Uint8Array): Uint8Array | undefined {
  const little = tiffByteOrder(file);
  if (little === undefined) return undefined;
  const view = viewOf(file);
  const ifd0 = readIfd(file, view.getUint32(4, little), little);
  if (!ifd0 || !stripsAreInside(file, ifd0, little)) {
    throw new LaviError(
      'FILE_UNREADABLE',
      `Expected a whole TIFF file and found one cut short after ${file.length} bytes.`,
    );
  }
  const copy = (ifd: Ifd | undefined, keep: (tag: number) => boolean): NewEntry[] =>
    (ifd?.entries ?? [])
      .filter((entry) => keep(entry.tag))
      .map(({ tag, type, count, valueAt, length }) => {
        return { tag, type, count, value: file.subarray(valueAt, valueAt + length) };
      });
  const entries = copy(ifd0, (tag) => descriptive.has(tag));
  const exif = childIfd(file, entryOf(ifd0, tags.exifIfd), little);
  const gps = childIfd(file, entryOf(ifd0, tags.gpsIfd), little);
  if (exif) {
    const child = copy(exif, (tag) => tag !== tags.interopIfd);
    const interop = childIfd(file, entryOf(exif, tags.interopIfd), little);
    if (interop) child.push({ tag: tags.interopIfd, child: copy(interop, () => true) });
    entries.push({ tag: tags.exifIfd, child });
  }
  if (gps) entries.push({ tag: tags.gpsIfd, child: copy(gps, () => true) });
  if (entries.every((entry) => resolution.has(entry.tag))) return undefined;
  const body = writeIfd(entries, 8, little);
  const out = new Uint8Array(8 + body.length);
  out.set(file.subarray(0, 4));
  viewOf(out).setUint32(4, 8, little);
  out.set(body, 8);
  return out;
}

function stripsAreInside(file: Uint8Array, ifd: Ifd, little: boolean): boolean {
  const view = viewOf(file);
  for (const [at, bytes] of [
    [stripOffsets, stripBytes],
    [tileOffsets, tileBytes],
  ] as const) {
    const offsets = entryOf(ifd, at);
    const lengths = entryOf(ifd, bytes);
    if (!offsets || !lengths) continue;
    for (let i = 0; i < Math.min(offsets.count, lengths.count); i++) {
      const end = numberAt(view, offsets, little, i) + numberAt(view, lengths, little, i);
      if (end > file.length) return false;
    }
  }
  return true;
}
