import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { LaviError } from '../../api/errors';

const name = 'seeds.json';
const count = z.int().nonnegative();
const seedsSchema = z.object({
  line: count,
  seeds: z.array(z.object({ index: count, label: count })),
});
export type KeptSeeds = z.infer<typeof seedsSchema>;

/** Keeps the seeds last found beside the map's log, where every process finds them. */
export async function keepSeeds(folder: string, seeds: KeptSeeds): Promise<void> {
  await writeFile(join(folder, name), JSON.stringify(seeds));
}

/** @throws LaviError BAD_REQUEST if none were looked for yet */
export async function readSeeds(folder: string): Promise<KeptSeeds> {
  try {
    return seedsSchema.parse(JSON.parse(await readFile(join(folder, name), 'utf8')));
  } catch (cause) {
    throw new LaviError('BAD_REQUEST', 'The map has not been reduced to seeds yet.', undefined, {
      cause,
    });
  }
}
