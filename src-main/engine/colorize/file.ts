import type { ColourFormat } from '../../api/calls/contract';
import { encodePhoto } from '../../image/output';
import type { Photo } from '../../image/photo';
import type { ProgressListener } from '../../jobs/progress';
import type { Codec } from '../../rda/codec';

export interface ColouredFileOptions {
  format: ColourFormat;
  /** 1…100, of JPEG, WebP and AVIF in their own terms. */
  formatQuality?: number | undefined;
  /** 0…100, of a .lavi file. */
  quality: number;
  signal: AbortSignal;
  onProgress: ProgressListener;
}

/**
 * The whole file of a coloured photo, with all the metadata that the photo still has. A .lavi file is
 * coded after colouring, so its lightness is the codec's at that quality; all others keep it as they can.
 *
 * @throws LaviError as encoding and the codec do
 */
export async function colouredFile(
  photo: Photo,
  codec: () => Promise<Codec>,
  { format, formatQuality, quality, signal, onProgress }: ColouredFileOptions,
): Promise<Uint8Array> {
  if (format !== 'lavi') {
    return encodePhoto(
      photo,
      format,
      formatQuality === undefined ? {} : { quality: formatQuality },
    );
  }
  const { file } = await (
    await codec()
  ).compress(photo, {
    target: { kind: 'quality', value: quality },
    // Nobody is told the picture's PSNR.
    ...{ metadata: true, measure: false, signal, onProgress },
  });
  return file;
}
