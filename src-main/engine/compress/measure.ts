import type { Measure } from '../../api/calls/contract';
import { mse, msSsim, psnr } from '../../image/metrics';
import type { Photo } from '../../image/photo';
import { codeTiles } from '../../rda/analysed';
import { contentBits } from '../../rda/bits';
import { writePhotoFile } from '../../rda/file';
import type { Checkpoint } from '../../rda/transforms';
import { sideData } from '../../rda/whole-file';
import type { DecodedPhoto } from '../common/decoded';

/**
 * Codes a photo whole, in memory, as saving it would, and measures what it decodes to.
 *
 * @param photo whose profile, alpha and (where `metadata` is set) EXIF and XMP go into the file; bare
 *   pixels when left out
 */
export async function measure(
  decoded: DecodedPhoto,
  photo: Photo | undefined,
  metadata: boolean,
  check: Checkpoint,
): Promise<Measure> {
  const { analysed, quality } = decoded;
  const { model, picture } = analysed;
  const { width, height } = picture;
  const whole = await decoded.whole((fraction) => check(0.9 * fraction));
  const coded = await decoded.coded();
  const tiles = codeTiles(model, coded);
  const header = { width, height, model: model.id.slice(0, 8), quality };
  const file = writePhotoFile({ header, tiles, ...(photo && (await sideData(photo, metadata))) });
  check(0.95);
  const bits = contentBits(model, coded.tiles);
  const error = psnr(mse(picture.rgb, whole.rgb));
  const gains = model.quality.gains(quality);
  const meanLogGain = gains.reduce((sum, gain) => sum + Math.log(gain), 0) / gains.length;
  return {
    quality: model.quality.toPercent(quality),
    bytes: file.length,
    bpp: (8 * file.length) / (width * height),
    psnr: Number.isFinite(error) ? error : null,
    msssim: msSsim(picture.rgb, whole.rgb, width, height),
    headerBytes: file.length - tiles.reduce((sum, { stream }) => sum + stream.length, 0),
    hyperBits: bits.hyper,
    latentBits: bits.latents,
    modelBits: bits.hyper + bits.latents,
    lambda: model.quality.lambda(quality),
    // Latents are of pixels in 0…1.
    step: 255 / Math.exp(meanLogGain),
  };
}
