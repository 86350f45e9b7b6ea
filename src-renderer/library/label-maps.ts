import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import { useI18n } from 'vue-i18n';
import type { Failure } from '../../src-main/api/channel/answer';
import { toFailure } from '../../src-main/api/channel/answer';
import type { LabelEdit, LabelMapState } from '../../src-main/api/calls/contract';
import { LaviError } from '../../src-main/api/errors';
import { acceptOf, mapExtensions } from '../../src-main/api/formats';
import { useApp } from '../app';
import { bridge, client } from '../client';
import type { Dropped } from '../composables/drop';
import { chooseLoose } from '../composables/drop';

/** The label maps of the window: which is shown, what is added, edits and their undoing. */
export const useLabels = defineStore('labels', () => {
  const { t, te } = useI18n({ useScope: 'global' });
  const app = useApp();
  const maps = shallowRef<LabelMapState[]>([]);
  const current = ref<string | null>(null);
  const opening = ref(false);
  /** An edit that takes a while: a segmentation, a fill of many pixels. */
  const working = ref(false);
  const map = computed(() => maps.value.find(({ id }) => id === current.value) ?? null);

  function explain({ code, message, detail }: Failure): string {
    const own = `labels.error.${code}`;
    return te(own) ? t(own) : app.explain(new LaviError(code, message, detail));
  }

  function fail(error: unknown) {
    const failure = toFailure(error);
    if (failure.code !== 'CANCELLED') app.say(explain(failure), { kind: 'error' });
  }

  function merge(changed: LabelMapState[]) {
    const known = new Map(maps.value.map((one) => [one.id, one]));
    for (const one of changed) {
      // Answers may overtake each other: a log's later line knows more.
      if ((known.get(one.id)?.line ?? -1) <= one.line) known.set(one.id, one);
    }
    maps.value = [...known.values()];
  }

  async function load() {
    try {
      maps.value = await client.call('labels.list', {});
      if (!map.value) current.value = maps.value[0]?.id ?? null;
    } catch (error) {
      fail(error);
    }
  }

  async function add({ paths, loose }: Dropped, photoOnly = false) {
    opening.value = true;
    try {
      const uploads: string[] = [];
      for (const { file, path } of loose) {
        uploads.push((await client.upload(file, path, 'labels')).id);
      }
      const under = current.value ?? undefined;
      const found = await client.call('labels.open', { paths, uploads, under, photoOnly });
      for (const { name, ...failure } of found.failures) {
        app.say(t('labels.failed', { name, reason: explain(failure) }), { kind: 'error' });
      }
      merge(found.opened);
      current.value = found.opened.at(-1)?.id ?? current.value;
    } catch (error) {
      fail(error);
    } finally {
      opening.value = false;
    }
  }

  async function choose(photoOnly = false) {
    const dropped = bridge.choose
      ? { paths: await bridge.choose('files'), loose: [] }
      : { paths: [], loose: await chooseLoose(false, acceptOf(mapExtensions)) };
    if (dropped.paths.length + dropped.loose.length > 0) await add(dropped, photoOnly);
  }

  async function close(id: string) {
    try {
      await client.call('labels.close', { id });
    } catch (error) {
      return fail(error);
    }
    const name = maps.value.find((one) => one.id === id)?.name ?? '';
    const at = maps.value.findIndex((one) => one.id === id);
    maps.value = maps.value.filter((one) => one.id !== id);
    if (current.value === id) {
      current.value = maps.value[Math.min(at, maps.value.length - 1)]?.id ?? null;
    }
    const run = () => void restore(id);
    app.say(t('labels.closed', { name }), { action: { label: t('app.undo'), run } });
  }

  async function restore(id: string) {
    await change(() => client.call('labels.restore', { id }));
    current.value = id;
  }

  async function change(call: () => Promise<LabelMapState>) {
    working.value = true;
    try {
      merge([await call()]);
    } catch (error) {
      fail(error);
    } finally {
      working.value = false;
    }
  }

  async function edit(edit: LabelEdit) {
    const id = current.value;
    if (id) await change(() => client.call('labels.edit', { id, edit }));
  }

  async function undo() {
    const id = current.value;
    if (id && map.value!.undo > 0) await change(() => client.call('labels.undo', { id }));
  }

  async function redo() {
    const id = current.value;
    if (id && map.value!.redo > 0) await change(() => client.call('labels.redo', { id }));
  }

  return {
    ...{ maps, current, map, opening, working },
    ...{ load, add, choose, close, edit, undo, redo, merge, fail },
  };
});
