import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobResult } from '../../api/contract';
import { thumbnail } from '../../image/thumbnail';
import { readInput } from '../../jobs/input';
import { readPhotoFile } from '../../rda/file';

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
  const name = `${createHash('sha256').update(small).digest('hex').slice(0, 32)}.webp`;
  await writeFile(join(folder, name), small, { mode: 0o600 });
  return { width, height, thumb: { name, bytes: small.length } };
}
