import { LaviError } from '../api/errors';
import { sniffFormat } from './sniff';
import { sharp, written } from './sharp';

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
