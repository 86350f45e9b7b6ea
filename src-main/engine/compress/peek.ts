import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobResult } from '../../api/jobs/contract';
import type { Photo } from '../../image/photo';
import { smallPng, thumbnail } from '../../image/thumbnail';
import { readInput } from '../../jobs/input';
import { readPhotoFile } from '../../rda/file';

/** Twice the 64 px of the list's rows and some more, for dense screens. */
const SIDE = 160;

/** Size of a file's picture and, of photos and .lavi files that carry one, a thumbnail written into `folder`. */
export async function peek(file: string, folder: string): Promise<JobResult<'peek'>> {
  const bytes = await readInput(file);
  if (file.toLowerCase().endsWith('.lavi')) {
    const { header, thumbnail: embedded } = readPhotoFile(bytes);
    const { width, height } = header;
    // A thumbnail that does not open is as good as none: the photo itself may well.
    const small = embedded && (await thumbnail(embedded, SIDE).catch(() => undefined));
    return { width, height, ...(small && { thumb: await write(small.file, folder) }) };
  }
  const { width, height, file: small } = await thumbnail(bytes, SIDE);
  return { width, height, thumb: await write(small, folder) };
}

/** A thumbnail of decoded pixels. */
export async function writeThumb(photo: Photo, folder: string) {
  return write((await thumbnail(await smallPng(photo, SIDE), SIDE)).file, folder);
}

async function write(small: Uint8Array, folder: string) {
  const name = `${createHash('sha256').update(small).digest('hex').slice(0, 32)}.webp`;
  await writeFile(join(folder, name), small, { mode: 0o600 });
  return { name, bytes: small.length };
}
