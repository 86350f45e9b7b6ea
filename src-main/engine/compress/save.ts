import type { JobArgs, JobResult } from '../../api/jobs/contract';
import { readPhoto } from '../../image/photo';
import { readInput } from '../../jobs/input';
import { writeOutput } from '../../jobs/output';
import { partProgress } from '../../jobs/progress';
import type { ProgressListener } from '../../jobs/progress';
import { throwIfCancelled } from '../../jobs/queue';
import type { Codec } from '../../rda/codec';
import type { CodedPhotos } from '../common/coded-photos';
import { datesOf } from '../common/dates';
import { photoKey } from '../common/photo-key';
import { refuseMore } from './fit';

/**
 * Saves one photo: verified, with the original's dates; never larger than it was, unless `anyway`.
 *
 * @param known what the window has coded already is not coded again
 * @throws LaviError as reading, compressing and writing do, and TARGET_UNREACHABLE where it came to more
 *   than `atMost` bytes; nothing is left behind then.
 */
export async function savePhoto(
  codec: Codec,
  known: CodedPhotos,
  {
    file,
    output,
    copy,
    quality,
    metadata,
    effort,
    tune,
    modified,
    anyway,
    atMost,
  }: JobArgs<'save'>,
  { signal, onProgress }: { signal: AbortSignal; onProgress: ProgressListener },
): Promise<JobResult<'save'>> {
  const dates = await datesOf(file, modified);
  const model = await codec.tuned(tune);
  const key = { photo: await photoKey(file), tune, quality: model.quality.fromPercent(quality) };
  const before = effort === 'default' ? known.get(key) : undefined;
  const photo = await readPhoto(file);
  throwIfCancelled(signal);
  const coded = await codec.compress(photo, {
    target: { kind: 'quality', value: quality },
    ...(before && { coded: before }),
    metadata,
    thumbnail: true,
    effort,
    tune,
    signal,
    onProgress: partProgress(onProgress, 0.02, 0.99),
  });
  if (effort === 'default') known.put(key, coded.coded);
  const originalBytes = photo.source!.bytes;
  const kept = !anyway && coded.file.length >= originalBytes;
  const bytes = kept ? originalBytes : coded.file.length;
  refuseMore(bytes, atMost);
  const target = kept ? copy : output;
  if (target) {
    await writeOutput(target, kept ? await readInput(file) : coded.file, { signal });
    await dates.giveTo(target);
  }
  onProgress(1);
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
