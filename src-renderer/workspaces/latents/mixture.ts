import { defineStore } from 'pinia';
import { computed, reactive, ref, shallowRef, watch } from 'vue';
import type { AppContract, MixtureSettings } from '../../../src-main/api/calls/contract';
import type { ValueOf } from '../../../src-main/api/channel/channel';
import { useApp } from '../../app';
import { client } from '../../client';
import { useQueue } from '../../library/queue';

export type MixtureState = ValueOf<AppContract, 'latents.mixture'>;
export type Scatter = ValueOf<AppContract, 'latents.scatter'>[number];

/** Half-steps are shown at least this long, so that eyes can follow. */
const pauseMs = 350;

/** The mixture of the photo that is chosen, at some half-step; beside it the same by hard EM. */
export const useMixture = defineStore('mixture', () => {
  const app = useApp();
  const queue = useQueue();

  const settings = reactive<MixtureSettings>({
    ...{ k: 5, method: 'em', covariance: 'full', seed: 1, place: 0, start: 'seeds' },
  });
  const state = shallowRef<MixtureState | null>(null);
  const hard = shallowRef<MixtureState | null>(null);
  const scatter = shallowRef<Scatter[]>([]);
  const failed = ref(false);
  const busy = ref(false);
  const playing = ref(false);
  /** Whether hard EM stands beside it. */
  const beside = ref(false);
  const chosen = ref<number | null>(null);
  const share = ref<string | null>(null);
  let turn = 0;

  const id = computed(() => queue.current);
  const half = computed(() => state.value?.half ?? 0);
  const last = computed(() => state.value?.steps.at(-1) ?? null);

  /** Takes the mixture to a half-step; false if something else was asked for meanwhile. */
  async function show(wanted: number): Promise<boolean> {
    if (!id.value) return false;
    const mine = ++turn;
    const at = { id: id.value, half: wanted };
    busy.value = true;
    try {
      const what = settings.method === 'em' ? 'soft' : 'hard';
      const made = await client.call('latents.mixture', {
        ...{ ...at, settings: { ...settings }, pictures: [what] },
      });
      const other = beside.value
        ? await client.call('latents.mixture', {
            ...{ ...at, settings: { ...settings, method: 'hard-em' }, pictures: ['hard'] },
          })
        : null;
      if (mine !== turn) return false;
      state.value = made;
      hard.value = other;
      failed.value = false;
      if (chosen.value !== null && chosen.value >= made.components.length) chosen.value = null;
      await showShare();
      return mine === turn;
    } catch (error) {
      if (mine !== turn) return false;
      playing.value = false;
      failed.value = !state.value;
      app.fail(error);
      return false;
    } finally {
      if (mine === turn) busy.value = false;
    }
  }

  async function showShare() {
    const component = chosen.value;
    if (component === null || !id.value || !state.value) {
      share.value = null;
      return;
    }
    const mine = turn;
    const at = { id: id.value, settings: { ...settings }, half: state.value.half, component };
    const { url } = await client.call('latents.share', at);
    if (mine === turn && chosen.value === component) share.value = url;
  }

  async function begin() {
    playing.value = false;
    state.value = hard.value = null;
    chosen.value = null;
    await show(0);
  }

  async function step() {
    playing.value = false;
    await show(half.value + 1);
  }

  async function play() {
    if (playing.value) {
      playing.value = false;
      return;
    }
    playing.value = true;
    while (playing.value && !state.value?.converged) {
      const soonest = performance.now() + pauseMs;
      if (!(await show(half.value + 1))) break;
      const left = soonest - performance.now();
      if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
    }
    playing.value = false;
  }

  function choose(component: number) {
    chosen.value = chosen.value === component ? null : component;
    showShare().catch(app.fail);
  }

  async function save(what: Parameters<typeof client.call<'latents.save'>>[1]['what']) {
    if (!id.value) return null;
    try {
      const at = { id: id.value, settings: { ...settings }, half: half.value };
      return (await client.call('latents.save', { ...at, what })).output;
    } catch (error) {
      app.fail(error);
      return null;
    }
  }

  watch(settings, () => void begin());
  watch(beside, () => void show(half.value));
  watch(
    [id, () => app.connected],
    async ([now, connected]) => {
      turn++;
      playing.value = false;
      scatter.value = [];
      state.value = hard.value = null;
      if (!now || !connected) return;
      await begin();
      try {
        const found = await client.call('latents.scatter', { id: now });
        if (now === id.value) scatter.value = found;
      } catch (error) {
        if (!failed.value) app.fail(error);
      }
    },
    { immediate: true },
  );

  return {
    ...{ settings, state, hard, scatter, failed, busy, playing, beside, chosen, share },
    ...{ id, half, last, show, begin, step, play, choose, save },
  };
});
