import { LaviError } from '../../../api/errors';
import { exitCodes } from '../common';
import type { Item } from '../inputs';
import type { Report } from '../report';

/** Runs `work` on each item, one after the other; a failed item never stops the next. */
export async function forEachItem(
  items: Item[],
  report: Report,
  work: (item: Item, onProgress: (fraction: number) => void) => Promise<void>,
): Promise<void> {
  for (const [index, item] of items.entries()) {
    const position = `${index + 1}/${items.length}`;
    try {
      if (item.failure) throw item.failure;
      await work(item, (fraction) => report.progress(position, item.file, fraction));
    } catch (error) {
      report.failure(item.file, error);
      process.exitCode = exitCodes.someFailed;
      // Only named errors are a file's own; anything else is a fault worth its stack trace.
      if (!(error instanceof LaviError) && process.env['LAVI_DEBUG']) console.error(error);
    }
  }
}
