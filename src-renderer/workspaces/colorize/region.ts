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

export const toolNames = ['pick', 'brush', 'eraser'] as const;
export type ToolName = (typeof toolNames)[number];
export const overlays = ['labels', 'sure'] as const;
export type Overlay = (typeof overlays)[number];
export const largestCells = 7;

export interface Region extends ColourOptions {
  label: number;
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

  async function pick(cell: number) {
    const { scene, chosen } = colours;
    const own = chosen?.made?.labels[cell];
    if (!scene || !chosen || own === undefined) return;
    try {
      const { colouring } = chosen;
      const found = await client.call('colours.options', { id: scene.id, colouring, cell });
      if (colours.chosen?.key !== chosen.key) return;
      region.value = { ...found, label: own };
      label.value = own;
    } catch (error) {
      app.fail(error);
    }
  }

  /** Says what the region is: every colouring that is not kept follows. */
  function say(next: number) {
    if (!region.value) return;
    const { cells } = region.value;
    region.value = { ...region.value, label: next };
    label.value = next;
    held.hold(cells, next);
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
      cursor.value = null;
      zooming.fit();
    },
  );
  watch(
    () => colours.chosen?.key,
    () => (region.value = null),
  );

  return {
    ...zooming,
    ...{ split, overlay, left, tool, label, size, region, cursor, labels, shares },
    ...{ pick, say, around, paint },
  };
});
