import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mapHeaderSchema, mapLineSchema } from '../api/jobs/labels';
import type { MapHeader, MapLine } from '../api/jobs/labels';
import { LaviError } from '../api/errors';

export const logName = 'log.jsonl';

/**
 * Reads a map's log: its header, and the lines after it. A last line that was cut short, as a crash
 * may leave it, does not count.
 *
 * @throws LaviError FILE_NOT_FOUND, CORRUPT
 */
export async function readLog(folder: string): Promise<{ header: MapHeader; lines: MapLine[] }> {
  const text = await readFile(join(folder, logName), 'utf8').catch((cause: unknown) => {
    throw new LaviError('FILE_NOT_FOUND', `There is no map in ${folder}.`, undefined, { cause });
  });
  const [first = '', ...rest] = text.split('\n').slice(0, -1);
  try {
    return {
      header: mapHeaderSchema.parse(JSON.parse(first)),
      lines: rest.map((line) => mapLineSchema.parse(JSON.parse(line))),
    };
  } catch (cause) {
    throw new LaviError('CORRUPT', `The log of the map in ${folder} is damaged.`, undefined, {
      cause,
    });
  }
}
