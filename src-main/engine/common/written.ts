import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Samples } from '../../image/tile';
import { encodeTile } from '../../image/tile';

/** Writes a picture for the screen, named by what it shows: the same one is written once. */
export async function writePicture(folder: string, samples: Samples, icc?: Uint8Array) {
  const file = await encodeTile(samples, icc);
  const name = `${createHash('sha256').update(file).digest('hex').slice(0, 32)}.png`;
  await writeFile(join(folder, name), file, { mode: 0o600 });
  return { name, bytes: file.length };
}
