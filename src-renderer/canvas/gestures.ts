import { ref } from 'vue';
import type { Ref } from 'vue';
import type { Size, View } from './geometry';
import { photoPoint } from './geometry';

export interface Point {
  x: number;
  y: number;
}

/** What gestures steer: the store that holds a `useZoom`. */
export interface Zoom {
  readonly view: View;
  readonly pane: Size;
  readonly fitted: boolean;
  fit(): void;
  set(view: View): void;
  zoom(factor: number, x?: number, y?: number): void;
  pan(dx: number, dy: number): void;
}

export interface GestureOptions {
  canvas: Readonly<Ref<HTMLCanvasElement | null>>;
  ratio: Readonly<Ref<number>>;
  zoom: Zoom;
  /** Whether there is a picture to move. */
  enabled: () => boolean;
  /** A point of the canvas in its pane, where one canvas shows several. */
  inPane?: (point: Point) => Point;
}

/** Wheel, drag, pinch, double click and arrow keys on a canvas. Points are in device pixels. */
export function useGestures(options: GestureOptions) {
  const { canvas, ratio, zoom, enabled, inPane = (point: Point) => point } = options;
  /** Where the pointer hovers; null while it drags, and outside. */
  const pointer = ref<Point | null>(null);
  const touches = new Map<number, Point>();

  function inCanvas(event: MouseEvent): Point {
    const box = canvas.value!.getBoundingClientRect();
    return {
      x: (event.clientX - box.left) * ratio.value,
      y: (event.clientY - box.top) * ratio.value,
    };
  }

  function onWheel(event: WheelEvent) {
    if (!enabled()) return;
    const { x, y } = inPane(inCanvas(event));
    const lines = event.deltaMode === 1 ? 16 : 1;
    // A pinch on a touchpad comes as a wheel with Ctrl, in small steps.
    const speed = event.ctrlKey ? 0.01 : 0.0015;
    zoom.zoom(Math.exp(-event.deltaY * lines * speed), x, y);
  }

  function onPointerDown(event: PointerEvent) {
    if (!enabled() || event.button > 1) return;
    canvas.value!.setPointerCapture(event.pointerId);
    touches.set(event.pointerId, inCanvas(event));
  }

  function onPointerMove(event: PointerEvent) {
    const at = inCanvas(event);
    const before = touches.get(event.pointerId);
    if (!before) {
      pointer.value = at;
      return;
    }
    pointer.value = null;
    const other = [...touches].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const distance = (point: Point) => Math.hypot(point.x - other.x, point.y - other.y);
      const middle = inPane({ x: (at.x + other.x) / 2, y: (at.y + other.y) / 2 });
      zoom.pan((at.x - before.x) / 2, (at.y - before.y) / 2);
      zoom.zoom(distance(at) / Math.max(1, distance(before)), middle.x, middle.y);
    } else zoom.pan(at.x - before.x, at.y - before.y);
    touches.set(event.pointerId, at);
  }

  function onPointerUp(event: PointerEvent) {
    touches.delete(event.pointerId);
  }

  function onPointerLeave() {
    pointer.value = null;
  }

  function onDoubleClick(event: MouseEvent) {
    const { x, y } = inPane(inCanvas(event));
    if (!zoom.fitted) return zoom.fit();
    zoom.set({ scale: 1, ...photoPoint(zoom.view, x, y, zoom.pane) });
  }

  function onKey(event: KeyboardEvent) {
    const step = 60 * ratio.value;
    const moves: Record<string, () => void> = {
      ArrowLeft: () => zoom.pan(step, 0),
      ArrowRight: () => zoom.pan(-step, 0),
      ArrowUp: () => zoom.pan(0, step),
      ArrowDown: () => zoom.pan(0, -step),
      '+': () => zoom.zoom(1.25),
      '=': () => zoom.zoom(1.25),
      '-': () => zoom.zoom(0.8),
    };
    const move = event.ctrlKey || event.metaKey ? undefined : moves[event.key];
    if (!move || !enabled()) return;
    event.preventDefault();
    event.stopPropagation();
    move();
  }

  return {
    pointer,
    inCanvas,
    onWheel,
    onPointerDown,
    onPointerMove,
    onPointerUp,
    onPointerLeave,
    onDoubleClick,
    onKey,
  };
}
