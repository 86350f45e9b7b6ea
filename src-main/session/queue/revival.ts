import { stat } from 'node:fs/promises';
import type { Batch } from './batch';
import type { Files, ListedFile } from '../files/files';
import type { JournalState } from './journal';
import type { Uploads } from '../files/uploads';

/** What the next run needs to go on where this one ends. */
export function snapshot(files: Files, batch: Batch): JournalState {
  return {
    files: files.listed(),
    batch: batch.open,
    paused: batch.state.state === 'paused',
  };
}

type Left = JournalState['files'][number];

/**
 * Puts back what an earlier run left: its files, and the rest of its batch. Files that have gone stand
 * as lost, until they are dropped again; what was saved stays saved while its output is there.
 */
export async function revive(
  left: JournalState,
  files: Files,
  batch: Batch,
  uploads: Uploads,
): Promise<void> {
  for (const file of left.files) {
    files.revive(await foundAgain(file));
  }
  const kept = files.listed().filter(({ upload, entry }) => upload && !entry.lost);
  await uploads.keep(kept.map(({ path }) => path));
  batch.revive(left.batch, left.paused);
}

async function foundAgain({ entry, date, modified, colours, ...file }: Left): Promise<ListedFile> {
  const rest = { ...entry };
  for (const key of ['thumb', 'fraction', 'lost'] as const) delete rest[key];
  const { output } = entry.result ?? {};
  const saved =
    entry.state === 'saved' && output !== undefined && (await found(output)) !== undefined;
  if (!saved) delete rest.result;
  // An upload's bytes are kept until it is saved.
  const there = saved && file.upload ? undefined : await found(file.path);
  if (there && there.size !== entry.bytes) {
    rest.bytes = there.size;
    delete rest.sizes;
  }
  const state = saved ? 'saved' : entry.state === 'failed' ? 'failed' : 'new';
  return {
    ...file,
    entry: { ...rest, state, ...(!there && { lost: true }) },
    ...(date !== undefined && { date }),
    ...(modified !== undefined && { modified }),
    ...(colours && { colours }),
  };
}

function found(path: string) {
  return stat(path).catch(() => undefined);
}
