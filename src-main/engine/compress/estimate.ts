import type { JobArgs, JobResult } from '../../api/jobs/contract';
import { readPhoto } from '../../image/photo';
import type { Codec } from '../../rda/codec';
import type { Checkpoint } from '../../rda/transforms';
import { sideData, SizedPhoto } from '../../rda/whole-file';
import { sheetOf } from '../common/patches';

/** Patches of this size stand for a photo: an eighth of what its curve is measured on. */
const PATCH = 256;
const qualities = [0, 25, 50, 75, 100];

/**
 * About how large a photo's file would be, from eight patches of it: for a batch's total, before any
 * of it is coded.
 *
 * @returns points over the whole range of qualities and, where `timed`, how long a megapixel takes to
 *   be saved (coded, verified, measured), timed on the patches
 */
export async function estimateSizes(
  codec: Codec,
  { file, metadata, timed, tune }: JobArgs<'estimate'>,
  check: Checkpoint,
): Promise<JobResult<'estimate'>> {
  const model = await codec.tuned(tune);
  const photo = await readPhoto(file);
  const { picture, windows } = sheetOf(photo, PATCH);
  const { width, height, rgb } = picture;
  const patches = { width, height, rgb };
  const pixels = photo.width * photo.height;
  const share = pixels / (width * height);
  const extras = Object.values(await sideData(photo, { metadata, thumbnail: true }));
  const extraBytes = extras.reduce((sum, bytes) => sum + bytes.length, 0);
  const bare = { metadata: false, thumbnail: false };
  const sized = await SizedPhoto.of(model, patches, bare, windows);
  const points: JobResult<'estimate'>['points'] = [];
  for (const quality of qualities) {
    const bytes = sized.bytesOf(await sized.codedAt(model.quality.fromPercent(quality), check));
    points.push({ quality, bytes: Math.round(bytes * share) + extraBytes });
  }
  const answer = { width: photo.width, height: photo.height, points };
  if (!timed) return answer;
  const began = performance.now();
  await codec.compress(patches, {
    target: { kind: 'quality', value: 50 },
    tune,
    onProgress: check,
  });
  const seconds = (performance.now() - began) / 1000;
  return { ...answer, secondsPerMegapixel: seconds / ((width * height) / 1e6) };
}
