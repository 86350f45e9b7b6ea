import { defineStore } from 'pinia';
import { computed, ref, watch } from 'vue';
import { largestBrush } from '../../../src-main/api/calls/contract';
import { client } from '../../client';
import { useLabels } from '../../library/label-maps';

export const toolNames = ['move', 'brush', 'erase', 'heal', 'fill', 'pick'] as const;
export type ToolName = (typeof toolNames)[number];

/** The tool in hand, its size, and the class that it paints. */
export const useTools = defineStore('labelTools', () => {
  const labels = useLabels();
  const tool = ref<ToolName>('move');
  const size = ref(16);
  const label = ref(0);

  /** Those that the map has pixels of come first. */
  const classes = computed(() =>
    [...(labels.map?.classes ?? [])].sort((a, b) => Number(b.pixels > 0) - Number(a.pixels > 0)),
  );
  /** Erasing gives the void label; without one there is nothing to erase to. */
  const canErase = computed(() => (labels.map?.voidLabel ?? null) !== null);
  const draws = computed(() => ['brush', 'erase', 'heal'].includes(tool.value));
  const painted = computed(() =>
    tool.value === 'erase' ? (labels.map?.voidLabel ?? label.value) : label.value,
  );
  const colour = computed(
    () => classes.value.find((one) => one.label === painted.value)?.colour ?? '#808080',
  );

  watch(
    () => labels.map?.id,
    () => {
      // A map may name many more classes than it has pixels of.
      const inHand = classes.value.find((one) => one.label === label.value);
      if (!inHand?.pixels) {
        const [largest] = [...classes.value].sort((a, b) => b.pixels - a.pixels);
        label.value = largest?.label ?? 0;
      }
      if (tool.value === 'erase' && !canErase.value) tool.value = 'move';
    },
    { immediate: true },
  );

  function resize(factor: number) {
    const next = factor > 1 ? Math.ceil(size.value * factor) : Math.floor(size.value * factor);
    size.value = Math.max(1, Math.min(largestBrush, next));
  }

  async function stroke(points: number[]) {
    const drawn = { size: size.value, points };
    if (tool.value === 'heal') await labels.edit({ what: 'heal', ...drawn });
    else await labels.edit({ what: 'paint', label: painted.value, ...drawn });
  }

  /** What a click does where nothing is drawn. */
  async function touch(x: number, y: number) {
    const { map } = labels;
    if (!map) return;
    if (tool.value === 'fill') return labels.edit({ what: 'fill', label: label.value, x, y });
    if (tool.value !== 'pick') return;
    try {
      label.value = (await client.call('labels.pick', { id: map.id, x, y })).label;
      tool.value = 'brush';
    } catch (error) {
      labels.fail(error);
    }
  }

  /** Adds a class under the smallest label that is free, and takes it in hand. */
  async function addClass(name: string) {
    const used = new Set(classes.value.map((one) => one.label));
    let free = 0;
    while (used.has(free)) free++;
    await labels.edit({ what: 'class', label: free, name });
    label.value = free;
  }

  return {
    ...{ tool, size, label, classes, canErase, draws, painted, colour },
    ...{ resize, stroke, touch, addClass },
  };
});
