import type { JobArgs, JobResult } from '../../api/jobs/contract';
import { encodePhoto } from '../../image/output';
import { readPhoto } from '../../image/photo';
import { readInput } from '../../jobs/input';
import { refuseExisting, writeOutput } from '../../jobs/output';
import { partProgress } from '../../jobs/progress';
import type { ProgressListener } from '../../jobs/progress';
import { throwIfCancelled } from '../../jobs/queue';
import type { Codec } from '../../rda/codec';
import { datesOf } from '../common/dates';

/**
 * Writes a photo, or what a .lavi file decodes to, in another format, with its profile, its metadata
 * (unless that is to be left out) and its dates.
 *
 * @throws LaviError as reading, decoding, encoding and writing do; nothing is left behind then.
 */
export async function exportPhoto(
  codec: () => Promise<Codec>,
  { file, output, format, formatQuality, metadata, modified }: JobArgs<'export'>,
  { signal, onProgress }: { signal: AbortSignal; onProgress: ProgressListener },
): Promise<JobResult<'export'>> {
  await refuseExisting(output, false);
  const dates = await datesOf(file, modified);
  const began = performance.now();
  const original = await readInput(file);
  const isLavi = file.toLowerCase().endsWith('.lavi');
  const photo = isLavi
    ? await (
        await codec()
      ).decompress(original, { signal, onProgress: partProgress(onProgress, 0, 0.7) })
    : await readPhoto(file);
  throwIfCancelled(signal);
  const { exif, xmp, ...bare } = photo;
  const kept = { ...bare, ...(metadata && exif && { exif }), ...(metadata && xmp && { xmp }) };
  const quality = formatQuality === undefined ? {} : { quality: formatQuality };
  const bytes = await encodePhoto(kept, format, quality);
  await writeOutput(output, bytes, { signal });
  await dates.giveTo(output);
  onProgress(1);
  const seconds = (performance.now() - began) / 1000;
  return { output, bytes: bytes.length, originalBytes: original.length, seconds };
}
