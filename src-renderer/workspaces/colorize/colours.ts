import { defineStore } from 'pinia';
import { computed, nextTick, ref, shallowRef, watch } from 'vue';
import { toLaviError } from '../../../src-main/api/channel/answer';
import type {
  AppContract,
  ColourScene,
  ColourWork,
  Colouring,
  Draw,
} from '../../../src-main/api/calls/contract';
import { defaultTemperatures, defaultVivid } from '../../../src-main/api/calls/contract';
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

/** The seed of the colouring without noise, where regions draw. */
const FIRST = 0;

/** So many colourings are made of a photo, and so many more at a time. */
const firstSamples = 4;
/** A choice further away in seeds than this is not made again. */
const mostRechosen = 32;

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
  /** Of the noise: how far samples go from the likeliest colouring. */
  const temperature = ref<number>(defaultTemperatures.regions);
  const vivid = ref(defaultVivid);
  const draw = ref<Draw>('regions');
  /** Whether what is placed by hand moves cells around it alone, or the whole picture. */
  const follow = ref<Colouring['follow']>('near');
  const busy = ref(false);
  const stopped = ref(false);
  let nextKey = 0;
  let nextSeed = FIRST;
  let turn = 0;
  let wasChosen: Colouring | null = null;

  const chosen = computed(
    () => samples.value.find(({ key }) => key === chosenKey.value) ?? samples.value[0] ?? null,
  );
  /** What the chosen one is compared with; the grey photo where there is none. */
  const beside = computed(() => samples.value.find(({ key }) => key === besideKey.value) ?? null);
  const left = computed(() => samples.value.filter(({ fresh }) => !fresh).length);

  /** The colouring of a seed as things stand. */
  function standing(seed: number, id = scene.value?.id ?? ''): Colouring {
    const isFirst = draw.value === 'regions' && seed === FIRST;
    return {
      ...{ seed, temperature: isFirst ? 0 : temperature.value },
      ...{ draw: draw.value, follow: follow.value, ...held.listOf(id) },
    };
  }

  const fresh = (seed: number): Sample => ({
    ...{ key: nextKey++, colouring: standing(seed) },
    ...{ made: null, kept: false, fresh: false },
  });

  const seedOf = ({ colouring }: Sample) => colouring.seed;
  /** In the order of their seeds: the likeliest is the first. */
  function put(list: Sample[]) {
    samples.value = [...list].sort((a, b) => seedOf(a) - seedOf(b) || a.key - b.key);
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
        const colouring = next.kept ? next.colouring : standing(seedOf(next));
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
    if (!isVaried()) samples.value = samples.value.filter((one) => one.kept || !seedOf(one));
    else if (samples.value.length < 2) return more(firstSamples - samples.value.length);
    samples.value = samples.value.map((one) => (one.kept ? one : { ...one, fresh: false }));
    void fill();
  }

  /** Without noise all seeds are one colouring. */
  const isVaried = () => temperature.value > 0;

  function more(count = firstSamples) {
    const kept = new Set(samples.value.filter((one) => one.kept).map(seedOf));
    const added: Sample[] = [];
    const most = isVaried() ? count : nextSeed === first() ? 1 : 0;
    while (added.length < most) {
      if (!kept.has(nextSeed)) added.push(fresh(nextSeed));
      nextSeed++;
    }
    put([...samples.value, ...added]);
    void fill();
  }

  /** New samples in place of all but the likeliest and the kept ones. */
  function anew() {
    const stays = (one: Sample) => one.kept || (draw.value === 'regions' && seedOf(one) === FIRST);
    samples.value = samples.value.filter(stays);
    chosenKey.value = samples.value[0]?.key ?? null;
    more(firstSamples - 1);
  }

  const first = () => (draw.value === 'regions' ? FIRST : FIRST + 1);

  /** Has labels drawn another way, at the temperature that suits it. */
  function drawBy(way: Draw) {
    if (draw.value === way) return;
    draw.value = way;
    temperature.value = defaultTemperatures[way];
    samples.value = samples.value.filter(({ kept }) => kept);
    chosenKey.value = null;
    nextSeed = first();
    more();
  }

  /** The intensity changes pictures alone: no colouring is drawn again. */
  function brighten(to: number) {
    vivid.value = to;
    samples.value = samples.value.map((one) => ({ ...one, fresh: false }));
    void fill();
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
    draw.value = work.draw;
    nextSeed = first();
    if (!held.knows(id)) held.take(id, work);
    const kept = { made: null, kept: true, fresh: false };
    samples.value = work.kept.map((colouring) => ({ key: nextKey++, colouring, ...kept }));
    wasChosen = work.chosen ?? null;
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
    draw.value = 'regions';
    temperature.value = defaultTemperatures.regions;
    vivid.value = defaultVivid;
    wasChosen = null;
    nextSeed = FIRST;
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
      more(Math.max(1, firstSamples - samples.value.length));
      rechoose();
    } catch (cause) {
      if (wanted() !== id) return;
      opening.value = false;
      const known = toLaviError(cause);
      if (id !== null && known.code !== 'CANCELLED') error.value = known;
    }
  }

  /** Chooses what was in view before, drawing as many samples as that takes. */
  function rechoose() {
    const seed = wasChosen?.seed ?? -1;
    while (seed >= nextSeed && seed < nextSeed + mostRechosen) more();
    const again = JSON.stringify(wasChosen);
    const same = (one: Sample) => JSON.stringify(one.colouring) === again;
    const found = samples.value.find(same) ?? samples.value.find((one) => seedOf(one) === seed);
    if (found) chosenKey.value = found.key;
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
    const now = chosen.value?.colouring;
    return {
      id: open.id,
      work: {
        ...{ model: open.model, ...looks, draw: draw.value, ...held.remembered, kept },
        ...(now && { chosen: now }),
      },
    };
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
      draw,
      follow,
      busy,
      stopped,
      left,
    },
    ...{ fill, remake, more, anew, drawBy, brighten, stop, keep, choose, compare, open },
  };
});
