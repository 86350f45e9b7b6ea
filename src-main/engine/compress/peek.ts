import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobResult } from '../../api/jobs/contract';
import { encodePhoto } from '../../image/output';
import type { Photo } from '../../image/photo';
import { thumbnail } from '../../image/thumbnail';
import { halveRgb } from '../../image/tile';
import { readInput } from '../../jobs/input';
import { readPhotoFile } from '../../rda/file';
import type { Picture } from '../../rda/transforms';

/** Twice the 64 px of the list's rows and some more, for dense screens. */
const SIDE = 160;

/** Size of a file's picture and, of photos, a thumbnail written into `folder`. */
export async function peek(file: string, folder: string): Promise<JobResult<'peek'>> {
  const bytes = await readInput(file);
  if (file.toLowerCase().endsWith('.lavi')) {
    const { width, height } = readPhotoFile(bytes).header;
    return { width, height };
  }
  const { width, height, file: small } = await thumbnail(bytes, SIDE);
  return { width, height, thumb: await write(small, folder) };
}

/** A thumbnail of decoded pixels. */
export async function writeThumb(photo: Photo, folder: string) {
  let picture: Picture = photo;
  // Large steps first: what is encoded on the way is small.
  while (Math.max(picture.width, picture.height) >= 4 * SIDE) picture = halveRgb(picture);
  const { icc } = photo;
  const png = await encodePhoto({ ...picture, ...(icc && { icc }) }, 'png');
  return write((await thumbnail(png, SIDE)).file, folder);
}

async function write(small: Uint8Array, folder: string) {
  const name = `${createHash('sha256').update(small).digest('hex').slice(0, 32)}.webp`;
  await writeFile(join(folder, name), small, { mode: 0o600 });
  return { name, bytes: small.length };
}
