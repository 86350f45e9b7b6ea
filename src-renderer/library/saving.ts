import { defineStore } from 'pinia';
import { computed, ref, shallowRef, watch } from 'vue';
import type { ExportFormat, FileEntry } from '../../src-main/api/calls/contract';
import { useApp } from '../app';
import { useQueue } from './queue';

/** What pressing Save would do now, and the batch under way. */
export const useSaving = defineStore('saving', () => {
  const app = useApp();
  const queue = useQueue();
  /** Under 1,100 px the panel folds: whether the rest of it is unfolded. */
  const more = ref(false);

  /** Saved already, at the quality that it would be saved with again. */
  const isDone = (file: FileEntry) =>
    file.state === 'saved' &&
    !(file.kind === 'photo' && (file.result?.format || file.result?.coloured)) &&
    (file.kind === 'lavi' ||
      file.lost ||
      (file.result?.kept && !(file.anyway ?? app.settings?.codeAnyway)) ||
      file.result?.quality === undefined ||
      Math.abs(file.result.quality - queue.quality(file)) < 0.1);

  const wanted = computed(() => {
    const several = queue.chosen.length > 1;
    const { currentFile } = queue;
    const single = currentFile?.kind === 'lavi' ? [currentFile.id] : null;
    const ids = single ?? (several ? queue.chosen : queue.order);
    return ids.filter((id) => {
      const file = queue.files.get(id)!;
      if (['waiting', 'coding', 'failed'].includes(file.state)) return false;
      if (file.lost) return false;
      if (single) return true;
      return file.kind === 'photo' && !isDone(file);
    });
  });

  const running = computed(() => queue.batch.state !== 'idle');

  async function save(ids = wanted.value) {
    await queue.save(ids);
  }

  async function saveSome(files: FileEntry[]) {
    await queue.save(files.map(({ id }) => id));
  }

  /** What the export dialog is about. */
  const exporting = shallowRef<string[]>([]);
  function askExport(ids: string[]) {
    exporting.value = ids;
    app.dialog = 'export';
  }

  async function exportAs(ids: string[], format: ExportFormat, formatQuality?: number) {
    await queue.save(ids, { format, ...(formatQuality !== undefined && { formatQuality }) });
  }

  // When a batch ends with failures, its summary says which and why.
  watch(
    () => queue.batch.state,
    (state, before) => {
      if (state === 'idle' && before === 'running' && queue.batch.failed.length > 0) {
        app.dialog ??= 'summary';
      }
    },
  );

  return { more, wanted, running, save, saveSome, exporting, askExport, exportAs, isDone };
});
