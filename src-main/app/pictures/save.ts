import { stat, utimes } from 'node:fs/promises';
import type { JobArgs, JobResult } from '../../api/contract';
import { readPhoto } from '../../image/photo';
import { readInput } from '../../jobs/input';
import { writeOutput } from '../../jobs/output';
import { partProgress } from '../../jobs/progress';
import type { ProgressListener } from '../../jobs/progress';
import { throwIfCancelled } from '../../jobs/queue';
import type { Codec } from '../../rda/codec';

/**
 * Saves one photo: verified, never larger than it was, with the original's dates.
 *
 * @throws LaviError as reading, compressing and writing do; nothing is left behind then.
 */
export async function savePhoto(
  codec: Codec,
  { file, output, copy, quality, metadata, modified }: JobArgs<'save'>,
  { signal, onProgress }: { signal: AbortSignal; onProgress: ProgressListener },
): Promise<JobResult<'save'>> {
  const dates = await stat(file).catch(() => undefined);
  const photo = await readPhoto(file);
  throwIfCancelled(signal);
  const coded = await codec.compress(photo, {
    target: { kind: 'quality', value: quality },
    metadata,
    signal,
    onProgress: partProgress(onProgress, 0.02, 0.99),
  });
  const originalBytes = photo.source!.bytes;
  const kept = coded.file.length >= originalBytes;
  const target = kept ? copy : output;
  if (target) {
    await writeOutput(target, kept ? await readInput(file) : coded.file, { signal });
    const date = modified === undefined ? dates?.mtime : new Date(modified);
    // A file system without dates is no reason to call a saved file failed.
    if (date) await utimes(target, dates?.atime ?? date, date).catch(() => {});
  }
  onProgress(1);
  const bytes = kept ? originalBytes : coded.file.length;
  return {
    output: target ?? file,
    kept,
    bytes,
    originalBytes,
    quality: coded.quality,
    bpp: coded.bpp,
    modelBits: coded.modelBits,
    psnr: Number.isFinite(coded.psnr) ? coded.psnr : null,
    seconds: coded.seconds,
  };
}
