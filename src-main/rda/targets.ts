import { mse, psnr } from '../image/metrics';
import { type AnalysedPicture, type CodedPicture, reconstruct } from './analysed';
import { search } from './rate-control';
import type { Checkpoint } from './transforms';

/** What the size or the picture should be; exactly one. */
export type RateTarget =
  | { kind: 'quality'; value: number }
  | { kind: 'bpp'; value: number }
  | { kind: 'bytes'; value: number }
  | { kind: 'psnr'; value: number };

/** Bytes may miss their target by 1 %, PSNR by 0.05 dB; half of each is aimed at. */
const BYTES_SHARE = 0.01;
const DECIBELS = 0.05;

/**
 * The symbols of a photo at the quality that meets a target, measured on whole files or decoded pixels.
 * `bytes` is never exceeded. `spent` is told the milliseconds that went into measuring PSNR.
 * Error: TARGET_UNREACHABLE.
 */
export async function meetTarget(
  analysed: AnalysedPicture,
  target: RateTarget,
  write: (coded: CodedPicture) => Uint8Array,
  check: Checkpoint,
  spent: (ms: number) => void,
): Promise<CodedPicture> {
  const { quality: scale } = analysed.model;
  const last = scale.last;
  if (target.kind === 'quality') return analysed.quantise(scale.fromPercent(target.value), check);
  const { width, height } = analysed.picture;
  let kept: CodedPicture | undefined;
  const coded = async (quality: number) =>
    kept?.quality === quality ? kept : (kept = await analysed.quantise(quality, check));
  if (target.kind === 'psnr') {
    const decibels = async (quality: number) => {
      const symbols = await coded(quality);
      const began = performance.now();
      const size = { width, height };
      const picture = await reconstruct(analysed.model, symbols, analysed.grid, size, check);
      const value = psnr(mse(analysed.picture.rgb, picture.rgb));
      spent(performance.now() - began);
      return value;
    };
    const goal = { last, target: target.value, below: DECIBELS, above: DECIBELS, unit: 'dB' };
    return coded((await search(decibels, goal)).quality);
  }
  const bytes = target.kind === 'bytes' ? target.value : (target.value * width * height) / 8;
  const size = async (quality: number) => write(await coded(quality)).length;
  const above = target.kind === 'bytes' ? 0 : bytes * BYTES_SHARE;
  const goal = { last, target: bytes, below: bytes * BYTES_SHARE, above, unit: 'bytes' };
  return coded((await search(size, goal)).quality);
}
