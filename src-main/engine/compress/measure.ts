import type { Measure } from '../../api/calls/contract';
import { mse, msSsim, psnr } from '../../image/metrics';
import type { Checkpoint } from '../../rda/transforms';
import type { CodedPhoto, SideData } from '../../rda/whole-file';
import { codePhoto, wholeFile } from '../../rda/whole-file';
import type { DecodedPhoto } from '../common/decoded';

/** Shares of the time that the stages take: analysis, entropy coding, synthesis; metrics are the rest. */
const ANALYSED = 0.5;
const CODED = 0.7;
const SYNTHESISED = 0.92;

type MeasuredPhoto = CodedPhoto & Required<Pick<CodedPhoto, 'psnr' | 'msssim'>>;

/**
 * Codes a photo whole, in memory, as saving it would, and measures what it decodes to.
 *
 * @param extras what goes into the file beside the symbols; nothing where only the picture counts
 * @returns the numbers, and what the photo was coded to, with what was measured of it
 */
export async function measure(
  decoded: DecodedPhoto,
  extras: SideData,
  check: Checkpoint,
): Promise<{ numbers: Measure; coded: MeasuredPhoto }> {
  const { analysed, quality } = decoded;
  const { model, picture } = analysed;
  const coded = await measured(decoded, check);
  const file = wholeFile(model, picture, coded, extras);
  const gains = model.quality.gains(quality);
  const meanLogGain = gains.reduce((sum, gain) => sum + Math.log(gain), 0) / gains.length;
  const numbers = {
    quality: model.quality.toPercent(quality),
    bytes: file.length,
    bpp: (8 * file.length) / (picture.width * picture.height),
    psnr: Number.isFinite(coded.psnr) ? coded.psnr : null,
    msssim: coded.msssim,
    headerBytes: file.length - coded.tiles.reduce((sum, { stream }) => sum + stream.length, 0),
    hyperBits: coded.bits.hyper,
    latentBits: coded.bits.latents,
    modelBits: coded.bits.hyper + coded.bits.latents,
    lambda: model.quality.lambda(quality),
    // Latents are of pixels in 0…1.
    step: 255 / Math.exp(meanLogGain),
  };
  return { numbers, coded };
}

/** A photo coded, with the distortion of what it decodes to: as far as both are not known yet. */
async function measured(decoded: DecodedPhoto, check: Checkpoint): Promise<MeasuredPhoto> {
  const { analysed, known } = decoded;
  const { model, picture } = analysed;
  const { psnr: decibels, msssim } = known ?? {};
  if (known && decibels !== undefined && msssim !== undefined) {
    return { ...known, psnr: decibels, msssim };
  }
  const part = (from: number, to: number) => (fraction: number) =>
    check(from + fraction * (to - from));
  if (!known) await analysed.ready(part(0, ANALYSED));
  const coded = known ?? codePhoto(model, await decoded.coded(part(ANALYSED, CODED)));
  const { rgb } = await decoded.whole(part(CODED, SYNTHESISED));
  check(SYNTHESISED);
  return {
    ...coded,
    psnr: psnr(mse(picture.rgb, rgb)),
    msssim: msSsim(picture.rgb, rgb, picture.width, picture.height),
  };
}
