import type { ColourPoint } from '../../../src-main/api/calls/contract';
import type { Rect } from '../../canvas/geometry';
import type { OpenScene } from './colours';
import type { Held } from './held';
import type { Overlay } from './region';

type Context = CanvasRenderingContext2D;

/** A cell's place, `at` being the photo's: in device pixels. */
function placeOf({ columns, rows }: OpenScene, at: Rect, cell: number): Rect {
  const edge = (start: number, length: number, of: number, n: number) =>
    Math.round(start + (length * n) / of);
  const column = cell % columns;
  const row = Math.floor(cell / columns);
  const x = edge(at.x, at.width, columns, column);
  const y = edge(at.y, at.height, rows, row);
  return {
    ...{ x, y },
    width: edge(at.x, at.width, columns, column + 1) - x,
    height: edge(at.y, at.height, rows, row + 1) - y,
  };
}

/** Labels in their colours, or how unsure the model is of them: the paler, the less sure. */
export function paintCells(
  context: Context,
  scene: OpenScene,
  at: Rect,
  labels: readonly number[],
  overlay: Overlay,
): void {
  labels.forEach((label, cell) => {
    const { x, y, width, height } = placeOf(scene, at, cell);
    const sure = scene.confidence[cell] ?? 1;
    context.globalAlpha = overlay === 'labels' ? 0.72 : 0.85 * (1 - sure);
    context.fillStyle = overlay === 'labels' ? (scene.labels[label]?.colour ?? '#808080') : '#fff';
    context.fillRect(x, y, width, height);
  });
  context.globalAlpha = 1;
}

/** A line around segments of the photo, seen on light and dark: dashed where they are chosen. */
export function paintSegments(
  context: Context,
  scene: OpenScene,
  at: Rect,
  segments: readonly number[],
  { ratio, dashed }: { ratio: number; dashed: boolean },
): void {
  const inside = new Set(segments);
  const { segments: of, segmentColumns: columns } = scene;
  const rows = of.length / columns;
  const edge = (start: number, length: number, count: number, n: number) =>
    Math.round(start + (length * n) / count);
  context.beginPath();
  for (let i = 0; i < of.length; i++) {
    if (!inside.has(of[i]!)) continue;
    const column = i % columns;
    const row = Math.floor(i / columns);
    const [x, right] = [0, 1].map((n) => edge(at.x, at.width, columns, column + n)) as [
      number,
      number,
    ];
    const [y, bottom] = [0, 1].map((n) => edge(at.y, at.height, rows, row + n)) as [number, number];
    const line = (x0: number, y0: number, x1: number, y1: number) => {
      context.moveTo(x0, y0);
      context.lineTo(x1, y1);
    };
    const isOut = (other: number) => other < 0 || other >= of.length || !inside.has(of[other]!);
    if (isOut(i - columns)) line(x, y, right, y);
    if (isOut(i + columns)) line(x, bottom, right, bottom);
    if (column === 0 || isOut(i - 1)) line(x, y, x, bottom);
    if (column === columns - 1 || isOut(i + 1)) line(right, y, right, bottom);
  }
  if (dashed) return outlined(context, ratio);
  context.lineWidth = 2.5 * ratio;
  context.strokeStyle = '#0006';
  context.stroke();
  context.lineWidth = ratio;
  context.strokeStyle = '#fffc';
  context.stroke();
}

/** Colour points: rings filled with their colours. */
export function paintPoints(
  context: Context,
  at: Rect,
  points: readonly ColourPoint[],
  ratio: number,
): void {
  for (const { x, y, colour } of points) {
    const ring = (radius: number, stroke: string, width: number) => {
      context.beginPath();
      context.arc(at.x + x * at.width, at.y + y * at.height, radius * ratio, 0, 2 * Math.PI);
      context.strokeStyle = stroke;
      context.lineWidth = width * ratio;
    };
    ring(6, '#000', 3.5);
    context.stroke();
    ring(6, '#fff', 2);
    context.fillStyle = colour;
    context.fill();
    context.stroke();
  }
}

/** Cells that a person holds to a label: sparse dots in its colour. */
export function paintDots(
  context: Context,
  scene: OpenScene,
  at: Rect,
  held: Held,
  ratio: number,
): void {
  context.lineWidth = 1.25 * ratio;
  for (const [cell, label] of held) {
    const { x, y, width, height } = placeOf(scene, at, cell);
    context.beginPath();
    const radius = Math.min(4 * ratio, 0.3 * Math.min(width, height));
    context.arc(x + width / 2, y + height / 2, radius, 0, 2 * Math.PI);
    context.fillStyle = scene.labels[label]?.colour ?? '#808080';
    context.fill();
    context.strokeStyle = '#000';
    context.stroke();
    context.beginPath();
    context.arc(x + width / 2, y + height / 2, radius + 1.25 * ratio, 0, 2 * Math.PI);
    context.strokeStyle = '#fff';
    context.stroke();
  }
}

export function paintCursor(
  context: Context,
  scene: OpenScene,
  at: Rect,
  cell: number,
  ratio: number,
): void {
  const { x, y, width, height } = placeOf(scene, at, cell);
  context.beginPath();
  context.rect(x, y, width, height);
  outlined(context, ratio);
}

function outlined(context: Context, ratio: number): void {
  context.lineWidth = 3 * ratio;
  context.strokeStyle = '#000a';
  context.stroke();
  context.lineWidth = 1.5 * ratio;
  context.strokeStyle = '#fff';
  context.setLineDash([5 * ratio, 3 * ratio]);
  context.stroke();
  context.setLineDash([]);
}
