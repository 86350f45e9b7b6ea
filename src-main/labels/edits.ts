/**
 * Edits by hand, as the pixels that they touch. Spans are pairs of start and end (excluded) in
 * y · width + x, ascending, each within one row: small even where an edit is large.
 */
export type Spans = Uint32Array;

interface Size {
  width: number;
  height: number;
}

export function countOf(spans: Spans): number {
  let count = 0;
  for (let i = 0; i < spans.length; i += 2) count += spans[i + 1]! - spans[i]!;
  return count;
}

/**
 * The pixels whose centres are within `size` / 2 of the line through `points`.
 *
 * @param points x and y in turn, in pixels of the map; the first pixel's centre is 0.5, 0.5
 */
export function strokeSpans(
  { width, height }: Size,
  size: number,
  points: readonly number[],
): Spans {
  const radius = size / 2;
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let i = 0; i + 1 < points.length; i += 2) {
    left = Math.min(left, Math.floor(points[i]! - radius));
    right = Math.max(right, Math.ceil(points[i]! + radius));
    top = Math.min(top, Math.floor(points[i + 1]! - radius));
    bottom = Math.max(bottom, Math.ceil(points[i + 1]! + radius));
  }
  const x0 = Math.max(0, left);
  const y0 = Math.max(0, top);
  const columns = Math.min(width, right) - x0;
  const rows = Math.min(height, bottom) - y0;
  if (columns <= 0 || rows <= 0) return new Uint32Array();
  const covered = new Uint8Array(columns * rows);
  for (let i = 0; i + 1 < points.length; i += 2) {
    const next = i + 3 < points.length ? i + 2 : i;
    cover(points[i]! - x0, points[i + 1]! - y0, points[next]! - x0, points[next + 1]! - y0);
  }
  return spansOf(covered, columns, (x, y) => (y + y0) * width + x + x0);

  function cover(ax: number, ay: number, bx: number, by: number) {
    const [dx, dy] = [bx - ax, by - ay];
    const length = dx * dx + dy * dy;
    const first = Math.max(0, Math.floor(Math.min(ay, by) - radius));
    const last = Math.min(rows - 1, Math.ceil(Math.max(ay, by) + radius));
    const from = Math.max(0, Math.floor(Math.min(ax, bx) - radius));
    const to = Math.min(columns - 1, Math.ceil(Math.max(ax, bx) + radius));
    for (let y = first; y <= last; y++) {
      for (let x = from; x <= to; x++) {
        const [px, py] = [x + 0.5 - ax, y + 0.5 - ay];
        const along = length > 0 ? Math.min(1, Math.max(0, (px * dx + py * dy) / length)) : 0;
        const distance = (px - along * dx) ** 2 + (py - along * dy) ** 2;
        if (distance <= radius * radius) covered[y * columns + x] = 1;
      }
    }
  }
}

function spansOf(
  covered: Uint8Array,
  columns: number,
  indexOf: (x: number, y: number) => number,
): Spans {
  const spans: number[] = [];
  for (let y = 0, i = 0; i < covered.length; y++) {
    for (let x = 0; x < columns; x++, i++) {
      if (covered[i] === 0) continue;
      const start = indexOf(x, y);
      while (x + 1 < columns && covered[i + 1] === 1) {
        x++;
        i++;
      }
      spans.push(start, indexOf(x, y) + 1);
    }
  }
  return Uint32Array.from(spans);
}

/** The pixels connected to (x, y) by sides that have its label. */
export function regionSpans(
  { width, height, labels }: Size & { labels: Uint16Array },
  x: number,
  y: number,
): Spans {
  const label = labels[y * width + x]!;
  const seen = new Uint8Array(labels.length);
  const found: number[] = [];
  const open = [y * width + x];
  for (let pixel = open.pop(); pixel !== undefined; pixel = open.pop()) {
    if (seen[pixel] === 1) continue;
    const row = pixel - (pixel % width);
    let start = pixel;
    let end = pixel + 1;
    while (start > row && labels[start - 1] === label) start--;
    while (end < row + width && labels[end] === label) end++;
    seen.fill(1, start, end);
    found.push(start, end);
    for (const other of [row - width, row + width]) {
      if (other < 0 || other >= width * height) continue;
      // One pixel of each run beside this one is enough: it grows to the whole run.
      let inside = false;
      for (let at = start - row + other; at < end - row + other; at++) {
        const fits = labels[at] === label && seen[at] === 0;
        if (fits && !inside) open.push(at);
        inside = fits;
      }
    }
  }
  const order = Array.from({ length: found.length / 2 }, (_, i) => 2 * i);
  order.sort((a, b) => found[a]! - found[b]!);
  return Uint32Array.from(order.flatMap((i) => [found[i]!, found[i + 1]!]));
}

/**
 * Labels for the pixels of `spans` as if they had none: each takes that of the nearest pixel around
 * them, by steps along rows and columns, in raster order where several are as near.
 *
 * @returns one label a pixel of the spans; undefined if they leave nothing of the map
 */
export function surroundings(
  { width, labels }: Size & { labels: Uint16Array },
  spans: Spans,
): Uint16Array | undefined {
  const place = new Map<number, number>();
  for (let i = 0, at = 0; i < spans.length; i += 2) {
    for (let pixel = spans[i]!; pixel < spans[i + 1]!; pixel++) place.set(pixel, at++);
  }
  const found = new Int32Array(place.size).fill(-1);
  let front: number[] = [];
  const beside = (pixel: number) => {
    const x = pixel % width;
    const list = [];
    if (pixel >= width) list.push(pixel - width);
    if (x > 0) list.push(pixel - 1);
    if (x + 1 < width) list.push(pixel + 1);
    if (pixel + width < labels.length) list.push(pixel + width);
    return list;
  };
  for (const [pixel, at] of place) {
    const known = beside(pixel).find((other) => !place.has(other));
    if (known === undefined) continue;
    found[at] = labels[known]!;
    front.push(pixel);
  }
  if (front.length === 0) return undefined;
  while (front.length > 0) {
    const next: number[] = [];
    for (const pixel of front) {
      for (const other of beside(pixel)) {
        const at = place.get(other);
        if (at === undefined || found[at] !== -1) continue;
        found[at] = found[place.get(pixel)!]!;
        next.push(other);
      }
    }
    front = next;
  }
  return Uint16Array.from(found);
}

/** Sets the pixels of `spans`; one label for all, or one each. Returns those that they had. */
export function setSpans(
  labels: Uint16Array,
  spans: Spans,
  value: number | Uint16Array,
): Uint16Array {
  const before = new Uint16Array(countOf(spans));
  for (let i = 0, at = 0; i < spans.length; i += 2) {
    const [start, end] = [spans[i]!, spans[i + 1]!];
    before.set(labels.subarray(start, end), at);
    if (typeof value === 'number') labels.fill(value, start, end);
    else labels.set(value.subarray(at, at + end - start), start);
    at += end - start;
  }
  return before;
}
