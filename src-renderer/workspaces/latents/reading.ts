import { defineStore } from 'pinia';
import { computed, reactive, ref, shallowReactive, shallowRef, watch } from 'vue';
import type { AppContract } from '../../../src-main/api/calls/contract';
import type { ValueOf } from '../../../src-main/api/channel/channel';
import { toLaviError } from '../../../src-main/api/channel/answer';
import { useApp } from '../../app';
import { client } from '../../client';
import { useQueue } from '../../library/queue';

export type CropReading = ValueOf<AppContract, 'latents.encode'>;
export type Corner = { x: number; y: number };
type Moved = ReadonlyMap<number, number>;

/** Milliseconds that the crop has to rest before it is read. */
const restMs = 120;

/** A crop of the photo that is chosen, as the Gaussian VAE reads it, and its latents as they were moved. */
export const useReading = defineStore('reading', () => {
  const app = useApp();
  const queue = useQueue();

  /** Whether a view shows it: only then are nets run. */
  const shown = ref(false);
  const at = shallowRef<Corner | null>(null);
  const reading = shallowRef<CropReading | null>(null);
  const picture = shallowRef<{ url: string; error: number } | null>(null);
  const moved = shallowRef<Moved>(new Map());
  const before = shallowRef<Moved[]>([]);
  const draw = reactive({ temperature: 0, seed: 1, samples: 8 });
  const chosen = ref(0);
  const sorted = ref(true);
  const how = ref<'vae' | 'rda'>('vae');
  const busy = ref(false);
  const failed = ref<'small' | 'other' | null>(null);
  /** KL in nats of every crop that was read. */
  const rates = shallowReactive(new Map<string, number>());
  const meanRate = computed(() => [...rates.values()].reduce((a, b) => a + b, 0) / rates.size);
  let turn = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function read() {
    const id = queue.current;
    if (!id || !shown.value) return;
    const mine = ++turn;
    busy.value = true;
    try {
      const { seed, samples } = draw;
      const found = await client.call('latents.encode', { id, at: at.value, samples, seed });
      if (mine !== turn) return;
      reading.value = found;
      at.value ??= found.at;
      rates.set(`${id} ${found.at.x} ${found.at.y}`, found.rate);
      failed.value = null;
      await decode();
    } catch (error) {
      if (mine !== turn) return;
      const known = toLaviError(error);
      if (known.code === 'CANCELLED') return;
      // The box cannot be dragged out of the photo: only photos without room for one are refused.
      failed.value = known.code === 'BAD_REQUEST' ? 'small' : 'other';
      reading.value = picture.value = null;
      if (failed.value === 'other') app.fail(known);
    } finally {
      if (mine === turn) busy.value = false;
    }
  }

  /** Reads another crop once its box rests; latents that were moved are the new crop's own again. */
  function pick(corner: Corner) {
    at.value = corner;
    moved.value = new Map();
    before.value = [];
    clearTimeout(timer);
    timer = setTimeout(() => void read(), restMs);
  }

  let decoding = false;
  let again = false;
  /** The picture of the latents as they are: one call at a time, the last state last. */
  async function decode() {
    const id = queue.current;
    again = decoding;
    if (!id || decoding || !reading.value) return;
    decoding = true;
    const mine = turn;
    try {
      const { temperature, seed } = draw;
      const list = Array.from(moved.value, ([index, value]) => ({ index, value }));
      const place = { id, at: reading.value.at };
      const found = await client.call('latents.decode', {
        ...{ ...place, moved: list, temperature, seed },
      });
      if (mine === turn) picture.value = found;
    } catch (error) {
      if (mine === turn) app.fail(error);
    } finally {
      decoding = false;
    }
    if (again) await decode();
  }

  /** While a slider moves: the picture follows, and nothing is noted. */
  function slide(index: number, value: number) {
    start ??= moved.value;
    moved.value = new Map(moved.value).set(index, value);
    void decode();
  }
  let start: Moved | null = null;

  /** What the slider came to: a step that can be undone. */
  function change(next: Moved) {
    before.value = [...before.value, start ?? moved.value];
    start = null;
    moved.value = next;
    void decode();
  }
  const move = (index: number, value: number) => change(new Map(moved.value).set(index, value));
  const reset = () => change(new Map());

  function undo() {
    const last = before.value.at(-1);
    if (!last) return;
    before.value = before.value.slice(0, -1);
    moved.value = last;
    void decode();
  }

  watch(
    () => draw.temperature,
    () => void decode(),
  );
  watch(
    () => [draw.seed, draw.samples],
    () => void read(),
  );
  watch([() => queue.current, () => app.connected, shown], ([id, connected, seen], [old]) => {
    if (id !== old) {
      turn++;
      at.value = null;
      reading.value = picture.value = null;
      failed.value = null;
      moved.value = new Map();
      before.value = [];
    }
    if (id && connected && seen) void read();
  });

  return {
    ...{ shown, at, reading, picture, moved, before, draw, chosen, sorted, how, busy, failed },
    ...{ rates, meanRate, pick, slide, move, reset, undo },
  };
});
