/**
 * Image file directories, the structure that TIFF files and EXIF blocks share (TIFF 6.0, section 2).
 * Every value is copied as raw bytes in the byte order of its source, so nothing is reinterpreted.
 */
export interface IfdEntry {
  tag: number;
  /** 1 BYTE, 2 ASCII, 3 SHORT, 4 LONG, 5 RATIONAL, 7 UNDEFINED … 13 IFD */
  type: number;
  count: number;
  /** Where the 12-byte entry lies. */
  entryAt: number;
  /** Where the value's bytes lie: inside the entry if they fit in four, else anywhere in the file. */
  valueAt: number;
  /** The value's length in bytes. */
  length: number;
}

export interface Ifd {
  entries: IfdEntry[];
  /** Where the pointer to the next directory lies. */
  nextAt: number;
}

const typeSizes = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4];

export const tags = {
  orientation: 0x0112,
  xmp: 700,
  exifIfd: 0x8769,
  gpsIfd: 0x8825,
  iccProfile: 0x8773,
  interopIfd: 0xa005,
  pixelWidth: 0xa002,
  pixelHeight: 0xa003,
} as const;

/** @returns whether numbers are little-endian, or undefined if this is no classic TIFF header */
export function tiffByteOrder(bytes: Uint8Array): boolean | undefined {
  if (bytes.length < 8) return undefined;
  const head = String.fromCharCode(bytes[0]!, bytes[1]!, bytes[2]!, bytes[3]!);
  if (head === 'II*\0') return true;
  return head === 'MM\0*' ? false : undefined;
}

export const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/**
 * Reads one directory. Entries of unknown type are left out.
 * @returns undefined if the directory or one of its values reaches past the end of the bytes
 */
export function readIfd(bytes: Uint8Array, at: number, little: boolean): Ifd | undefined {
  const view = viewOf(bytes);
  if (at < 8 || at + 2 > bytes.length) return undefined;
  const count = view.getUint16(at, little);
  const nextAt = at + 2 + 12 * count;
  if (nextAt + 4 > bytes.length) return undefined;
  const entries: IfdEntry[] = [];
  for (let entryAt = at + 2; entryAt < nextAt; entryAt += 12) {
    const type = view.getUint16(entryAt + 2, little);
    const size = typeSizes[type];
    if (!size) continue;
    const values = view.getUint32(entryAt + 4, little);
    const length = size * values;
    const valueAt = length <= 4 ? entryAt + 8 : view.getUint32(entryAt + 8, little);
    if (valueAt + length > bytes.length) return undefined;
    const tag = view.getUint16(entryAt, little);
    entries.push({ tag, type, count: values, entryAt, valueAt, length });
  }
  return { entries, nextAt };
}

export const entryOf = (ifd: Ifd | undefined, tag: number): IfdEntry | undefined =>
  ifd?.entries.find((entry) => entry.tag === tag);

/** Value `index` of a SHORT, LONG or IFD entry. */
export function numberAt(view: DataView, entry: IfdEntry, little: boolean, index = 0): number {
  return entry.type === 3
    ? view.getUint16(entry.valueAt + 2 * index, little)
    : view.getUint32(entry.valueAt + 4 * index, little);
}

/** The directory that an entry such as the EXIF pointer leads to. */
export function childIfd(bytes: Uint8Array, entry: IfdEntry | undefined, little: boolean) {
  return entry && readIfd(bytes, numberAt(viewOf(bytes), entry, little), little);
}

/** A directory to be written: raw values, or a further directory behind a pointer. */
export type NewEntry =
  | { tag: number; type: number; count: number; value: Uint8Array }
  | { tag: number; child: NewEntry[] };

const even = (length: number): number => length + (length & 1);

function sizeOf(entries: NewEntry[]): number {
  let size = 2 + 12 * entries.length + 4;
  for (const entry of entries) {
    if ('child' in entry) size += sizeOf(entry.child);
    else if (entry.value.length > 4) size += even(entry.value.length);
  }
  return size;
}

/**
 * Serialises a directory and all below it, to lie at offset `at` of a file.
 * @param entries values already in the byte order `little` names; sorted here, as TIFF requires
 */
export function writeIfd(entries: NewEntry[], at: number, little: boolean): Uint8Array {
  const out = new Uint8Array(sizeOf(entries));
  const view = viewOf(out);
  view.setUint16(0, entries.length, little);
  let entryAt = 2;
  let freeAt = 2 + 12 * entries.length + 4;
  for (const entry of [...entries].sort((a, b) => a.tag - b.tag)) {
    const value = 'child' in entry ? writeIfd(entry.child, at + freeAt, little) : entry.value;
    view.setUint16(entryAt, entry.tag, little);
    view.setUint16(entryAt + 2, 'child' in entry ? 4 : entry.type, little);
    view.setUint32(entryAt + 4, 'child' in entry ? 1 : entry.count, little);
    if ('child' in entry || value.length > 4) {
      view.setUint32(entryAt + 8, at + freeAt, little);
      out.set(value, freeAt);
      freeAt += even(value.length);
    } else {
      out.set(value, entryAt + 8);
    }
    entryAt += 12;
  }
  return out;
}
