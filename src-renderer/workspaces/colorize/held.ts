import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import type { ColourEdits, ColourPoint, ColourWork } from '../../../src-main/api/calls/contract';
import { mostPoints, mostSteps } from '../../../src-main/api/calls/contract';
import { useQueue } from '../../library/queue';

/** Labels that a person has placed: by cell of the photo's grid, or by segment. */
export type Held = ReadonlyMap<number, number>;

/** What a person knows of a photo. */
export interface Edits {
  cells: Held;
  regions: Held;
  points: readonly ColourPoint[];
}

interface History {
  states: Edits[];
  at: number;
}

const none: Edits = { cells: new Map(), regions: new Map(), points: [] };

/** Nearer than this, of the photo's width or height, a new colour point takes the place of an old one. */
const SAME_PLACE = 0.012;

/** What is known of each photo by hand, with every step on the way there. */
export const useHeld = defineStore('held', () => {
  const queue = useQueue();
  const histories = new Map<string, History>();
  /** Told of by hand: only one photo's history is ever seen. */
  const version = ref(0);
  /** What a stroke has painted so far. */
  const drawn = shallowRef<Edits | null>(null);

  const history = computed<History>(() => {
    void version.value;
    return histories.get(queue.current ?? '') ?? { states: [none], at: 0 };
  });
  const settled = computed<Edits>(() => history.value.states[history.value.at]!);
  const held = computed<Edits>(() => drawn.value ?? settled.value);
  const count = computed(() => {
    const { cells, regions, points } = held.value;
    return { cells: cells.size, regions: regions.size, points: points.length };
  });
  const isEmpty = computed(() => Object.values(count.value).every((n) => n === 0));
  const canUndo = computed(() => history.value.at > 0);
  const canRedo = computed(() => history.value.at < history.value.states.length - 1);

  function put(next: Edits) {
    const id = queue.current;
    if (!id) return;
    const { states, at } = history.value;
    histories.set(id, { states: [...states.slice(0, at + 1), next], at: at + 1 });
    version.value++;
  }

  /** Holds cells or segments to a label; sets them free where there is none. */
  function changed(before: Held, these: Iterable<number>, label: number | null): Held {
    const next = new Map(before);
    for (const one of these) {
      if (label === null) next.delete(one);
      else next.set(one, label);
    }
    return next;
  }

  function hold(regions: Iterable<number>, label: number | null) {
    const now = settled.value;
    put({ ...now, regions: changed(now.regions, regions, label) });
  }
  const clear = () => put(none);

  function draw(cells: Iterable<number>, label: number | null) {
    drawn.value = { ...held.value, cells: changed(held.value.cells, cells, label) };
  }

  function endStroke() {
    if (drawn.value) put(drawn.value);
    drawn.value = null;
  }

  const nearTo = (one: { x: number; y: number }) => (other: ColourPoint) =>
    Math.max(Math.abs(one.x - other.x), Math.abs(one.y - other.y)) < SAME_PLACE;

  /** Says which colour a place has; without one, that it is no colour point any more. */
  function point(place: { x: number; y: number }, colour: string | null) {
    const now = settled.value;
    const others = now.points.filter((other) => !nearTo(place)(other)).slice(-(mostPoints - 1));
    put({ ...now, points: colour === null ? others : [...others, { ...place, colour }] });
  }
  const pointAt = (place: { x: number; y: number }) => held.value.points.find(nearTo(place));

  function step(by: 1 | -1) {
    const id = queue.current;
    const { states, at } = history.value;
    if (!id || !states[at + by]) return;
    histories.set(id, { states, at: at + by });
    version.value++;
  }

  /** As calls carry it. */
  const listed = ({ cells, regions, points }: Edits): ColourEdits => ({
    held: [...cells].sort(([a], [b]) => a - b),
    regions: [...regions].sort(([a], [b]) => a - b),
    points: [...points],
  });
  const listOf = (id: string): ColourEdits => {
    const known = histories.get(id);
    return listed(known?.states[known.at] ?? none);
  };

  const knows = (id: string) => histories.has(id);
  /** Takes up what an earlier page left of a photo. */
  function take(id: string, { steps, at }: Pick<ColourWork, 'steps' | 'at'>) {
    histories.set(id, {
      states: steps.map(({ held, regions, points }) => ({
        ...{ cells: new Map(held), regions: new Map(regions), points },
      })),
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
    ...{ settled, held, count, isEmpty, drawn, canUndo, canRedo, remembered },
    ...{ hold, clear, draw, endStroke, point, pointAt, listOf, knows, take },
    undo: () => step(-1),
    redo: () => step(1),
  };
});
