import { LaviError } from '../api/errors';
import type { Photo } from './photo';
import { checkSides } from './output';
import { plain, sharp, written } from './sharp';

/** One setting of a codec that Lavi is compared with. */
export interface BaselineSetting {
  codec: 'jpeg' | 'webp' | 'avif';
  /** 1…100 on the codec's own scale. */
  quality: number;
  /** WebP 0…6 (default 6), AVIF 0…9 (default 4); JPEG (mozjpeg) has none. */
  effort?: number;
  /** AVIF and JPEG: default 4:2:0. WebP knows 4:2:0 only. */
  chroma?: '4:2:0' | '4:4:4';
  /** What libaom tunes AVIF for (default `psnr`, Lavi's own measure; sharp's default is `iq`, for eyes). */
  tune?: 'psnr' | 'ssim' | 'iq';
}

export interface BaselineResult {
  setting: BaselineSetting;
  /** The whole file: bare pixels, no profile or other metadata. */
  file: Uint8Array;
  bytes: number;
  /** Decoded samples, width × height × 3. */
  rgb: Uint8Array;
  encMs: number;
  decMs: number;
}

/** RGB without anything beside it. */
export type Pixels = Pick<Photo, 'width' | 'height' | 'rgb'>;

const rawOf = ({ width, height }: Pixels) =>
  ({ raw: { width, height, channels: 3 }, limitInputPixels: false }) as const;

/**
 * Encodes with mozjpeg, libwebp or libaom through sharp.
 * @returns the file
 * @throws LaviError IMAGE_TOO_LARGE if the format has no room for the photo's longest side
 */
export async function encodeBaseline(photo: Pixels, setting: BaselineSetting): Promise<Uint8Array> {
  const { codec, quality, effort, chroma = '4:2:0', tune = 'psnr' } = setting;
  checkSides(photo, codec);
  const input = sharp(photo.rgb, rawOf(photo));
  switch (codec) {
    case 'jpeg':
      input.jpeg({ mozjpeg: true, quality, chromaSubsampling: chroma });
      break;
    case 'webp':
      input.webp({ quality, effort: effort ?? 6 });
      break;
    case 'avif':
      input.avif({ quality, effort: effort ?? 4, chromaSubsampling: chroma, tune });
      break;
  }
  return written(input);
}

/** Decodes a file of encodeBaseline to samples. */
export async function decodeBaseline(file: Uint8Array): Promise<Uint8Array> {
  const image = sharp(file, { limitInputPixels: false });
  return plain(await image.raw({ depth: 'uchar' }).toBuffer());
}

/** Encodes, decodes and times both; alpha and metadata take no part. */
export async function runBaseline(
  photo: Pixels,
  setting: BaselineSetting,
): Promise<BaselineResult> {
  const start = performance.now();
  const file = await encodeBaseline(photo, setting);
  const encoded = performance.now();
  const rgb = await decodeBaseline(file);
  const decMs = performance.now() - encoded;
  return { setting, file, bytes: file.length, rgb, encMs: encoded - start, decMs };
}

/**
 * Runs settings one after the other. An encode under way cannot be stopped (sharp has no means to);
 * the signal is obeyed before the next one, and by leaving the loop.
 * @throws LaviError CANCELLED
 */
export async function* runBaselines(
  photo: Pixels,
  settings: Iterable<BaselineSetting>,
  signal?: AbortSignal,
): AsyncGenerator<BaselineResult, void, undefined> {
  for (const setting of settings) {
    if (signal?.aborted) throw new LaviError('CANCELLED', 'The comparison was cancelled.');
    yield await runBaseline(photo, setting);
  }
}
