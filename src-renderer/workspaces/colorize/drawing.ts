import type { Ref } from 'vue';
import type { Size } from '../../canvas/geometry';
import { photoPoint } from '../../canvas/geometry';
import type { Point, useGestures } from '../../canvas/gestures';
import { useColours } from './colours';
import { useHeld } from './held';
import { useRegion } from './region';

/** A press that moves less than this, in device pixels, is a click. */
const CLICK = 4;

/** Picking regions and painting cells, by pointer or keyboard. */
export function useColourDrawing(
  canvas: Readonly<Ref<HTMLCanvasElement | null>>,
  area: Ref<Size>,
  gestures: ReturnType<typeof useGestures>,
) {
  const colours = useColours();
  const held = useHeld();
  const region = useRegion();
  let pressed: Point | null = null;
  let painting = false;

  function cellAt(point: Point): number | null {
    const { scene } = colours;
    if (!scene) return null;
    const { x, y } = photoPoint(region.view, point.x, point.y, area.value);
    if (x < 0 || y < 0 || x >= scene.width || y >= scene.height) return null;
    const column = Math.floor((x * scene.columns) / scene.width);
    return Math.floor((y * scene.rows) / scene.height) * scene.columns + column;
  }

  function use(cell: number | null) {
    if (cell === null) return;
    if (region.tool === 'pick') void region.pick(cell);
    else region.paint(cell);
  }

  function onDown(event: PointerEvent) {
    region.cursor = null;
    pressed = event.button === 0 ? gestures.inCanvas(event) : null;
    if (region.tool === 'pick' || !pressed || !colours.scene) return gestures.onPointerDown(event);
    canvas.value!.setPointerCapture(event.pointerId);
    painting = true;
    use(cellAt(pressed));
  }

  function onMove(event: PointerEvent) {
    if (!painting) return gestures.onPointerMove(event);
    for (const each of event.getCoalescedEvents?.() ?? [event])
      use(cellAt(gestures.inCanvas(each)));
  }

  function onUp(event: PointerEvent) {
    if (painting) {
      painting = false;
      return held.endStroke();
    }
    gestures.onPointerUp(event);
    const at = gestures.inCanvas(event);
    const moved = pressed ? Math.hypot(at.x - pressed.x, at.y - pressed.y) : Infinity;
    pressed = null;
    if (moved < CLICK) use(cellAt(at));
  }

  function onCancel(event: PointerEvent) {
    painting = false;
    pressed = null;
    held.drawn = null;
    gestures.onPointerUp(event);
  }

  /** Arrows move a cursor from cell to cell, Enter uses the tool there; with Shift they pan. */
  function onKey(event: KeyboardEvent) {
    const { scene } = colours;
    const moves: Record<string, [number, number]> = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, -1],
      ArrowDown: [0, 1],
    };
    const move = event.shiftKey ? undefined : moves[event.key];
    if (!scene || !(move || event.key === 'Enter')) return gestures.onKey(event);
    event.preventDefault();
    event.stopPropagation();
    const { columns, rows } = scene;
    const middle = Math.floor(rows / 2) * columns + Math.floor(columns / 2);
    const at = region.cursor ?? middle;
    if (!move) {
      use(at);
      return held.endStroke();
    }
    const x = Math.min(columns - 1, Math.max(0, (at % columns) + move[0]));
    const y = Math.min(rows - 1, Math.max(0, Math.floor(at / columns) + move[1]));
    region.cursor = y * columns + x;
  }

  return { onDown, onMove, onUp, onCancel, onKey };
}
