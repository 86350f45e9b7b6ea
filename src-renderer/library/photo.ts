import { defineStore } from 'pinia';
import { computed, ref, shallowReactive, shallowRef, watch } from 'vue';
import type { BaselineCodec, BaselinePoint, Measure } from '../../src-main/api/calls/contract';
import type { LaviError } from '../../src-main/api/errors';
import { toLaviError } from '../../src-main/api/channel/answer';
import { useApp } from '../app';
import { client } from '../client';
import type { CurvePoint } from './curve';
import { bytesAtPsnr, Curve } from './curve';
import { showsLavi, useQueue } from './queue';

export interface OpenPhoto {
  id: string;
  width: number;
  height: number;
  levels: number;
}

/** Milliseconds that the slider has to rest before the whole file is coded and measured. */
const restMs = 300;

/** The photo that is shown: its pixels, its curve, and the quality that the slider stands at. */
export const usePhoto = defineStore('photo', () => {
  const app = useApp();
  const queue = useQueue();

  const photo = shallowRef<OpenPhoto | null>(null);
  const opening = ref(false);
  const error = shallowRef<LaviError | null>(null);
  const quality = ref(50);
  /** Where the slider came to rest: what the canvas shows and `measured` is about. */
  const restQuality = ref(50);
  const points = shallowRef<CurvePoint[]>([]);
  /** Points of a small part of a large photo: read while there is nothing better. */
  const glimpses = shallowRef<CurvePoint[]>([]);
  const curveDone = ref(false);
  /** Whether the curves are of the whole photo; of patches of it otherwise. */
  const whole = ref(true);
  /** Whether charts of this large photo were asked for on the whole of it. */
  const wholeWanted = ref(false);
  const measured = shallowRef<Measure | null>(null);
  const measuring = ref<number | null>(null);
  /** About how many seconds measuring will go on; null while that cannot be told. */
  const secondsLeft = ref<number | null>(null);
  /** Whole files that were measured in this window, by photo: other workspaces show them too. */
  const known = shallowReactive(new Map<string, CurvePoint[]>());
  const baselines = shallowRef<BaselinePoint[]>([]);
  const baselinesDone = ref(false);

  const isLavi = computed(() => !!queue.currentFile && showsLavi(queue.currentFile));
  const curve = computed(() => Curve.through(points.value));
  /** What numbers are read off: the curve, or, while the photo is being analysed, that of a part of it. */
  const reading = computed(() => curve.value ?? Curve.through(glimpses.value));
  const partly = computed(() => !curve.value || !whole.value);

  /** The numbers for where the slider stands: measured, or read off the curve and marked so. */
  const numbers = computed<(CurvePoint & { measured: boolean }) | null>(() => {
    const at = quality.value;
    if (measured.value && measured.value.quality === at) {
      return { ...measured.value, measured: true };
    }
    const read = reading.value?.at(at);
    if (!read) return null;
    // A large photo's curve is measured on patches: the last whole file says how far off those are.
    const last = measured.value;
    const there = last && partly.value ? reading.value!.at(last.quality) : null;
    if (!last || !there) return { ...read, measured: false };
    const factor = last.bytes / there.bytes;
    const offset = (last.psnr ?? there.psnr!) - there.psnr!;
    return {
      quality: at,
      bytes: Math.round(read.bytes * factor),
      bpp: read.bpp * factor,
      psnr: read.psnr! + offset,
      measured: false,
    };
  });

  let restTimer: ReturnType<typeof setTimeout> | undefined;
  let keepLater: (() => Promise<unknown>) | null = null;
  let turn = 0;
  let measuringSince = 0;

  async function open(id: string | null) {
    const mine = ++turn;
    const before = photo.value?.id;
    clearTimeout(restTimer);
    keep();
    photo.value = null;
    error.value = null;
    points.value = glimpses.value = [];
    baselines.value = [];
    measured.value = null;
    measuring.value = null;
    curveDone.value = false;
    whole.value = true;
    baselinesDone.value = false;
    wholeWanted.value = false;
    if (!id) {
      opening.value = false;
      if (before) void client.call('photo.close', { id: before }).catch(() => {});
      return;
    }
    opening.value = true;
    quality.value = restQuality.value = queue.quality(queue.files.get(id));
    try {
      const size = await client.call('photo.open', { id });
      if (mine !== turn) return;
      photo.value = { id, ...size };
      opening.value = false;
      if (isLavi.value) return;
      await measure();
      if (mine !== turn) return;
      const known = await client.call('photo.estimate', { id });
      if (mine === turn) addPoints(known);
      const others = await client.call('photo.baselines', { id });
      if (mine === turn) addBaselines(others);
    } catch (cause) {
      if (mine !== turn) return;
      opening.value = false;
      const known = toLaviError(cause);
      if (known.code === 'CANCELLED') return;
      if (photo.value) app.fail(known);
      else error.value = known;
    }
  }

  async function measure() {
    const id = photo.value?.id;
    if (!id || isLavi.value) return;
    const at = quality.value;
    restQuality.value = at;
    if (measured.value?.quality === at) return;
    measuring.value = 0;
    secondsLeft.value = null;
    measuringSince = performance.now();
    try {
      const result = await client.call('photo.measure', { id, quality: at });
      remember(id, [result]);
      if (photo.value?.id !== id) return;
      if (whole.value) addPoints({ points: [result], done: curveDone.value, whole: true });
      if (quality.value !== at) return;
      // The session may round to the codec's own steps; the numbers belong to where the slider stands.
      measured.value = { ...result, quality: at };
      measuring.value = null;
    } catch (cause) {
      if (photo.value?.id !== id || quality.value !== at) return;
      measuring.value = null;
      app.fail(cause);
    }
  }

  function remember(id: string, found: readonly CurvePoint[]) {
    const merged = new Map((known.get(id) ?? []).map((point) => [point.quality, point]));
    for (const point of found) merged.set(point.quality, point);
    known.set(id, [...merged.values()]);
  }

  function addPoints(found: { points: CurvePoint[]; done: boolean; whole: boolean }) {
    if (wholeWanted.value && !found.whole) return;
    // Points of patches and of the whole photo lie on two curves, which must not be joined.
    const kept = found.whole === whole.value ? points.value : [];
    whole.value = found.whole;
    const merged = new Map(kept.map((point) => [point.quality, point]));
    for (const point of found.points) merged.set(point.quality, point);
    points.value = [...merged.values()].sort((a, b) => a.quality - b.quality);
    curveDone.value = found.done;
    if (found.whole && photo.value) remember(photo.value.id, found.points);
  }

  function addBaselines(found: { points: BaselinePoint[]; done: boolean; whole: boolean }) {
    if (wholeWanted.value && !found.whole) return;
    const key = (point: BaselinePoint) => `${point.codec} ${point.setting}`;
    const merged = new Map(baselines.value.map((point) => [key(point), point]));
    for (const point of found.points) merged.set(key(point), point);
    baselines.value = [...merged.values()].sort((a, b) => a.bytes - b.bytes);
    baselinesDone.value = found.done;
  }

  /** Measures the chart of a large photo on all of it, which takes its time. */
  async function chartWhole() {
    const id = photo.value?.id;
    if (!id || whole.value) return;
    wholeWanted.value = whole.value = true;
    points.value = measured.value ? [measured.value] : [];
    baselines.value = [];
    curveDone.value = baselinesDone.value = false;
    try {
      addPoints(await client.call('photo.estimate', { id, whole: true }));
      addBaselines(await client.call('photo.baselines', { id, whole: true }));
    } catch (cause) {
      if (photo.value?.id === id) app.fail(cause);
    }
  }

  /**
   * Moves the slider. Numbers follow at once; 300 ms later the file is measured, and the quality kept:
   * for the chosen files where several are chosen, for this photo where it has its own, else for all.
   */
  function slide(value: number) {
    const rounded = Math.min(100, Math.max(0, Math.round(value * 10) / 10));
    if (rounded === quality.value) return;
    quality.value = rounded;
    clearTimeout(restTimer);
    keepLater = keeper(rounded);
    restTimer = setTimeout(() => {
      keep();
      void measure();
    }, restMs);
  }

  /** Whom the slider's place is for is settled while it moves: the choice may change before it rests. */
  function keeper(value: number): () => Promise<unknown> {
    const { chosen, current, currentFile } = queue;
    const own = currentFile?.quality !== undefined && current ? [current] : null;
    const ids = chosen.length > 1 ? chosen : own;
    return () =>
      ids
        ? client.call('files.setQuality', { ids, quality: value })
        : app.setSettings({ quality: value });
  }

  function keep() {
    const later = keepLater;
    keepLater = null;
    later?.().catch(app.fail);
  }

  /** Takes over a quality that the session has set for some photos, to the codec's own step. */
  function adopt(value: number, ids: readonly string[]) {
    if (!photo.value || !ids.includes(photo.value.id)) return;
    clearTimeout(restTimer);
    keepLater = null;
    quality.value = value;
    void measure();
  }

  /** Gives the shown photo a quality of its own, or (null) joins it to the others again. */
  async function setOwn(value: number | null) {
    const id = queue.current;
    if (!id) return;
    try {
      await client.call('files.setQuality', { ids: [id], quality: value });
      if (value === null) slide(app.settings?.quality ?? quality.value);
    } catch (cause) {
      app.fail(cause);
    }
  }

  /** The size at which another codec reaches this photo's PSNR, read between its measured points. */
  function equalPsnr(codec: BaselineCodec): number | null {
    const psnr = numbers.value?.psnr;
    if (psnr === null || psnr === undefined) return null;
    return bytesAtPsnr(
      baselines.value.filter((point) => point.codec === codec),
      psnr,
    );
  }

  // Other workspaces show the same photos, and have other uses for the nets.
  const wanted = () => (app.workspace === 'compress' ? queue.current : null);
  watch(wanted, open, { immediate: true });
  // All that is known of the photo is of the other tune.
  watch(
    () => app.settings?.tune,
    (tune, before) => {
      if (tune && before) void open(wanted());
    },
  );
  client.on('progress', ({ id, what, fraction }) => {
    if (id !== queue.current) return;
    if (what !== 'measure' || measuring.value === null) return;
    measuring.value = fraction;
    const seconds = (performance.now() - measuringSince) / 1000;
    // The first windows tell little, and what ends in a moment needs no forecast.
    const left = (seconds * (1 - fraction)) / fraction;
    secondsLeft.value = seconds > 0.5 && fraction > 0.05 && left > 1 ? left : null;
  });
  client.on('glimpse', ({ id, points: found }) => {
    if (id === queue.current) glimpses.value = found;
  });
  client.on('curve', ({ id, ...found }) => {
    if (id === photo.value?.id) addPoints(found);
  });
  client.on('baselines', ({ id, ...found }) => {
    if (id === photo.value?.id) addBaselines(found);
  });

  return {
    photo,
    opening,
    error,
    quality,
    restQuality,
    points,
    curveDone,
    whole,
    measured,
    measuring,
    secondsLeft,
    baselines,
    baselinesDone,
    isLavi,
    curve,
    known,
    remember,
    reading,
    numbers,
    open,
    chartWhole,
    slide,
    adopt,
    setOwn,
    equalPsnr,
  };
});
