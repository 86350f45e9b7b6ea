import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import type { ColourWork, Colouring } from '../../../src-main/api/calls/contract';
import { mostSteps } from '../../../src-main/api/calls/contract';
import { useQueue } from '../../library/queue';

/** Labels that a person has placed: by cell of the photo's grid. */
export type Held = ReadonlyMap<number, number>;

interface History {
  states: Held[];
  at: number;
}

const none: Held = new Map();

/** What each photo's cells are held to, with every step on the way there. */
export const useHeld = defineStore('held', () => {
  const queue = useQueue();
  const histories = new Map<string, History>();
  /** Told of by hand: only one photo's history is ever seen. */
  const version = ref(0);
  /** Cells that a stroke has painted so far. */
  const drawn = shallowRef<Held | null>(null);

  const history = computed<History>(() => {
    void version.value;
    return histories.get(queue.current ?? '') ?? { states: [none], at: 0 };
  });
  const settled = computed<Held>(() => history.value.states[history.value.at]!);
  const held = computed<Held>(() => drawn.value ?? settled.value);
  const canUndo = computed(() => history.value.at > 0);
  const canRedo = computed(() => history.value.at < history.value.states.length - 1);

  function put(next: Held) {
    const id = queue.current;
    if (!id) return;
    const { states, at } = history.value;
    histories.set(id, { states: [...states.slice(0, at + 1), next], at: at + 1 });
    version.value++;
  }

  /** Holds cells to a label; sets them free where there is none. */
  function changed(before: Held, cells: Iterable<number>, label: number | null): Held {
    const next = new Map(before);
    for (const cell of cells) {
      if (label === null) next.delete(cell);
      else next.set(cell, label);
    }
    return next;
  }

  const hold = (cells: Iterable<number>, label: number | null) =>
    put(changed(settled.value, cells, label));
  const clear = () => put(none);

  function draw(cells: Iterable<number>, label: number | null) {
    drawn.value = changed(held.value, cells, label);
  }

  function endStroke() {
    if (drawn.value) put(drawn.value);
    drawn.value = null;
  }

  function step(by: 1 | -1) {
    const id = queue.current;
    const { states, at } = history.value;
    if (!id || !states[at + by]) return;
    histories.set(id, { states, at: at + by });
    version.value++;
  }

  /** As calls carry it. */
  const listed = (state: Held): Colouring['held'] => [...state].sort(([a], [b]) => a - b);
  const listOf = (id: string): Colouring['held'] => {
    const known = histories.get(id);
    return listed(known?.states[known.at] ?? none);
  };

  const knows = (id: string) => histories.has(id);
  /** Takes up what an earlier page left of a photo. */
  function take(id: string, { steps, at }: Pick<ColourWork, 'steps' | 'at'>) {
    histories.set(id, {
      states: steps.map((list) => new Map(list)),
      at: Math.min(at, steps.length - 1),
    });
    version.value++;
  }

  /** The current photo's steps as they are remembered: the newest, or those around the one that counts. */
  const remembered = computed<Pick<ColourWork, 'steps' | 'at'>>(() => {
    const { states, at } = history.value;
    const from = Math.max(0, Math.min(at, states.length - mostSteps));
    return { steps: states.slice(from, from + mostSteps).map(listed), at: at - from };
  });

  return {
    ...{ settled, held, drawn, canUndo, canRedo, remembered },
    ...{ hold, clear, draw, endStroke, listOf, knows, take },
    undo: () => step(-1),
    redo: () => step(1),
  };
});
