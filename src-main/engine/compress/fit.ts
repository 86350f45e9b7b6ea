import { stat } from 'node:fs/promises';
import type { JobArgs, JobResult } from '../../api/jobs/contract';
import { toFailure } from '../../api/channel/answer';
import { LaviError } from '../../api/errors';
import { readPhoto } from '../../image/photo';
import type { ProgressListener } from '../../jobs/progress';
import { steadyProgress } from '../../jobs/progress';
import { throwIfCancelled } from '../../jobs/queue';
import type { RdaModel } from '../../rda/model';
import { searchTotal } from '../../rda/total';
import { SizedPhoto } from '../../rda/whole-file';
import type { CodedPhotos } from '../common/coded-photos';
import { photoKey } from '../common/photo-key';

/** Analyses of so many pixels together stay in memory between passes (7 bytes a pixel). */
const KEPT_PIXELS = 40_000_000;
/** Passes that a search usually takes: for the progress alone. */
const USUAL_PASSES = 3;

/**
 * The quality, one for all, at which the files of a batch together take at most so many bytes: bytes
 * of whole files, as saving writes them. A file that cannot be read counts nothing and says why.
 *
 * @param known what was coded before, and for what saves the files
 * @throws LaviError TARGET_UNREACHABLE, CANCELLED; the first file's error if none can be read
 */
export async function fitTotal(
  model: RdaModel,
  known: CodedPhotos,
  { files, bytes: target, metadata, thumbnail }: JobArgs<'fit'>,
  { signal, onProgress }: { signal: AbortSignal; onProgress: ProgressListener },
): Promise<JobResult<'fit'>> {
  const steady = steadyProgress(onProgress);
  const kept = new Map<string, SizedPhoto>();
  let keptPixels = 0;
  const failures = new Map<string, unknown>();
  const sizes = files.map(() => new Map<number, { bytes: number; kept: boolean }>());
  let pass = 0;

  async function sized(file: string): Promise<SizedPhoto> {
    const found = kept.get(file);
    if (found) return found;
    const photo = await readPhoto(file);
    throwIfCancelled(signal);
    const made = await SizedPhoto.of(model, photo, { metadata, thumbnail });
    const pixels = photo.width * photo.height;
    if (keptPixels + pixels <= KEPT_PIXELS) {
      keptPixels += pixels;
      kept.set(file, made);
    }
    return made;
  }

  async function measure(qualities: number[]): Promise<number[]> {
    const totals = qualities.map(() => 0);
    // Passes beyond the usual ones share what is left of the bar.
    const [from, to] = [pass, pass + 1].map((n) => 1 - 0.5 ** ((2 * n) / USUAL_PASSES));
    pass++;
    for (const [i, { file, anyway }] of files.entries()) {
      if (failures.has(file)) continue;
      try {
        const { size } = await stat(file).catch(() => ({ size: Infinity }));
        const photo = await sized(file);
        const name = await photoKey(file);
        for (const quality of qualities) {
          throwIfCancelled(signal);
          const key = { photo: name, tune: model.tune, quality };
          const coded =
            known.get(key) ?? (await photo.codedAt(quality, () => throwIfCancelled(signal)));
          known.put(key, coded);
          const bytes = photo.bytesOf(coded);
          const grows = !anyway && bytes >= size;
          sizes[i]!.set(quality, { bytes: grows ? size : bytes, kept: grows });
        }
        qualities.forEach((quality, n) => (totals[n]! += sizes[i]!.get(quality)!.bytes));
      } catch (error) {
        throwIfCancelled(signal);
        failures.set(file, error);
      }
      steady(from! + ((to! - from!) * (i + 1)) / files.length);
    }
    if (failures.size === new Set(files.map(({ file }) => file)).size) {
      throw [...failures.values()][0];
    }
    return totals;
  }

  const found = await searchTotal(measure, { last: model.quality.last, target });
  onProgress(1);
  const fitted = files.map(({ file }, i) =>
    failures.has(file)
      ? { file, error: toFailure(failures.get(file)) }
      : { file, ...sizes[i]!.get(found.quality)! },
  );
  return {
    quality: model.quality.toPercent(found.quality),
    lambda: model.quality.lambda(found.quality),
    bytes: fitted.reduce((sum, file) => sum + ('bytes' in file ? file.bytes : 0), 0),
    files: fitted,
  };
}

/**
 * Holds a file to what the search measured, whatever became of its photo meanwhile.
 *
 * @throws LaviError TARGET_UNREACHABLE
 */
export function refuseMore(bytes: number, atMost: number | undefined): void {
  if (atMost === undefined || bytes <= atMost) return;
  throw new LaviError(
    'TARGET_UNREACHABLE',
    `Expected at most ${atMost} bytes, as measured before; the photo has changed and takes ${bytes}.`,
    { nearest: bytes, unit: 'bytes' },
  );
}
