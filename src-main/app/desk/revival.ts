import { stat } from 'node:fs/promises';
import type { Batch } from './batch';
import type { Files } from './files';
import type { JournalState } from './journal';

/** What the next run needs to go on where this one ends. */
export function snapshot(files: Files, batch: Batch): JournalState {
  // Uploads go with the run: their bytes are in its own folder.
  const kept = files.listed().filter(({ upload }) => !upload);
  const ids = new Set(kept.map(({ entry }) => entry.id));
  return {
    files: kept.map(({ entry, path, place }) => ({ entry, path, place })),
    batch: batch.open.filter(({ id }) => ids.has(id)),
    paused: batch.state.state === 'paused',
  };
}

/** Puts back what an earlier run left: files that are still there, and the rest of its batch. */
export async function revive(left: JournalState, files: Files, batch: Batch): Promise<void> {
  for (const { entry, path, place } of left.files) {
    const rest = { ...entry };
    delete rest.thumb;
    delete rest.fraction;
    const unfinished = entry.state === 'waiting' || entry.state === 'coding';
    const there = await stat(path).catch(() => undefined);
    // What was saved is done: a new run begins without it.
    if (!there || entry.state === 'saved') continue;
    const state = unfinished || entry.state === 'ready' ? 'new' : entry.state;
    files.revive({ entry: { ...rest, state }, path, place, upload: false });
  }
  batch.revive(left.batch, left.paused);
}
