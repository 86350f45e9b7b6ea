import { readFile } from 'node:fs/promises';
import { LaviError } from '../api/errors';
import { pngWithMetadata } from './containers/png';
import type { Metadata } from './containers/bytes';
import { MAX_PIXELS } from './photo';
import { plain, sharp, written } from './sharp';
import { sniffFormat } from './sniff';

/** A picture's samples in their own depth and colour type, not upright and in no other colour space. */
export interface PictureSamples {
  width: number;
  height: number;
  /** 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha. */
  channels: number;
  depth: 8 | 16;
  /** Interleaved. */
  data: Uint8Array | Uint16Array;
  icc?: Uint8Array;
  exif?: Uint8Array;
  xmp?: Uint8Array;
  format: string;
}

const spaces: Record<string, { grey: boolean; depth: 8 | 16 }> = {
  'b-w': { grey: true, depth: 8 },
  grey16: { grey: true, depth: 16 },
  srgb: { grey: false, depth: 8 },
  rgb: { grey: false, depth: 8 },
  rgb16: { grey: false, depth: 16 },
};

/**
 * Reads a PNG, TIFF, WebP, AVIF, GIF or JPEG without changing a sample; palettes become RGB. Orientation stays in the EXIF.
 * @throws LaviError FILE_NOT_FOUND, FILE_UNREADABLE, UNSUPPORTED_IMAGE (CMYK, floats), IMAGE_TOO_LARGE
 */
export async function readSamples(path: string): Promise<PictureSamples> {
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    const isMissing = cause.code === 'ENOENT' || cause.code === 'ENOTDIR';
    const [code, why] = isMissing
      ? (['FILE_NOT_FOUND', 'there is none'] as const)
      : (['FILE_UNREADABLE', cause.code] as const);
    throw new LaviError(code, `Expected a picture file ${path}; ${why}.`, { path }, { cause });
  });
  const format = sniffFormat(bytes);
  try {
    const image = sharp(bytes, { failOn: 'error', limitInputPixels: false, ignoreIcc: true });
    const header = await image.metadata();
    const { width, height } = header;
    if (width * height > MAX_PIXELS) {
      throw new LaviError(
        'IMAGE_TOO_LARGE',
        `Expected at most ${MAX_PIXELS} pixels and found ${width} × ${height}.`,
      );
    }
    const kind = spaces[header.space];
    if (!kind || (header.depth !== 'uchar' && header.depth !== 'ushort')) {
      throw new LaviError(
        'UNSUPPORTED_IMAGE',
        `Expected grey or RGB samples of 8 or 16 bits and found ${header.space} of ${header.depth}.`,
      );
    }
    const wide = kind.depth === 16;
    // libvips drops the alpha of 8-bit grey when it is asked for grey, so that goes by way of RGBA.
    const viaRgba = kind.grey && !wide && header.hasAlpha;
    const { data, info } = await image
      .toColourspace(viaRgba ? 'srgb' : header.space)
      .raw({ depth: wide ? 'ushort' : 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const samples = viaRgba ? greyAlphaOf(data) : plain(data);
    const channels = viaRgba ? 2 : info.channels;
    if ((channels % 2 === 0) !== header.hasAlpha) {
      throw new LaviError(
        'UNSUPPORTED_IMAGE',
        `Expected every channel of ${path} and found ${channels}, alpha ${header.hasAlpha ? 'lost' : 'added'}.`,
      );
    }
    return {
      width: info.width,
      height: info.height,
      channels,
      depth: kind.depth,
      data: wide ? new Uint16Array(samples.slice().buffer) : samples,
      ...(header.icc && { icc: Uint8Array.from(header.icc) }),
      ...(header.exif && { exif: withoutPrefix(header.exif) }),
      ...(header.xmp && { xmp: Uint8Array.from(header.xmp) }),
      format,
    };
  } catch (cause) {
    if (cause instanceof LaviError) throw cause;
    const reason = cause instanceof Error ? cause.message.split('\n')[0]! : String(cause);
    throw new LaviError(
      'FILE_UNREADABLE',
      `Expected a whole ${format} file and found: ${reason}`,
      { path },
      { cause },
    );
  }
}

/** The first and the last channel of RGBA. */
function greyAlphaOf(rgba: Uint8Array): Uint8Array {
  const out = new Uint8Array(rgba.length / 2);
  for (let i = 0; i < out.length; i++) out[i] = rgba[4 * (i >> 1) + 3 * (i & 1)]!;
  return out;
}

/** EXIF from its TIFF header on. */
function withoutPrefix(exif: Uint8Array): Uint8Array {
  const hasPrefix = exif[0] === 0x45 && exif[1] === 0x78 && exif[4] === 0;
  return Uint8Array.from(hasPrefix ? exif.subarray(6) : exif);
}

/** Writes samples as a PNG of their own depth and colour type. */
export async function writeSamplesPng(
  { width, height, channels, depth, data }: Omit<PictureSamples, 'format'>,
  metadata: Metadata,
  effort: 6 | 9 = 6,
): Promise<Uint8Array> {
  const raw = { width, height, channels: channels as 1 | 2 | 3 | 4 };
  const grey = depth === 16 ? 'grey16' : 'b-w';
  const rgb = depth === 16 ? 'rgb16' : 'srgb';
  const png = sharp(data, { raw, limitInputPixels: false })
    .toColourspace(channels < 3 ? grey : rgb)
    .png({ compressionLevel: effort, adaptiveFiltering: true });
  return pngWithMetadata(await written(png), metadata);
}
