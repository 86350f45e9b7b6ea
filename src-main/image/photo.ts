import { open } from 'node:fs/promises';
import type { Metadata, SharpOptions } from 'sharp';
import { LaviError } from '../api/errors';
import { uprightExif, uprightXmp } from './exif';
import { iccColorSpace, isPlainSrgb } from './icc';
import { plain, sharp } from './sharp';
import { sniffFormat } from './sniff';
import type { SourceFormat } from './sniff';
import { exifOfTiff } from './tiff-exif';

/** A photo in memory: 8-bit RGB in its own profile's space, orientation applied. */
export interface Photo {
  width: number;
  height: number;
  /** Interleaved, width × height × 3. It may be part of a larger buffer. */
  rgb: Uint8Array;
  /** width × height, 255 = opaque; present only if some pixel is not opaque. */
  alpha?: Uint8Array;
  /** The ICC profile of `rgb`, bit for bit; absent means sRGB. */
  icc?: Uint8Array;
  /** EXIF from its TIFF header on (no `Exif\0\0` prefix), orientation reset to 1. */
  exif?: Uint8Array;
  /** The XMP packet, `tiff:Orientation` reset to 1. */
  xmp?: Uint8Array;
  /** What the photo was read from: format, bits a sample, file size in bytes. */
  source?: { format: string; depth: number; bytes: number };
}

/** 100 · 2²⁰ pixels, so that cameras of the "100 MP" class (11,656 × 8,742) are within the limit. */
export const MAX_PIXELS = 100 * 2 ** 20;
/** Larger files than this are no photos of MAX_PIXELS, not even 16-bit RGBA without compression. */
export const MAX_FILE_BYTES = 2 ** 30;

/**
 * Files cut short or with damaged data are refused: half a photo compressed without a word would be
 * a loss nobody notices. Mere warnings (odd bytes between JPEG markers, say) are let pass, as
 * every viewer does. The size is checked by decodePhoto, from the header, with a clearer error.
 */
const readOptions: SharpOptions = { failOn: 'error', limitInputPixels: false };

/**
 * Reads a photo file; see decodePhoto.
 * @throws LaviError FILE_NOT_FOUND, FILE_UNREADABLE (folder, no permission, empty, damaged),
 * UNSUPPORTED_IMAGE, IMAGE_TOO_LARGE
 */
export async function readPhoto(path: string): Promise<Photo> {
  return decodePhoto(await readWhole(path));
}

async function readWhole(path: string): Promise<Uint8Array> {
  try {
    const file = await open(path, 'r');
    try {
      const stat = await file.stat();
      if (!stat.isFile()) {
        const kind = stat.isDirectory() ? 'a folder' : 'something that is no plain file';
        throw new LaviError('FILE_UNREADABLE', `Expected a photo file and found ${kind}: ${path}`);
      }
      if (stat.size > MAX_FILE_BYTES) {
        throw new LaviError(
          'IMAGE_TOO_LARGE',
          `Expected a file of at most ${MAX_FILE_BYTES} bytes and found ${stat.size}: ${path}`,
          { expected: MAX_FILE_BYTES, found: stat.size },
        );
      }
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof LaviError) throw cause;
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new LaviError('FILE_NOT_FOUND', `There is no file ${path}.`, { path }, { cause });
    }
    const reason = code === 'EACCES' ? 'no permission' : String(code ?? cause);
    throw new LaviError(
      'FILE_UNREADABLE',
      `${path} cannot be read: ${reason}.`,
      { path },
      { cause },
    );
  }
}

/**
 * Decodes a photo: JPEG, PNG, WebP, AVIF, TIFF or GIF, of animations the first frame, of TIFFs the
 * first page. Orientation is applied. RGB keeps its values and its profile (a plain sRGB profile is
 * left out: see isPlainSrgb); CMYK, Lab and grey with a profile become sRGB through their profile,
 * plain grey becomes R = G = B. 16-bit samples keep their upper 8 bits.
 * @throws LaviError FILE_UNREADABLE, UNSUPPORTED_IMAGE, IMAGE_TOO_LARGE (`detail` has expected and
 * found, in pixels)
 */
