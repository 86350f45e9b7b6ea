import type { BaselineCodec, BaselinePoint } from '../../api/calls/contract';
import { runBaseline } from '../../image/baselines';
import type { Pixels } from '../../image/baselines';
import { mse, msSsim, psnr } from '../../image/metrics';
import { throwIfCancelled } from '../../jobs/queue';

/** One point of another codec's curve on a photo's bare pixels. */
export async function baselinePoint(
  { width, height, rgb }: Pixels,
  codec: BaselineCodec,
  setting: number,
): Promise<BaselinePoint> {
  const result = await runBaseline({ width, height, rgb }, { codec, quality: setting });
  const decibels = psnr(mse(rgb, result.rgb));
  return {
    codec,
    setting,
    bytes: result.bytes,
    bpp: (8 * result.bytes) / (width * height),
    psnr: Number.isFinite(decibels) ? decibels : null,
    msssim: msSsim(rgb, result.rgb, width, height),
  };
}

/**
 * The setting whose file comes nearest to so many bytes, or so many decibels. Both rise with the
 * setting but for small dips, so halving the range finds it within one step.
 */
export async function matchBaseline(
  pixels: Pixels,
  { codec, by, value }: { codec: BaselineCodec; by: 'bytes' | 'psnr'; value: number },
  signal: AbortSignal,
): Promise<BaselinePoint> {
  const tried = new Map<
    number,
    { found: number; result: Awaited<ReturnType<typeof runBaseline>> }
  >();
  const at = async (quality: number) => {
    throwIfCancelled(signal);
    const result = await runBaseline(pixels, { codec, quality });
    const found = by === 'bytes' ? result.bytes : psnr(mse(pixels.rgb, result.rgb));
    tried.set(quality, { found, result });
    return found;
  };
  let low = 1;
  let high = 100;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((await at(middle)) < value) low = middle + 1;
    else high = middle;
  }
  if (!tried.has(low)) await at(low);
  const distance = (found: number) => Math.abs(found - value);
  const [nearest] = [...tried].sort(([, a], [, b]) => distance(a.found) - distance(b.found));
  const [setting, { result }] = nearest!;
  const decibels = psnr(mse(pixels.rgb, result.rgb));
  return {
    codec,
    setting,
    bytes: result.bytes,
    bpp: (8 * result.bytes) / (pixels.width * pixels.height),
    psnr: Number.isFinite(decibels) ? decibels : null,
    msssim: msSsim(pixels.rgb, result.rgb, pixels.width, pixels.height),
  };
}
