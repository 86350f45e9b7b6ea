/** What may travel beside the pixels of a file. */
export interface Metadata {
  icc?: Uint8Array;
  /** From the TIFF header on. */
  exif?: Uint8Array;
  xmp?: Uint8Array;
}

export const ascii = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** A big-endian unsigned number of `size` bytes. */
export function be(value: number, size: 1 | 2 | 4): Uint8Array {
  const out = new Uint8Array(size);
  for (let i = 0; i < size; i++) out[i] = (value >>> (8 * (size - 1 - i))) & 255;
  return out;
}

/** A little-endian unsigned number of `size` bytes. */
export const le = (value: number, size: 2 | 3 | 4): Uint8Array =>
  Uint8Array.from({ length: size }, (_, i) => (value >>> (8 * i)) & 255);

export const fourCc = (bytes: Uint8Array, at: number): string =>
  String.fromCharCode(...bytes.subarray(at, at + 4));