export async function decodePhoto(bytes: Uint8Array): Promise<Photo> {
  const format = sniffFormat(bytes);
  const header = await sharp(bytes, readOptions)
    .metadata()
    .catch((cause: unknown) => damaged(format, bytes, cause));
  checkHeader(format, header);
  const tiffExif = format === 'tiff' ? exifOfTiff(bytes) : undefined;
  const { data, info } = await pixels(bytes, header).catch((cause: unknown) =>
    damaged(format, bytes, cause),
  );
  const exif = tiffExif ?? (header.exif && uprightExif(header.exif));
  const icc = keptProfile(header);
  return {
    width: info.width,
    height: info.height,
    ...splitAlpha(plain(data), info.channels),
    ...(icc && { icc }),
    ...(exif && { exif }),
    ...(header.xmp?.length && { xmp: uprightXmp(header.xmp) }),
    source: { format, depth: depthOf(header), bytes: bytes.length },
  };
}

function damaged(format: SourceFormat, bytes: Uint8Array, cause: unknown): never {
  const reason = cause instanceof Error ? cause.message.split('\n')[0]! : String(cause);
  throw new LaviError(
    'FILE_UNREADABLE',
    `Expected a whole ${format.toUpperCase()} file and found a damaged one, or one cut short ` +
      `(${bytes.length} bytes; ${reason}).`,
    { format, bytes: bytes.length },
    { cause },
  );
}

function checkHeader(format: SourceFormat, { width, height, compression }: Metadata): void {
  if (width * height > MAX_PIXELS) {
    throw new LaviError(
      'IMAGE_TOO_LARGE',
      `Expected a photo of at most ${MAX_PIXELS} pixels and found ${width} × ${height} = ` +
        `${width * height}.`,
      { expected: MAX_PIXELS, found: width * height, width, height },
    );
  }
  if (format === 'avif' && compression !== 'av1') {
    throw new LaviError(
      'UNSUPPORTED_IMAGE',
      `Expected an AVIF photo coded as AV1 and found ${compression ?? 'unknown'} coding.`,
    );
  }
}

const isRgb = ({ space }: Metadata): boolean => /^(s?rgb|rgb16|scrgb)$/.test(space);

/** The profile that stays with the pixels: an RGB profile of RGB pixels, unless plain sRGB. */
function keptProfile(header: Metadata): Uint8Array | undefined {
  if (!header.icc || !isRgb(header) || iccColorSpace(header.icc) !== 'RGB ') return undefined;
  return isPlainSrgb(header.icc) ? undefined : Uint8Array.from(header.icc);
}

/** Upright 8-bit RGB or RGBA. */
async function pixels(bytes: Uint8Array, header: Metadata) {
  const profileSpace = header.icc && iccColorSpace(header.icc);
  const isGrey = header.space === 'b-w' || header.space === 'grey16';
  // sharp converts every profile to sRGB unless told to ignore it: wanted for CMYK and Lab, and for
  // grey with a grey profile only.
  const ignoreIcc = isRgb(header) || (isGrey && profileSpace !== 'GRAY');
  let input = bytes;
  if (header.space === 'grey16' && !ignoreIcc) {
    // sharp skips the profile of 16-bit grey, so go by upright 8-bit grey that carries it.
    input = await sharp(bytes, { ...readOptions, autoOrient: true })
      .toColourspace('b-w')
      .keepIccProfile()
      .png({ compressionLevel: 1 })
      .toBuffer();
  }
  return sharp(input, { ...readOptions, ignoreIcc, autoOrient: true })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
}

const depths: Record<string, number> = { uchar: 8, char: 8, ushort: 16, short: 16 };

const depthOf = (header: Metadata): number =>
  header.bitsPerSample ?? depths[header.depth as string] ?? 32;

/** Takes RGBA apart in place, so that no second copy of a large photo is ever in memory. */
function splitAlpha(data: Uint8Array, channels: number): Pick<Photo, 'rgb' | 'alpha'> {
  if (channels === 3) return { rgb: data };
  const count = data.length / 4;
  const alpha = new Uint8Array(count);
  let opaque = 255;
  for (let i = 0; i < count; i++) {
    alpha[i] = data[4 * i + 3]!;
    opaque &= data[4 * i + 3]!;
    data[3 * i] = data[4 * i]!;
    data[3 * i + 1] = data[4 * i + 1]!;
    data[3 * i + 2] = data[4 * i + 2]!;
  }
  const rgb = data.subarray(0, 3 * count);
  return opaque === 255 ? { rgb } : { rgb, alpha };
}
