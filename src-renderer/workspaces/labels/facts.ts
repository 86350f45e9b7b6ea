import { defineStore } from 'pinia';
import { computed, ref, shallowRef, watch } from 'vue';
import { useI18n } from 'vue-i18n';
import type {
  LabelExport,
  LabelFacts,
  LabelSeeds,
  LabelSizes,
} from '../../../src-main/api/calls/contract';
import { useApp } from '../../app';
import { bridge, client } from '../../client';
import { usePaths } from '../../composables/paths';
import { useLabels } from '../../library/label-maps';

/** Strokes follow each other: counting starts once the hand rests. */
const restMs = 120;

/** What the shown map costs, counted anew after each edit; its seeds; and saving it. */
export const useLabelFacts = defineStore('labelFacts', () => {
  const { t } = useI18n({ useScope: 'global' });
  const app = useApp();
  const labels = useLabels();
  const { homely } = usePaths();
  const facts = shallowRef<LabelFacts | null>(null);
  const sizes = shallowRef<LabelSizes | null>(null);
  const seeds = shallowRef<LabelSeeds | null>(null);
  /** The smallest file, by trying every completion. */
  const best = ref(false);
  const reducing = ref<number | null>(null);
  const saving = ref(false);
  const effort = computed(() => (best.value ? 'best' : 'fast'));
  const key = computed(() => {
    const { map } = labels;
    return map ? `${map.id} ${map.line} ${effort.value}` : '';
  });
  const counted = ref('');
  /** The numbers are of the map before the last edit. */
  const stale = computed(() => counted.value !== key.value);

  let timer: ReturnType<typeof setTimeout> | undefined;
  async function count() {
    const { map } = labels;
    const mine = key.value;
    if (!map) return;
    const { id } = map;
    try {
      const found = await client.call('labels.facts', { id, effort: effort.value });
      if (key.value !== mine) return;
      facts.value = found;
      counted.value = mine;
      const others = await client.call('labels.sizes', { id });
      if (key.value === mine) sizes.value = others;
    } catch (error) {
      if (key.value === mine) labels.fail(error);
    }
  }

  watch(
    () => labels.map?.id,
    () => {
      facts.value = sizes.value = seeds.value = null;
      stopReduce();
    },
  );
  watch(
    key,
    () => {
      clearTimeout(timer);
      timer = setTimeout(() => void count(), facts.value ? restMs : 0);
    },
    { immediate: true },
  );

  async function reduce(agreement: number) {
    const id = labels.map?.id;
    if (!id) return;
    reducing.value = 0;
    try {
      const found = await client.call('labels.reduce', { id, agreement });
      if (labels.map?.id === id) seeds.value = found;
    } catch (error) {
      labels.fail(error);
    } finally {
      reducing.value = null;
    }
  }

  function stopReduce() {
    if (reducing.value !== null) client.call('labels.stopReduce', {}).catch(labels.fail);
  }

  async function save(what: LabelExport) {
    const id = labels.map?.id;
    if (!id || saving.value) return;
    saving.value = true;
    try {
      const done = await client.call('labels.save', { id, what, effort: effort.value });
      labels.merge([done.map]);
      const { reveal } = bridge;
      app.say(t('labels.saved', { output: homely(done.output) }), {
        ...(reveal && {
          action: { label: t('save.reveal'), run: () => void reveal(done.output) },
        }),
      });
    } catch (error) {
      labels.fail(error);
    } finally {
      saving.value = false;
    }
  }

  client.on('progress', ({ what, fraction }) => {
    if (what === 'reduce' && reducing.value !== null) reducing.value = fraction;
  });

  return { facts, sizes, seeds, best, stale, reducing, saving, reduce, stopReduce, save };
});
