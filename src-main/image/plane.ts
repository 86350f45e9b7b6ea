import { LaviError } from '../api/errors';
import { plain, sharp, written } from './sharp';

/**
 * Packs one plane of 8-bit samples, such as a photo's alpha, without loss: as a grey PNG.
 * @param plane width × height samples
 */
export async function encodePlane(
  plane: Uint8Array,
  width: number,
  height: number,
): Promise<Uint8Array> {
  const input = { raw: { width, height, channels: 1 }, limitInputPixels: false } as const;
  const png = { adaptiveFiltering: true, compressionLevel: 9 };
  return written(sharp(plane, input).toColourspace('b-w').png(png));
}

/**
 * Unpacks encodePlane's result.
 * @throws LaviError CORRUPT if the data is damaged or of another size
 */
export async function decodePlane(
  packed: Uint8Array,
  width: number,
  height: number,
): Promise<Uint8Array> {
  const wrong = (found: string, cause?: unknown): LaviError =>
    new LaviError(
      'CORRUPT',
      `Expected a plane of ${width} × ${height} and found ${found}.`,
      {},
      { cause },
    );
  try {
    const image = sharp(packed, { failOn: 'error', limitInputPixels: false });
    const header = await image.metadata();
    // Checked before decoding: damaged data may claim any size.
    if (header.width !== width || header.height !== height || header.format !== 'png') {
      throw wrong(`${header.format} of ${header.width} × ${header.height}`);
    }
    return plain(
      await image.toColourspace('b-w').extractChannel(0).raw({ depth: 'uchar' }).toBuffer(),
    );
  } catch (cause) {
    if (cause instanceof LaviError) throw cause;
    throw wrong('damaged data', cause);
  }
}
