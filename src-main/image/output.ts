import type { Sharp } from 'sharp';
import { LaviError } from '../api/errors';
import { avifWithMetadata } from './containers/avif';
import { jpegWithMetadata } from './containers/jpeg';
import { pngWithMetadata } from './containers/png';
import { writeTiff } from './containers/tiff';
import { webpWithMetadata } from './containers/webp';
import type { Photo } from './photo';
import { sharp, written } from './sharp';

/** Formats a photo can be written in. PNG and TIFF are lossless. */
export type PhotoFormat = 'png' | 'jpeg' | 'webp' | 'avif' | 'tiff';

export interface EncodeOptions {
  /** 1…100, for JPEG, WebP and AVIF. */
  quality?: number;
}

/** High enough that what was decoded is not visibly degraded a second time. */
const defaultQuality = { jpeg: 95, webp: 95, avif: 85 } as const;

/** The longest side, in pixels, that each format's header can express or its encoder takes. */
const maxSide = { png: 2 ** 31 - 1, jpeg: 65_500, webp: 16_383, avif: 16_384, tiff: 2 ** 31 - 1 };

const extensions: Record<string, PhotoFormat> = {
  png: 'png',
  jpg: 'jpeg',
  jpeg: 'jpeg',
  webp: 'webp',
  avif: 'avif',
  tif: 'tiff',
  tiff: 'tiff',
};

/** The format a file name asks for, or undefined if its extension is none of ours. */
export const formatOfPath = (path: string): PhotoFormat | undefined =>
  extensions[/\.([^./\\]+)$/.exec(path)?.[1]?.toLowerCase() ?? ''];

/**
 * Encodes a photo. Pixel values are never converted: sharp is given bare samples and writes bare
 * files, and the profile, EXIF and XMP are put into the container here, byte for byte (sharp itself
 * attaches a profile only by converting to it, and rewrites EXIF). All five formats keep all three,
 * but that a JPEG holds no EXIF or XMP over 64 KB. Alpha is kept but in JPEG, where the photo is laid on white.
 * @returns the whole file
 * @throws LaviError IMAGE_TOO_LARGE if the format has no room for the photo's longest side
 */
export async function encodePhoto(
  photo: Photo,
  format: PhotoFormat,
  options: EncodeOptions = {},
): Promise<Uint8Array> {
  checkSides(photo, format);
  const { icc, exif, xmp } = photo;
  const meta = { icc, exif, xmp };
  switch (format) {
    case 'png': {
      // Row filters chosen by row: photos hardly shrink without them.
      const png = bare(photo).png({ adaptiveFiltering: true, compressionLevel: 6 });
      return pngWithMetadata(await written(png), meta);
    }
    case 'jpeg': {
      const quality = options.quality ?? defaultQuality.jpeg;
      const opaque = photo.alpha ? onWhite(photo, photo.alpha) : photo;
      const jpeg = bare(opaque).jpeg({ quality, chromaSubsampling: '4:4:4' });
      return jpegWithMetadata(await written(jpeg), meta);
    }
    case 'webp': {
      const quality = options.quality ?? defaultQuality.webp;
      return webpWithMetadata(await written(bare(photo).webp({ quality })), meta, photo);
    }
    case 'avif': {
      const quality = options.quality ?? defaultQuality.avif;
      const avif = bare(photo).avif({ quality, chromaSubsampling: '4:4:4', effort: 4 });
      return avifWithMetadata(await written(avif), meta);
    }
    case 'tiff':
      return writeTiff(photo, meta);
  }
}

/**
 * Checks that a format has room for a photo's sides.
 * @throws LaviError IMAGE_TOO_LARGE, `detail` has expected and found in pixels
 */
export function checkSides(
  { width, height }: Pick<Photo, 'width' | 'height'>,
  format: PhotoFormat,
) {
  const longest = Math.max(width, height);
  if (longest <= maxSide[format]) return;
  throw new LaviError(
    'IMAGE_TOO_LARGE',
    `Expected sides of at most ${maxSide[format]} pixels, the limit of ${format.toUpperCase()}, ` +
      `and found ${width} × ${height}.`,
    { expected: maxSide[format], found: longest },
  );
}

/** The samples alone, as sharp's input. */
function bare({ width, height, rgb, alpha }: Photo): Sharp {
  const image = sharp(rgb, { raw: { width, height, channels: 3 }, limitInputPixels: false });
  if (!alpha) return image;
  return image.joinChannel(Buffer.from(alpha.buffer, alpha.byteOffset, alpha.length), {
    raw: { width, height, channels: 1 },
    limitInputPixels: false,
  });
}

/** sharp flattens before it joins channels, so this cannot be left to it. */
function onWhite({ width, height, rgb }: Photo, alpha: Uint8Array): Photo {
  const laid = new Uint8Array(rgb.length);
  for (let i = 0; i < laid.length; i++) {
    const a = alpha[Math.floor(i / 3)]!;
    laid[i] = Math.round((rgb[i]! * a + 255 * (255 - a)) / 255);
  }
  return { width, height, rgb: laid };
}
