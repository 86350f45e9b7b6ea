import { exitCodes } from '../common';
import type { Item } from '../inputs';
import type { Report } from '../report';

/** Works on each item; a failed one never stops the next. Sets the exit code. */
export async function eachItem(
  items: readonly Item[],
  report: Report,
  work: (item: Item, onTile: (done: number) => void) => Promise<void>,
): Promise<void> {
  for (const [index, item] of items.entries()) {
    try {
      if (item.failure) throw item.failure;
      await work(item, (done) => report.progress(`${index + 1}/${items.length}`, item.file, done));
    } catch (error) {
      report.failure(item.file, error);
      process.exitCode = exitCodes.someFailed;
    }
  }
}
