import { defineStore } from 'pinia';
import { computed, ref, shallowRef, watch } from 'vue';
import type { ColourOptions } from '../../../src-main/api/calls/contract';
import { useZoom } from '../../canvas/zoom';
import { client } from '../../client';
import { useApp } from '../../app';
import { i18n } from '../../i18n';
import { labelName } from '../../i18n/label-names';
import { useColours } from './colours';
import { useHeld } from './held';

export const toolNames = ['pick', 'point', 'brush', 'eraser'] as const;
export type ToolName = (typeof toolNames)[number];
export const overlays = ['labels', 'sure'] as const;
export type Overlay = (typeof overlays)[number];
export const largestCells = 7;

export interface Region extends ColourOptions {
  /** Segments of the photo. */
  segments: readonly number[];
  /** What all of them are held to, or what most of their cells are in view. */
  label: number;
}

/** A place of the photo, 0…1 of its width and height. */
export interface Place {
  x: number;
  y: number;
}

/** How the colouring is looked at, and the tool in hand: labels are repainted by regions or cells. */
export const useRegion = defineStore('colourRegion', () => {
  const app = useApp();
  const colours = useColours();
  const held = useHeld();
  const zooming = useZoom(() => colours.scene);
  const split = ref(0.38);
  const overlay = ref<Overlay | null>(null);
  const left = ref<'grey' | 'original'>('grey');
  const tool = ref<ToolName>('pick');
  const label = ref(0);
  /** Cells a side. */
  const size = ref(1);
  const region = shallowRef<Region | null>(null);
  /** The segment under the pointer. */
  const hovered = ref<number | null>(null);
  /** Marks of what was placed by hand, and the border, are left out. */
  const bare = ref(false);
  /** While a key is held the photo is seen grey. */
  const grey = ref(false);
  /** The colour in hand, of colour points, and those used last. */
  const ink = ref('#c98f6b');
  const recent = ref<string[]>([]);
  const cursor = ref<number | null>(null);

  const labels = computed(() =>
    (colours.scene?.labels ?? []).map((one) => ({
      ...one,
      name: labelName(one.name, i18n.global.locale.value),
    })),
  );
  /** Labels of the colouring that is shown, and the cells of each. */
  const shares = computed(() => {
    const cells = colours.chosen?.made?.labels ?? [];
    const counts = new Map<number, number>();
    for (const one of cells) counts.set(one, (counts.get(one) ?? 0) + 1);
    return [...counts]
      .map(([one, count]) => ({ label: one, share: count / cells.length }))
      .sort((a, b) => b.share - a.share);
  });

  /** The segment at a place. */
  function segmentAt({ x, y }: Place): number | null {
    const { scene } = colours;
    if (!scene) return null;
    const { segments, segmentColumns: columns } = scene;
    const row = Math.min(
      segments.length / columns - 1,
      Math.floor((y * segments.length) / columns),
    );
    return segments[row * columns + Math.min(columns - 1, Math.floor(x * columns))] ?? null;
  }

  /** The label that most samples of segments have in view. */
  function labelOf(segments: readonly number[]): number {
    const { scene, chosen } = colours;
    const wanted = new Set(segments);
    const counts = new Map<number, number>();
    scene?.segments.forEach((segment, i) => {
      if (!wanted.has(segment)) return;
      const { segmentColumns: across, columns } = scene;
      const cell = Math.floor(i / across / 4) * columns + Math.floor((i % across) / 4);
      const one = chosen?.made?.labels[cell] ?? 0;
      counts.set(one, (counts.get(one) ?? 0) + 1);
    });
    return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 0;
  }

  /** Chooses the segment at a place; with `more`, beside those that are chosen, or no longer. */
  async function pick(place: Place, more = false) {
    const { scene, chosen } = colours;
    const segment = segmentAt(place);
    if (!scene || !chosen?.made || segment === null) return;
    const before = more ? (region.value?.segments ?? []) : [];
    const others = before.filter((one) => one !== segment);
    const segments = others.length < before.length ? others : [...before, segment];
    if (segments.length === 0) return void (region.value = null);
    try {
      const found = await client.call('colours.options', { id: scene.id, segments });
      if (colours.scene?.id !== scene.id) return;
      const own = labelOf(segments);
      region.value = { ...found, segments, label: own };
      label.value = own;
    } catch (error) {
      app.fail(error);
    }
  }

  /** Says what the region is: every colouring that is not kept follows. */
  function say(next: number) {
    if (!region.value) return;
    const { segments } = region.value;
    region.value = { ...region.value, label: next };
    label.value = next;
    held.hold(segments, next);
  }

  /** Leaves the region to the model again. */
  function free() {
    if (region.value) held.hold(region.value.segments, null);
  }

  /** Gives a place the colour in hand; with `away`, takes its colour point away. */
  function colourAt(place: Place, away = false) {
    if (away) return held.pointAt(place) && held.point(place, null);
    held.point(place, ink.value);
    recent.value = [ink.value, ...recent.value.filter((one) => one !== ink.value)].slice(0, 8);
  }

  /** The cells under a brush around one. */
  function around(cell: number): number[] {
    const { scene } = colours;
    if (!scene) return [];
    const { columns, rows } = scene;
    const from = -Math.floor((size.value - 1) / 2);
    const found: number[] = [];
    for (let dy = from; dy < from + size.value; dy++) {
      for (let dx = from; dx < from + size.value; dx++) {
        const x = (cell % columns) + dx;
        const y = Math.floor(cell / columns) + dy;
        if (x >= 0 && y >= 0 && x < columns && y < rows) found.push(y * columns + x);
      }
    }
    return found;
  }

  const paint = (cell: number) =>
    held.draw(around(cell), tool.value === 'eraser' ? null : label.value);

  watch(
    () => colours.scene?.id,
    () => {
      region.value = null;
      hovered.value = cursor.value = null;
      zooming.fit();
    },
  );
  return {
    ...zooming,
    ...{ split, overlay, left, tool, label, size, region, hovered, bare, grey, ink, recent },
    ...{ cursor, labels, shares, segmentAt, pick, say, free, colourAt, around, paint },
  };
});
