/** Where a photo lies in a pane. Lengths are device pixels unless said otherwise. */
export interface Size {
  width: number;
  height: number;
}

export interface Rect extends Size {
  x: number;
  y: number;
}

export interface View {
  /** Device pixels a photo pixel takes: 1 is 100 %. */
  scale: number;
  /** The photo pixel in the middle of the pane. */
  x: number;
  y: number;
}

export const maxScale = 16;

const noMargin: Size = { width: 0, height: 0 };

/** The scale at which the whole photo is seen, with `margin` around it; never above 100 %. */
export function fitScale(photo: Size, pane: Size, margin: Size = noMargin): number {
  const width = Math.max(1, pane.width - 2 * margin.width);
  const height = Math.max(1, pane.height - 2 * margin.height);
  return Math.min(1, width / photo.width, height / photo.height);
}

export function fitView(photo: Size, pane: Size, margin: Size = noMargin): View {
  return { scale: fitScale(photo, pane, margin), x: photo.width / 2, y: photo.height / 2 };
}

/**
 * Keeps the scale between "fit" and 16×, and the photo in sight: it is centred on an axis on which it
 * is smaller than the pane, and fills the pane but for the margin on the other. At whole scales the photo's pixels fall
 * on the screen's.
 */
export function settle(view: View, photo: Size, pane: Size, margin: Size = noMargin): View {
  const least = Math.min(fitScale(photo, pane, margin), 1);
  const scale = Math.min(maxScale, Math.max(least, view.scale));
  const axis = (at: number, length: number, room: number, slack: number) => {
    // Edges can be drawn in by the margin, from under what lies over the pane.
    const half = (room / 2 - slack) / scale;
    const inside = length * scale <= room;
    const middle = inside ? length / 2 : Math.min(length - half, Math.max(half, at));
    if (!Number.isInteger(scale)) return middle;
    // The photo's first pixel starts on a whole device pixel.
    return (room / 2 - Math.round(room / 2 - middle * scale)) / scale;
  };
  return {
    scale,
    x: axis(view.x, photo.width, pane.width, margin.width),
    y: axis(view.y, photo.height, pane.height, margin.height),
  };
}

/** Zooms by `factor` so that the photo's point under (px, py) of the pane stays there. */
export function zoomAt(view: View, factor: number, px: number, py: number, pane: Size): View {
  const scale = Math.min(maxScale, Math.max(1e-3, view.scale * factor));
  const dx = px - pane.width / 2;
  const dy = py - pane.height / 2;
  return {
    scale,
    x: view.x + dx / view.scale - dx / scale,
    y: view.y + dy / view.scale - dy / scale,
  };
}

export function photoPoint(view: View, px: number, py: number, pane: Size) {
  return {
    x: view.x + (px - pane.width / 2) / view.scale,
    y: view.y + (py - pane.height / 2) / view.scale,
  };
}

/** Where a rectangle of the photo lies in the pane. */
export function toPane(rect: Rect, view: View, pane: Size): Rect {
  return {
    x: (rect.x - view.x) * view.scale + pane.width / 2,
    y: (rect.y - view.y) * view.scale + pane.height / 2,
    width: rect.width * view.scale,
    height: rect.height * view.scale,
  };
}

/** Where the photo's edges are in the pane, cut to it: in CSS pixels, for what stands on them. */
export function edgesOf({ width, height }: Size, view: View, pane: Size, ratio: number) {
  const box = toPane({ x: 0, y: 0, width, height }, view, pane);
  const left = Math.max(0, box.x) / ratio;
  const right = Math.min(pane.width, box.x + box.width) / ratio;
  const top = Math.max(0, box.y) / ratio;
  const bottom = Math.min(pane.height, box.y + box.height) / ratio;
  return { left, top, width: Math.max(0, right - left), height: Math.max(0, bottom - top) };
}

/**
 * The part of the photo that the pane shows, in photo pixels; null where nothing is seen.
 *
 * @param strip the columns of the pane that count; all of them when left out
 */
export function visible(
  view: View,
  photo: Size,
  pane: Size,
  strip = { x: 0, width: pane.width },
): Rect | null {
  const column = (x: number) => view.x + (x - pane.width / 2) / view.scale;
  const x0 = Math.max(0, column(strip.x));
  const y0 = Math.max(0, view.y - pane.height / 2 / view.scale);
  const x1 = Math.min(photo.width, column(strip.x + strip.width));
  const y1 = Math.min(photo.height, view.y + pane.height / 2 / view.scale);
  return x1 > x0 && y1 > y0 ? { x: x0, y: y0, width: x1 - x0, height: y1 - y0 } : null;
}

/** The coarsest level (each halves the one before) that still has a pixel for each of the screen's. */
export function levelFor(scale: number, levels: number): number {
  const level = Math.floor(Math.log2(1 / scale) + 1e-6);
  return Math.max(0, Math.min(levels - 1, level));
}
