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

/** A dashed line around cells, seen on light and dark. */
export function paintRegion(
  context: Context,
  scene: OpenScene,
  at: Rect,
  cells: readonly number[],
  ratio: number,
): void {
  const inside = new Set(cells);
  const { columns } = scene;
  context.beginPath();
  const line = (x0: number, y0: number, x1: number, y1: number) => {
    context.moveTo(x0, y0);
    context.lineTo(x1, y1);
  };
  for (const cell of cells) {
    const { x, y, width, height } = placeOf(scene, at, cell);
    const [right, bottom] = [x + width, y + height];
    const column = cell % columns;
    if (!inside.has(cell - columns)) line(x, y, right, y);
    if (!inside.has(cell + columns)) line(x, bottom, right, bottom);
    if (column === 0 || !inside.has(cell - 1)) line(x, y, x, bottom);
    if (column === columns - 1 || !inside.has(cell + 1)) line(right, y, right, bottom);
  }
  outlined(context, ratio);
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
