import { ref, shallowRef } from 'vue';
import type { Size, View } from './geometry';
import { fitView, settle, zoomAt } from './geometry';

/**
 * How a picture is looked at in its pane: fitted, or at a scale and place of its own.
 *
 * @param picture the size of what is shown; null while there is nothing
 */
export function useZoom(picture: () => Size | null) {
  /** The size of one picture's pane, in device pixels. */
  const pane = shallowRef<Size>({ width: 0, height: 0 });
  const margin = shallowRef<Size>({ width: 0, height: 0 });
  const view = shallowRef<View>({ scale: 1, x: 0, y: 0 });
  const fitted = ref(true);

  function fit() {
    const shown = picture();
    if (!shown || pane.value.width === 0) return;
    const whole = fitView(shown, pane.value, margin.value);
    view.value = settle(whole, shown, pane.value, margin.value);
    fitted.value = true;
  }

  function set(next: View) {
    const shown = picture();
    if (!shown) return;
    view.value = settle(next, shown, pane.value, margin.value);
    fitted.value = false;
  }

  const zoom = (factor: number, x = pane.value.width / 2, y = pane.value.height / 2) =>
    set(zoomAt(view.value, factor, x, y, pane.value));
  /** 100 %: a pixel of the picture is a pixel of the screen. */
  const actual = () => set({ ...view.value, scale: 1 });
  const pan = (dx: number, dy: number) =>
    set({
      ...view.value,
      x: view.value.x - dx / view.value.scale,
      y: view.value.y - dy / view.value.scale,
    });

  function resize(size: Size, newMargin: Size) {
    pane.value = size;
    margin.value = newMargin;
    if (fitted.value) fit();
    else set(view.value);
  }

  return { pane, margin, view, fitted, fit, set, zoom, actual, pan, resize };
}
