import { stat } from 'node:fs/promises';
import type { JobArgs, JobResult } from '../../api/jobs/contract';
import type { Drawn } from '../../colorize/colorizer';
import { markedColours } from '../../colorize/note';
import { render } from '../../colorize/render';
import { refuseExisting, writeOutput } from '../../jobs/output';
import type { ProgressListener } from '../../jobs/progress';
import { partProgress } from '../../jobs/progress';
import { throwIfCancelled } from '../../jobs/queue';
import type { Codec } from '../../rda/codec';
import { datesOf } from '../common/dates';
import type { ColouredPhoto } from './colored';
import { colouredFile } from './file';

/**
 * Writes a colouring at the photo's own size, its lightness untouched, with the original's dates.
 *
 * @throws LaviError as sampling, encoding and writing do; nothing is left behind then.
 */
export async function saveColours(
  { opened, scene }: ColouredPhoto,
  { labels, chroma }: Drawn,
  codec: () => Promise<Codec>,
  {
    file,
    output,
    colours,
    format,
    formatQuality,
    quality,
    metadata,
    modified,
  }: JobArgs<'colourSave'>,
  { signal, onProgress }: { signal: AbortSignal; onProgress: ProgressListener },
): Promise<JobResult<'colourSave'>> {
  const began = performance.now();
  await refuseExisting(output, false);
  const dates = await datesOf(file, modified);
  const rendered = await render(opened.photo, scene.frame, labels, chroma, {
    ...{ vivid: colours.vivid, signal },
    onProgress: partProgress(onProgress, 0.2, format ? 0.9 : 0.4),
  });
  const photo = markedColours(rendered, { metadata, note: colours.note });
  throwIfCancelled(signal);
  const bytes = await colouredFile(photo, codec, {
    ...{ format: format ?? 'lavi', formatQuality, quality, signal },
    onProgress: partProgress(onProgress, 0.4, 0.95),
  });
  await writeOutput(output, bytes, { signal });
  await dates.giveTo(output);
  onProgress(1);
  const seconds = (performance.now() - began) / 1000;
  const { size } = await stat(file);
  return { output, bytes: bytes.length, originalBytes: size, seconds };
}
