import { LaviError } from '../api/errors';

/** Formats a photo may come in. */
export type SourceFormat = 'jpeg' | 'png' | 'webp' | 'avif' | 'tiff' | 'gif';

const accepted = 'JPEG, PNG, WebP, AVIF, TIFF or GIF';

const ascii = (bytes: Uint8Array, from: number, length: number): string =>
  String.fromCharCode(...bytes.subarray(from, from + length));

const startsWith = (bytes: Uint8Array, ...magic: number[]): boolean =>
  magic.every((value, i) => bytes[i] === value);

/** Formats that people do drop on a photo app, told apart so that the error can name them. */
function nameOfOther(bytes: Uint8Array): string | undefined {
  const head = ascii(bytes, 0, 16);
  if (ascii(bytes, 4, 4) === 'ftyp') {
    const brand = ascii(bytes, 8, 4);
    if (/^(heic|heix|hevc|hevx|heim|heis|mif1|msf1)$/.test(brand)) return 'a HEIC (HEVC) picture';
    return brand.startsWith('crx') ? 'a Canon raw file' : 'a video';
  }
  if (startsWith(bytes, 0xff, 0x0a) || head.startsWith('\0\0\0\x0cJXL ')) return 'JPEG XL';
  if (startsWith(bytes, 0, 0, 0, 0x0c) && head.slice(4, 6) === 'jP') return 'JPEG 2000';
  if (head.startsWith('BM')) return 'a BMP picture';
  if (head.startsWith('8BPS')) return 'a Photoshop document';
  if (head.startsWith('%PDF')) return 'a PDF document';
  if (startsWith(bytes, 0x50, 0x4b, 3, 4)) return 'a ZIP archive';
  if (/^\s*<(\?xml|svg)/.test(head)) return 'an SVG or XML document';
  if (/^LAVI|^\x89LAV/i.test(head)) return 'a .lavi file, which is decompressed instead';
  if (!/[\0-\x08\x0e-\x1f]/.test(ascii(bytes, 0, 64))) return 'text';
  return undefined;
}

/**
 * Tells the format from the first bytes, never from the file's name.
 * @throws LaviError FILE_UNREADABLE for an empty file, UNSUPPORTED_IMAGE for any other content.
 */
export function sniffFormat(bytes: Uint8Array): SourceFormat {
  if (bytes.length === 0) {
    throw new LaviError('FILE_UNREADABLE', 'Expected a photo and found an empty file (0 bytes).');
  }
  if (startsWith(bytes, 0xff, 0xd8, 0xff)) return 'jpeg';
  if (startsWith(bytes, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return 'png';
  if (ascii(bytes, 0, 4) === 'RIFF' && ascii(bytes, 8, 4) === 'WEBP') return 'webp';
  if (/^GIF8[79]a/.test(ascii(bytes, 0, 6))) return 'gif';
  if (startsWith(bytes, 0x49, 0x49, 42, 0) || startsWith(bytes, 0x4d, 0x4d, 0, 42)) return 'tiff';
  if (startsWith(bytes, 0x49, 0x49, 43, 0) || startsWith(bytes, 0x4d, 0x4d, 0, 43)) return 'tiff';
  if (ascii(bytes, 4, 4) === 'ftyp' && hasAvifBrand(bytes)) return 'avif';
  const found = nameOfOther(bytes) ?? `unknown content (it starts with ${hex(bytes)})`;
  throw new LaviError('UNSUPPORTED_IMAGE', `Expected a ${accepted} photo and found ${found}.`);
}

/** The major brand may be `mif1` with `avif` among the compatible brands that follow. */
function hasAvifBrand(bytes: Uint8Array): boolean {
  const size = Math.min(bytes.length, new DataView(bytes.buffer, bytes.byteOffset).getUint32(0));
  for (let at = 8; at + 4 <= size; at += 4) {
    if (/^avi[fs]$/.test(ascii(bytes, at, 4))) return true;
  }
  return false;
}

const hex = (bytes: Uint8Array): string =>
  [...bytes.subarray(0, 4)].map((value) => value.toString(16).padStart(2, '0')).join(' ');
