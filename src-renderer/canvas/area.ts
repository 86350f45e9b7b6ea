import { onBeforeUnmount, onMounted, ref } from 'vue';
import type { Ref } from 'vue';
import type { Size } from './geometry';

/** An element's size in device pixels, and how many of those a CSS pixel has. */
export function useArea(element: Readonly<Ref<HTMLElement | null>>) {
  const ratio = ref(1);
  const area = ref<Size>({ width: 0, height: 0 });

  function measure() {
    ratio.value = devicePixelRatio;
    const box = element.value!.getBoundingClientRect();
    area.value = {
      width: Math.round(box.width * ratio.value),
      height: Math.round(box.height * ratio.value),
    };
  }

  const observer = new ResizeObserver(measure);
  onMounted(() => {
    measure();
    observer.observe(element.value!);
  });
  onBeforeUnmount(() => observer.disconnect());
  return { ratio, area };
}
