import { defineStore } from 'pinia';
import { computed, nextTick, ref, shallowRef, watch } from 'vue';
import { toLaviError } from '../../../src-main/api/channel/answer';
import type {
  AppContract,
  ColourScene,
  ColourWork,
  Colouring,
} from '../../../src-main/api/calls/contract';
import type { ValueOf } from '../../../src-main/api/channel/channel';
import type { LaviError } from '../../../src-main/api/errors';
import { useApp } from '../../app';
import { client } from '../../client';
import { i18n } from '../../i18n';
import { useQueue } from '../../library/queue';
import { useHeld } from './held';
import { useRemembering } from './remembering';

type Made = ValueOf<AppContract, 'colours.sample'>;

/** A colouring in the strip. */
export interface Sample {
  key: number;
  colouring: Colouring;
  made: Made | null;
  /** Kept as it is, whatever else changes. */
  kept: boolean;
  /** Made as things stand now; otherwise it is about to be made again. */
  fresh: boolean;
}

export type OpenScene = ColourScene & { id: string };

/** So many colourings are made of a photo, and so many more at a time. */
const firstSamples = 4;

/** The colourings of the photo that is chosen, as they come in. */
export const useColours = defineStore('colours', () => {
  const app = useApp();
  const queue = useQueue();
  const held = useHeld();

  const scene = shallowRef<OpenScene | null>(null);
  const opening = ref(false);
  const error = shallowRef<LaviError | null>(null);
  const samples = shallowRef<Sample[]>([]);
  const chosenKey = ref<number | null>(null);
  const besideKey = ref<number | null>(null);
  /** Below 1: what is drawn is calmer than the model's own chances would have it. */
  const temperature = ref(0.5);
  const vivid = ref(1);
  /** Whether what is placed by hand moves cells around it alone, or the whole picture. */
  const follow = ref<Colouring['follow']>('near');
  const busy = ref(false);
  const stopped = ref(false);
  let nextKey = 0;
  let nextSeed = 1;
  let turn = 0;

  const chosen = computed(
    () => samples.value.find(({ key }) => key === chosenKey.value) ?? samples.value[0] ?? null,
  );
  /** What the chosen one is compared with; the grey photo where there is none. */
  const beside = computed(() => samples.value.find(({ key }) => key === besideKey.value) ?? null);
  const left = computed(() => samples.value.filter(({ fresh }) => !fresh).length);

  const fresh = (seed: number): Sample => ({
    key: nextKey++,
    colouring: { seed, temperature: temperature.value, held: [], follow: follow.value },
    ...{ made: null, kept: false, fresh: false },
  });

  const seedOf = ({ colouring }: Sample) => colouring.seed;
  const bitsOf = ({ made }: Sample) => made?.bitsPerSample ?? Infinity;

  /** Most probable first; those that are not made yet at the end. */
  function put(list: Sample[]) {
    samples.value = [...list].sort((a, b) => bitsOf(a) - bitsOf(b) || a.key - b.key);
  }

  function replace(sample: Sample) {
    put(samples.value.map((one) => (one.key === sample.key ? sample : one)));
  }

  /** Makes what is not fresh, the chosen one first. */
  async function fill() {
    const mine = ++turn;
    const open = scene.value;
    if (!open) return;
    busy.value = true;
    stopped.value = false;
    void client.call('colours.stop', {}).catch(() => {});
    try {
      for (;;) {
        const waiting = samples.value.filter((one) => !one.fresh);
        const next = waiting.find(({ key }) => key === chosen.value?.key) ?? waiting[0];
        if (!next) break;
        const { seed } = next.colouring;
        const asItStands = {
          ...{ seed, temperature: temperature.value, follow: follow.value },
          held: held.listOf(open.id),
        };
        const colouring = next.kept ? next.colouring : asItStands;
        const made = await client.call('colours.sample', {
          ...{ id: open.id, colouring, vivid: vivid.value },
        });
        if (mine !== turn) return;
        replace({ ...next, colouring, made, fresh: true });
        chosenKey.value ??= next.key;
      }
    } catch (cause) {
      if (mine !== turn) return;
      const known = toLaviError(cause);
      stopped.value = true;
      if (known.code !== 'CANCELLED') app.fail(known);
    } finally {
      if (mine === turn) busy.value = false;
    }
  }

  /** Makes all but the kept ones again, as things stand now. */
  function remake() {
    samples.value = samples.value.map((one) => (one.kept ? one : { ...one, fresh: false }));
    void fill();
  }

  function more(count = firstSamples) {
    const kept = new Set(samples.value.filter((one) => one.kept).map(seedOf));
    const added: Sample[] = [];
    while (added.length < count) {
      if (!kept.has(nextSeed)) added.push(fresh(nextSeed));
      nextSeed++;
    }
    put([...samples.value, ...added]);
    void fill();
  }

  /** New samples in place of all but the kept ones. */
  function anew() {
    samples.value = samples.value.filter(({ kept }) => kept);
    chosenKey.value = samples.value[0]?.key ?? null;
    more();
  }

  function stop() {
    turn++;
    busy.value = false;
    stopped.value = true;
    client.call('colours.stop', {}).catch(app.fail);
  }

  function keep(sample: Sample) {
    replace({ ...sample, kept: !sample.kept });
    // What was let go follows the others again.
    if (sample.kept) remake();
  }

  const choose = (sample: Sample) => (chosenKey.value = sample.key);
  function compare(sample: Sample) {
    besideKey.value = besideKey.value === sample.key ? null : sample.key;
  }

  /** Takes up what was made of a photo before. */
  async function restore(id: string, work: ColourWork, model: string) {
    if (work.model !== model) return app.say(i18n.global.t('colours.otherModel'));
    ({ temperature: temperature.value, vivid: vivid.value, follow: follow.value } = work);
    if (!held.knows(id)) held.take(id, work);
    const kept = { made: null, kept: true, fresh: false };
    samples.value = work.kept.map((colouring) => ({ key: nextKey++, colouring, ...kept }));
    // Whoever follows what is held has done so before the scene is there to be made again.
    await nextTick();
  }

  async function open(id: string | null) {
    turn++;
    scene.value = null;
    error.value = null;
    samples.value = [];
    chosenKey.value = besideKey.value = null;
    busy.value = false;
    nextSeed = 1;
    opening.value = id !== null;
    try {
      if (id === null) return void (await client.call('colours.close', {}));
      const recalling = client.call('colours.recall', { id });
      const found = await client.call('colours.open', { id });
      const work = await recalling;
      if (wanted() !== id) return;
      if (work) await restore(id, work, found.model);
      opening.value = false;
      scene.value = { id, ...found };
      more(Math.max(0, firstSamples - samples.value.length));
    } catch (cause) {
      if (wanted() !== id) return;
      opening.value = false;
      const known = toLaviError(cause);
      if (id !== null && known.code !== 'CANCELLED') error.value = known;
    }
  }

  const wanted = () => (app.workspace === 'colorize' && app.connected ? queue.current : null);
  watch(wanted, open, { immediate: true });
  watch(
    () => held.settled,
    () => scene.value && remake(),
  );

  useRemembering(() => {
    const open = scene.value;
    if (!open) return null;
    const kept = samples.value.filter((one) => one.kept).map(({ colouring }) => colouring);
    const looks = { temperature: temperature.value, vivid: vivid.value, follow: follow.value };
    return { id: open.id, work: { model: open.model, ...looks, ...held.remembered, kept } };
  });

  return {
    ...{
      scene,
      opening,
      error,
      samples,
      chosen,
      beside,
      temperature,
      vivid,
      follow,
      busy,
      stopped,
      left,
    },
    ...{ fill, remake, more, anew, stop, keep, choose, compare, open },
  };
});
