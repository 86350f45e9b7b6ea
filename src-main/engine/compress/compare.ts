import type { ComparePoint, JobResult } from '../../api/jobs/contract';
import type { Tune } from '../../api/choices';
import { tunes } from '../../api/choices';
import { baselineLadders } from '../../api/formats';
import type { BaselineSetting } from '../../image/baselines';
import { runBaseline } from '../../image/baselines';
import { mse, msSsim, psnr } from '../../image/metrics';
import type { Photo } from '../../image/photo';
import type { ProgressListener } from '../../jobs/progress';
import { throwIfCancelled } from '../../jobs/queue';
import type { Codec } from '../../rda/codec';

/** Our qualities and each baseline's own, spread over 0.1 to 2 bits per pixel of a usual photo. */
const ourQualities = [5, 20, 35, 50, 65, 80, 95];
const baselineSettings: BaselineSetting[] = [
  ...baselineLadders.jpeg.map((quality) => ({ codec: 'jpeg' as const, quality })),
  ...baselineLadders.webp.map((quality) => ({ codec: 'webp' as const, quality, effort: 6 })),
  ...baselineLadders.avif.map((quality) => ({ codec: 'avif' as const, quality, effort: 4 })),
];

const ourNames: Record<Tune, string> = { psnr: 'Lavi', 'ms-ssim': 'Lavi MS-SSIM' };
const baselineNames = { jpeg: 'mozjpeg', webp: 'WebP', avif: 'AVIF' };

export interface CompareContext {
  signal: AbortSignal;
  onProgress: ProgressListener;
}

/**
 * Points of the rate-distortion curves of both tunes of Lavi, mozjpeg, WebP (effort 6) and AVIF (effort 4, 4:2:0)
 * on one photo. Every codec gets bare RGB, so that bytes are those of pixels alone; distortion is
 * measured on what each file decodes to; times are of one encode (ours verified) and one decode.
 *
 * @throws LaviError CANCELLED, between two points or two tiles of ours.
 */
export async function compareCodecs(
  codec: Codec,
  photo: Photo,
  { signal, onProgress }: CompareContext,
): Promise<JobResult<'compare'>['points']> {
  const { width, height, rgb } = photo;
  const pixels = { width, height, rgb };
  const count = tunes.length * ourQualities.length + baselineSettings.length;
  const points: ComparePoint[] = [];

  const add = (
    name: string,
    setting: string,
    bytes: number,
    decoded: Uint8Array,
    times: Pick<ComparePoint, 'encMs' | 'decMs'>,
  ) => {
    points.push({
      codec: name,
      setting,
      bytes,
      bpp: (8 * bytes) / (width * height),
      psnr: finiteOrNull(psnr(mse(rgb, decoded))),
      msssim: msSsim(rgb, decoded, width, height),
      ...times,
    });
    onProgress(points.length / count);
  };

  // The first run of a net allocates its memory, as the first run of every program does.
  await codec.compress(pixels, { target: { kind: 'quality', value: 50 }, measure: false, signal });
  for (const tune of tunes) {
    for (const value of ourQualities) {
      const target = { kind: 'quality', value } as const;
      const how = { target, tune, measure: false, signal };
      const { file, seconds } = await codec.compress(pixels, how);
      const began = performance.now();
      const decoded = await codec.decompress(file, { signal });
      const decMs = performance.now() - began;
      add(ourNames[tune], `q ${value}`, file.length, decoded.rgb, { encMs: 1000 * seconds, decMs });
    }
  }
  for (const setting of baselineSettings) {
    throwIfCancelled(signal);
    const { bytes, rgb: decoded, encMs, decMs } = await runBaseline(pixels, setting);
    add(baselineNames[setting.codec], `q ${setting.quality}`, bytes, decoded, { encMs, decMs });
  }
  return points;
}

/** JSON has no infinity: an exact copy's PSNR is null. */
export function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
