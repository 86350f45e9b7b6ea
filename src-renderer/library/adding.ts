import { defineStore } from 'pinia';
import { ref } from 'vue';
import { useI18n } from 'vue-i18n';
import { toLaviError } from '../../src-main/api/channel/answer';
import { extensionOf, openedExtensions } from '../../src-main/api/formats';
import { useApp } from '../app';
import { bridge, client } from '../client';
import type { Dropped, LooseFile } from '../composables/drop';
import { chooseLoose } from '../composables/drop';
import { useQueue } from './queue';

/** Everything that brings photos into the window: drops, pastes and dialogs. */
export const useAdding = defineStore('adding', () => {
  const { t } = useI18n({ useScope: 'global' });
  const app = useApp();
  const queue = useQueue();
  const progress = ref<{ done: number; total: number } | null>(null);

  async function upload(files: LooseFile[]) {
    const wanted = files.filter(({ file }) => openedExtensions.includes(extensionOf(file.name)));
    const skipped = files.length - wanted.length;
    if (skipped > 0) app.say(t('queue.skipped', { n: skipped }, skipped));
    if (wanted.length === 0) return;
    progress.value = {
      done: progress.value?.done ?? 0,
      total: (progress.value?.total ?? 0) + wanted.length,
    };
    let shown = false;
    // One after the other: the queue keeps the order in which they were dropped.
    for (const { file, path } of wanted) {
      try {
        const entry = await client.upload(file, path);
        queue.merge([entry]);
        if (!shown) queue.show(entry.id);
        shown = true;
      } catch (error) {
        const reason = app.explain(toLaviError(error));
        app.say(t('queue.uploadFailed', { name: file.name, reason }), { kind: 'error' });
      }
      if (progress.value) progress.value = { ...progress.value, done: progress.value.done + 1 };
    }
    if (progress.value && progress.value.done >= progress.value.total) progress.value = null;
  }

  // The page alone holds what is still to be sent up; all else outlives it.
  window.addEventListener('beforeunload', (event) => {
    if (progress.value) event.preventDefault();
  });

  async function add({ paths, loose }: Dropped) {
    await queue.addPaths(paths);
    await upload(loose);
    if (paths.length === 0 && loose.length === 0) app.say(t('queue.nothing'));
  }

  async function choose(what: 'files' | 'folder') {
    if (bridge.choose) await queue.addPaths(await bridge.choose(what));
    else await upload(await chooseLoose(what === 'folder'));
  }

  return { progress, add, choose };
});
