import { LaviError } from '../api/errors';
import { encodePhoto } from './output';
import type { Photo } from './photo';
import { sniffFormat } from './sniff';
import { sharp, written } from './sharp';
import { halveRgb } from './tile';

/** A thumbnail inside a .lavi file takes at most so many bytes, and a thousandth of a byte for each pixel of the photo. */
const MOST_EMBEDDED = 2000;
const EMBEDDED_PER_PIXEL = 1 / 1000;
const LEAST_EMBEDDED = 100;

/** Longer side and WebP quality, from the best: the first that keeps to the bytes is taken. */
const embeddedSizes = [
  [160, 50],
  [128, 50],
  [96, 50],
  [96, 30],
  [64, 40],
  [48, 30],
  [32, 30],
] as const;

export interface Thumbnail {
  /** Of the photo, upright. */
  width: number;
  height: number;
  /** A WebP, sRGB, that fits into side × side. */
  file: Uint8Array;
}

/**
 * Size and small picture of a photo file; much quicker than reading it, since decoders shrink while
 * they load.
 *
 * @throws LaviError FILE_UNREADABLE, UNSUPPORTED_IMAGE
 */
export async function thumbnail(bytes: Uint8Array, side: number): Promise<Thumbnail> {
  const format = sniffFormat(bytes);
  try {
    const image = sharp(bytes, { failOn: 'error', limitInputPixels: false, autoOrient: true });
    const { autoOrient } = await image.metadata();
    const small = image
      .resize(side, side, { fit: 'inside', withoutEnlargement: true })
      .webp({ quality: 80, effort: 2 });
    return { ...autoOrient, file: await written(small) };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0]! : String(cause);
    throw new LaviError(
      'FILE_UNREADABLE',
      `Expected a whole ${format.toUpperCase()} file and found a damaged one (${reason}).`,
      undefined,
      { cause },
    );
  }
}

/** A WebP (sRGB) to show a photo in lists before it is decoded; undefined of photos so small that it would not pay. */
export async function embeddedThumbnail(photo: Photo): Promise<Uint8Array | undefined> {
  const most = Math.min(MOST_EMBEDDED, Math.floor(photo.width * photo.height * EMBEDDED_PER_PIXEL));
  if (most < LEAST_EMBEDDED) return undefined;
  const png = await smallPng(photo, embeddedSizes[0][0]);
  for (const [side, quality] of embeddedSizes) {
    const small = sharp(png)
      .resize(side, side, { fit: 'inside', withoutEnlargement: true })
      .webp({ quality, effort: 6, smartSubsample: true });
    const file = await written(small);
    if (file.length <= most) return file;
  }
  return undefined;
}

/** A PNG of a photo's pixels, between twice and four times as long as `side` unless the photo is smaller. */
export async function smallPng(photo: Photo, side: number): Promise<Uint8Array> {
  let picture: Pick<Photo, 'width' | 'height' | 'rgb'> = photo;
  // Large steps first: what is encoded on the way is small.
  while (Math.max(picture.width, picture.height) >= 4 * side) picture = halveRgb(picture);
  const { width, height, rgb } = picture;
  return encodePhoto({ width, height, rgb, ...(photo.icc && { icc: photo.icc }) }, 'png');
}
