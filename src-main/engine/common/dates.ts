import { stat, utimes } from 'node:fs/promises';

/**
 * The dates that a photo's outputs take over.
 *
 * @param modified milliseconds since 1970, where the file's own date is not the photo's
 */
export async function datesOf(file: string, modified?: number) {
  const found = await stat(file).catch(() => undefined);
  const date = modified === undefined ? found?.mtime : new Date(modified);
  return {
    async giveTo(output: string): Promise<void> {
      // A file system without dates is no reason to call a saved file failed.
      if (date) await utimes(output, found?.atime ?? date, date).catch(() => {});
    },
  };
}
