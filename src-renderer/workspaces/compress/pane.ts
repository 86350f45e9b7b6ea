import type { Ref } from 'vue';
import { computed, watch } from 'vue';
import { useArea } from '../../canvas/area';
import type { Size } from '../../canvas/geometry';
import { edgesOf } from '../../canvas/geometry';
import { useBlind } from './blind';
import { useCompare } from './compare';
import { usePhoto } from '../../library/photo';

/** Where on the screen the photo lies: the canvas, its one or two panes, the photo's edges in them. */
export function usePane(root: Readonly<Ref<HTMLElement | null>>) {
  const photo = usePhoto();
  const compare = useCompare();
  const blind = useBlind();

  const { ratio, area } = useArea(root);

  const single = computed(() => photo.isLavi);
  const panes = computed(() => (compare.mode === 'side' && !single.value && !blind.active ? 2 : 1));
  const size = computed<Size>(() => ({
    width: Math.floor(area.value.width / panes.value),
    height: area.value.height,
  }));
  /** Whether one pane shows two pictures with a border between them. */
  const divided = computed(
    () => !single.value && !blind.active && compare.mode === 'split' && !compare.flipped,
  );

  /** Where the photo lies in the first pane, in CSS pixels; for what stands on its edges. */
  const frame = computed(
    () => photo.photo && edgesOf(photo.photo, compare.view, size.value, ratio.value),
  );
  /** The border's place in the pane, in CSS pixels. */
  const splitAt = computed(() => {
    const box = frame.value;
    return box ? box.left + box.width * compare.split : 0;
  });

  watch(
    [size, ratio],
    () => compare.resize(size.value, { width: 16 * ratio.value, height: 58 * ratio.value }),
    { flush: 'sync' },
  );

  return { ratio, area, single, panes, size, divided, frame, splitAt };
}

export type Pane = ReturnType<typeof usePane>;
