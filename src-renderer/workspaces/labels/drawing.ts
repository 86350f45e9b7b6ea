import { shallowRef } from 'vue';
import type { Ref } from 'vue';
import { photoPoint, toPane } from '../../canvas/geometry';
import type { useGestures } from '../../canvas/gestures';
import { useLabels } from '../../library/label-maps';
import { useLooking } from './looking';
import { useTools } from './tools';

interface Drawn {
  points: number[];
  size: number;
  colour: string;
  /** The line of the log that it will be in. */
  line: number;
}

/** A stroke is cut where it would get too long for one message. */
const mostNumbers = 8000;

/**
 * Strokes on the canvas, by pointer or keyboard. What is drawn is seen at once; the map follows when
 * the session has it.
 */
export function useDrawing(
  canvas: Readonly<Ref<HTMLCanvasElement | null>>,
  gestures: ReturnType<typeof useGestures>,
  draw: () => void,
) {
  const labels = useLabels();
  const looking = useLooking();
  const tools = useTools();
  let stroke: Drawn | null = null;
  let sent: Drawn[] = [];
  /** Where the keyboard's cursor is, in pixels of the map; null until an arrow moves it. */
  const cursor = shallowRef<{ x: number; y: number } | null>(null);

  /** The centre of the pixel under a point of the canvas. */
  function pixelAt(point: { x: number; y: number }) {
    const { x, y } = photoPoint(looking.view, point.x, point.y, looking.pane);
    return { x: Math.floor(x) + 0.5, y: Math.floor(y) + 0.5 };
  }

  const inside = ({ x, y }: { x: number; y: number }) => {
    const { map } = labels;
    return map !== null && x >= 0 && y >= 0 && x < map.width && y < map.height;
  };

  /** Panning stays with the middle button and two fingers. */
  const drawsWith = (event: PointerEvent) => tools.tool !== 'move' && event.button === 0;

  function begin(points: number[]): Drawn {
    const colour = tools.tool === 'heal' ? '#ffffff88' : tools.colour;
    return { points, size: tools.size, colour, line: labels.map!.line + 1 };
  }

  function send(done: Drawn) {
    sent.push(done);
    void tools.stroke(done.points).then(draw);
  }

  function touch(at: { x: number; y: number }) {
    if (!inside(at)) return;
    if (tools.draws) send(begin([at.x, at.y]));
    else void tools.touch(Math.floor(at.x), Math.floor(at.y));
    draw();
  }

  function onDown(event: PointerEvent) {
    if (!labels.map || !drawsWith(event)) return gestures.onPointerDown(event);
    cursor.value = null;
    const at = pixelAt(gestures.inCanvas(event));
    if (!tools.draws) return touch(at);
    canvas.value!.setPointerCapture(event.pointerId);
    stroke = begin([at.x, at.y]);
    if (looking.kind === 'photo') looking.look('blend');
    looking.leave();
    draw();
  }

  function onMove(event: PointerEvent) {
    if (!stroke) return gestures.onPointerMove(event);
    for (const each of event.getCoalescedEvents?.() ?? [event]) {
      const { x, y } = pixelAt(gestures.inCanvas(each));
      const { points } = stroke;
      if (points.at(-2) !== x || points.at(-1) !== y) points.push(x, y);
      if (points.length < mostNumbers) continue;
      send(stroke);
      stroke = begin([x, y]);
    }
    draw();
  }

  function onUp(event: PointerEvent) {
    if (!stroke) return gestures.onPointerUp(event);
    const done = stroke;
    stroke = null;
    send(done);
    draw();
  }

  function onCancel(event: PointerEvent) {
    stroke = null;
    gestures.onPointerUp(event);
    draw();
  }

  /** With a tool in hand arrows move a cursor, by ten pixels with Shift; Enter uses the tool there. */
  function onKey(event: KeyboardEvent) {
    const { map } = labels;
    const step = event.shiftKey ? 10 : 1;
    const moves: Record<string, [number, number]> = {
      ArrowLeft: [-step, 0],
      ArrowRight: [step, 0],
      ArrowUp: [0, -step],
      ArrowDown: [0, step],
    };
    const move = moves[event.key];
    if (tools.tool === 'move' || !map || !(move || event.key === 'Enter')) {
      return gestures.onKey(event);
    }
    event.preventDefault();
    event.stopPropagation();
    const middle = { x: Math.floor(looking.view.x) + 0.5, y: Math.floor(looking.view.y) + 0.5 };
    const at = cursor.value ?? middle;
    if (!move) return touch(at);
    cursor.value = {
      x: Math.min(map.width - 0.5, Math.max(0.5, at.x + move[0])),
      y: Math.min(map.height - 0.5, Math.max(0.5, at.y + move[1])),
    };
    draw();
  }

  /** The map of this line is on screen: strokes up to it need not be drawn over it. */
  function settled(line: number) {
    sent = sent.filter((one) => one.line > line);
  }

  function paint(context: CanvasRenderingContext2D) {
    const { scale } = looking.view;
    context.lineCap = context.lineJoin = 'round';
    for (const { points, size, colour } of [...sent, ...(stroke ? [stroke] : [])]) {
      context.strokeStyle = colour;
      context.lineWidth = Math.max(1, size * scale);
      context.beginPath();
      for (let i = 0; i < points.length; i += 2) {
        const { x, y } = inPane(points[i]!, points[i + 1]!);
        context.lineTo(x, y);
        // A line of no length is not drawn.
        if (i === 0) context.lineTo(x + 0.01, y);
      }
      context.stroke();
    }
    const { pointer } = gestures;
    const at = cursor.value ?? (pointer.value && pixelAt(pointer.value));
    if (tools.tool === 'move' || !at || stroke) return;
    const { x, y } = inPane(at.x, at.y);
    const radius = Math.max(3, (tools.draws ? tools.size / 2 : 2) * scale);
    for (const [colour, width] of [
      ['#000', 3],
      ['#fff', 1.5],
    ] as const) {
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.beginPath();
      context.arc(x, y, radius, 0, 2 * Math.PI);
      context.stroke();
    }
  }

  const inPane = (x: number, y: number) =>
    toPane({ x, y, width: 0, height: 0 }, looking.view, looking.pane);

  return { onDown, onMove, onUp, onCancel, onKey, settled, paint };
}
