import { childIfd, entryOf, numberAt, readIfd, tags, tiffByteOrder, viewOf } from './ifd';
import type { IfdEntry } from './ifd';

/** JPEG and some WebP and AVIF writers put this before the TIFF header. */
const jpegPrefix = [0x45, 0x78, 0x69, 0x66, 0, 0];

/**
 * An EXIF block for pixels that already stand upright: a copy without container prefix, starting at
 * its TIFF header, orientation set to 1. If the photo was turned, its width and height tags change
 * places where it was turned sideways, and the embedded thumbnail, which would now lie wrong, is
 * unlinked. All other bytes, maker notes included, stay where they were.
 * @returns undefined if the block has no readable TIFF header
 */
export function uprightExif(exif: Uint8Array): Uint8Array | undefined {
  const prefixed = jpegPrefix.every((value, i) => exif[i] === value);
  // Not slice(): a Buffer's would share the memory.
  const copy = new Uint8Array(exif.subarray(prefixed ? jpegPrefix.length : 0));
  const little = tiffByteOrder(copy);
  if (little === undefined) return undefined;
  const view = viewOf(copy);
  const ifd0 = readIfd(copy, view.getUint32(4, little), little);
  const entry = entryOf(ifd0, tags.orientation);
  if (!ifd0 || !entry || entry.count !== 1) return copy;
  const orientation = numberAt(view, entry, little);
  if (orientation === 1) return copy;
  if (entry.type === 3) view.setUint16(entry.valueAt, 1, little);
  else view.setUint32(entry.valueAt, 1, little);
  if (orientation >= 5 && orientation <= 8) {
    const sub = childIfd(copy, entryOf(ifd0, tags.exifIfd), little);
    swap(copy, entryOf(sub, tags.pixelWidth), entryOf(sub, tags.pixelHeight));
  }
  view.setUint32(ifd0.nextAt, 0, little);
  return copy;
}

/** Exchanges type and value of two entries (the 12 bytes but for the tag). */
function swap(bytes: Uint8Array, a: IfdEntry | undefined, b: IfdEntry | undefined): void {
  if (!a || !b || a.length > 4 || b.length > 4) return;
  const kept = new Uint8Array(bytes.subarray(a.entryAt + 2, a.entryAt + 12));
  bytes.copyWithin(a.entryAt + 2, b.entryAt + 2, b.entryAt + 12);
  bytes.set(kept, b.entryAt + 2);
}

/**
 * An XMP packet for pixels that already stand upright: `tiff:Orientation`, as attribute or element,
 * set to 1; all other bytes as they were.
 */
export function uprightXmp(xmp: Uint8Array): Uint8Array {
  const copy = new Uint8Array(xmp);
  // latin1 maps bytes to characters one to one, so indices in the text are indices in the bytes.
  const text = Buffer.from(copy.buffer).toString('latin1');
  for (const match of text.matchAll(/tiff:Orientation(?:\s*=\s*["']|\s*>\s*)([2-8])(?=["'<\s])/g)) {
    copy[match.index + match[0].length - 1] = 0x31;
  }
  return copy;
}
