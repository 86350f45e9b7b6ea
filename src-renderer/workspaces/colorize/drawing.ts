import type { Ref } from 'vue';
import type { Size } from '../../canvas/geometry';
import { photoPoint } from '../../canvas/geometry';
import type { Point, useGestures } from '../../canvas/gestures';
import { useColours } from './colours';
import { useHeld } from './held';
import type { Place } from './region';
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

  function placeAt(point: Point): Place | null {
    const { scene } = colours;
    if (!scene) return null;
    const { x, y } = photoPoint(region.view, point.x, point.y, area.value);
    if (x < 0 || y < 0 || x >= scene.width || y >= scene.height) return null;
    return { x: x / scene.width, y: y / scene.height };
  }

  function cellAt({ x, y }: Place): number {
    const { columns, rows } = colours.scene!;
    return Math.floor(y * rows) * columns + Math.floor(x * columns);
  }

  /** The tool at a place; `other`: a modifier was held. */
  function use(place: Place | null, other = false) {
    if (!place) return;
    if (region.tool === 'pick') void region.pick(place, other);
    else if (region.tool === 'point') region.colourAt(place, other);
    else region.paint(cellAt(place));
  }

  const painted = () => region.tool === 'brush' || region.tool === 'eraser';

  function onDown(event: PointerEvent) {
    region.cursor = null;
    pressed = event.button === 0 ? gestures.inCanvas(event) : null;
    if (!painted() || !pressed || !colours.scene) return gestures.onPointerDown(event);
    canvas.value!.setPointerCapture(event.pointerId);
    painting = true;
    use(placeAt(pressed));
  }

  function onMove(event: PointerEvent) {
    if (!painting) {
      const place = placeAt(gestures.inCanvas(event));
      region.hovered = place && !painted() ? region.segmentAt(place) : null;
      return gestures.onPointerMove(event);
    }
    for (const each of event.getCoalescedEvents?.() ?? [event])
      use(placeAt(gestures.inCanvas(each)));
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
    if (moved < CLICK) use(placeAt(at), event.shiftKey || event.altKey);
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
      const middleOf = (n: number, of: number) => (n + 0.5) / of;
      use({ x: middleOf(at % columns, columns), y: middleOf(Math.floor(at / columns), rows) });
      return held.endStroke();
    }
    const x = Math.min(columns - 1, Math.max(0, (at % columns) + move[0]));
    const y = Math.min(rows - 1, Math.max(0, Math.floor(at / columns) + move[1]));
    region.cursor = y * columns + x;
  }

  function onLeave() {
    region.hovered = null;
    gestures.onPointerLeave();
  }

  return { onDown, onMove, onUp, onCancel, onLeave, onKey };
}
