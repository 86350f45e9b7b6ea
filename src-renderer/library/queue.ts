import { defineStore } from 'pinia';
import { computed, ref, shallowReactive, shallowRef } from 'vue';
import type {
  ColourOrder,
  Colouring,
  ExportFormat,
  FileEntry,
  QueueState,
} from '../../src-main/api/calls/contract';
import { client } from '../client';
import { useApp } from '../app';

const idle: QueueState = {
  state: 'idle',
  total: 0,
  saved: 0,
  failed: [],
  fraction: 0,
  originalBytes: 0,
  bytes: 0,
  verified: true,
  secondsPerMegapixel: null,
  secondsLeft: null,
};

/** Whether what is shown of a file is a .lavi file: itself, or all that is left of a saved photo. */
export function showsLavi({ kind, lost, state, result }: FileEntry): boolean {
  return kind === 'lavi' || (lost === true && state === 'saved' && isLaviName(result?.output));
}

const isLaviName = (name = '') => name.toLowerCase().endsWith('.lavi');

/** The files of the window: their order, which are chosen, which one is shown, and the batch. */
export const useQueue = defineStore('queue', () => {
  const app = useApp();
  /** Each file reacts alone: a row is drawn again only when its own file changes. */
  const files = shallowReactive(new Map<string, FileEntry>());
  const order = shallowRef<string[]>([]);
  const selected = shallowRef<ReadonlySet<string>>(new Set());
  const current = ref<string | null>(null);
  const batch = shallowRef<QueueState>(idle);
  let anchor: string | null = null;
  const removals: string[][] = [];
  const canUndo = ref(false);

  const totalBytes = computed(() => {
    let sum = 0;
    for (const id of order.value) sum += files.get(id)?.bytes ?? 0;
    return sum;
  });
  const currentFile = computed(() => (current.value ? files.get(current.value) : undefined));

  /** What a change to quality, a save or a removal is about: the chosen files, or the shown one. */
  const chosen = computed(() => order.value.filter((id) => selected.value.has(id)));

  function reset(list: FileEntry[], queue: QueueState) {
    files.clear();
    for (const file of list) files.set(file.id, file);
    order.value = list.map(({ id }) => id);
    batch.value = queue;
    if (!current.value || !files.has(current.value)) show(order.value[0] ?? null);
  }

  function merge(changed: FileEntry[]) {
    const fresh: string[] = [];
    for (const file of changed) {
      if (!files.has(file.id)) fresh.push(file.id);
      files.set(file.id, file);
    }
    if (fresh.length > 0) {
      order.value = [...order.value, ...fresh];
      if (!current.value) show(fresh[0]!);
    }
  }

  function drop(removed: string[]) {
    if (removed.length === 0) return;
    const gone = new Set(removed);
    const at = current.value ? order.value.indexOf(current.value) : -1;
    order.value = order.value.filter((id) => !gone.has(id));
    for (const id of removed) files.delete(id);
    selected.value = new Set([...selected.value].filter((id) => !gone.has(id)));
    if (current.value && gone.has(current.value)) {
      show(order.value[Math.min(at, order.value.length - 1)] ?? null);
    }
  }

  function show(id: string | null) {
    current.value = id;
    anchor = id;
    selected.value = new Set(id ? [id] : []);
  }

  /** A click or an arrow key: alone, adding (Ctrl), or up to here (Shift). */
  function choose(id: string, how: 'alone' | 'toggle' | 'range' = 'alone') {
    if (how === 'alone') return show(id);
    if (how === 'toggle') {
      const next = new Set(selected.value);
      if (!next.delete(id)) next.add(id);
      selected.value = next;
      anchor = id;
    } else {
      const from = order.value.indexOf(anchor ?? id);
      const to = order.value.indexOf(id);
      selected.value = new Set(order.value.slice(Math.min(from, to), Math.max(from, to) + 1));
    }
    current.value = id;
  }

  function chooseAll() {
    selected.value = new Set(order.value);
  }

  function step(by: number, extend = false) {
    const at = current.value ? order.value.indexOf(current.value) : -1;
    const next = order.value[Math.max(0, Math.min(order.value.length - 1, at + by))];
    if (next) choose(next, extend ? 'range' : 'alone');
  }

  async function remove(ids: string[]) {
    if (ids.length === 0) return false;
    try {
      await client.call('files.remove', { ids });
      drop(ids);
      removals.push(ids);
      canUndo.value = true;
      return true;
    } catch (error) {
      app.fail(error);
      return false;
    }
  }

  async function undoRemove() {
    const ids = removals.pop();
    canUndo.value = removals.length > 0;
    if (!ids) return;
    try {
      await client.call('files.restore', { ids });
      const list = await client.call('files.list', {});
      for (const file of list) files.set(file.id, file);
      order.value = list.map(({ id }) => id);
      show(ids[0]!);
    } catch (error) {
      app.fail(error);
    }
  }

  async function addPaths(paths: string[]) {
    if (paths.length === 0) return;
    try {
      const { added, failures } = await client.call('files.add', { paths });
      merge(added);
      if (added[0]) show(added[0].id);
      const [first] = failures;
      if (first) app.fail(first);
    } catch (error) {
      app.fail(error);
    }
  }

  const quality = (file: FileEntry | undefined) => file?.quality ?? app.settings?.quality ?? 50;

  async function run(call: 'queue.pause' | 'queue.resume' | 'queue.cancel') {
    try {
      batch.value = await client.call(call, {});
    } catch (error) {
      app.fail(error);
    }
  }

  interface How {
    format?: ExportFormat;
    formatQuality?: number;
    colours?: ColourOrder;
    colourings?: Record<string, Colouring>;
    again?: boolean;
  }

  async function save(ids: string[], how: How = {}) {
    if (ids.length === 0) return;
    try {
      batch.value = await client.call('queue.save', { ids, ...how });
    } catch (error) {
      app.fail(error);
    }
  }

  client.on('files', ({ changed, removed }) => {
    drop(removed);
    merge(changed);
  });
  client.on('queue', (state) => (batch.value = state));

  return {
    files,
    order,
    selected,
    current,
    currentFile,
    chosen,
    batch,
    totalBytes,
    canUndo,
    reset,
    merge,
    show,
    choose,
    chooseAll,
    step,
    remove,
    undoRemove,
    addPaths,
    quality,
    run,
    save,
  };
});
