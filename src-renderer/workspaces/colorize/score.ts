import { defineStore } from 'pinia';
import { shallowRef, watch } from 'vue';
import type { ColourScore } from '../../../src-main/api/calls/contract';
import { useApp } from '../../app';
import { client } from '../../client';
import { useColours } from './colours';

/** What the own colours of the photo in view cost, once its first colourings are made. */
export const useColourScore = defineStore('colourScore', () => {
  const app = useApp();
  const colours = useColours();
  /** Null where the photo is grey; undefined until that is known. */
  const score = shallowRef<ColourScore | null>();
  let asked: string | null = null;

  async function ask(id: string) {
    asked = id;
    try {
      const found = await client.call('colours.score', { id });
      if (asked === id) score.value = found;
    } catch (error) {
      if (asked === id) app.fail(error);
    }
  }

  watch(
    () => colours.scene?.id ?? null,
    () => {
      score.value = undefined;
      asked = null;
    },
    { flush: 'sync' },
  );
  // The search keeps the engine busy for a while: what is looked at comes first.
  watch(
    () => (colours.scene && !colours.busy && colours.chosen?.made ? colours.scene.id : null),
    (id) => {
      if (id !== null && asked !== id) void ask(id);
    },
    { immediate: true },
  );

  return { score };
});
