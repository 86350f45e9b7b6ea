/** How a photo is cut: into coding tiles (part of the format) and into windows for the float transforms (not part of it). */

/** One latent covers 16×16 pixels. */
export const LATENT_PIXELS = 16;

/** A half-open stretch of an axis, in pixels. */
export interface Span {
  start: number;
  size: number;
}

export interface Tile {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The coding tiles of a photo, row by row; `width` and `height` are the padded sizes they cover. */
export interface TileGrid {
  width: number;
  height: number;
  tiles: Tile[];
}

/** Equal parts of an axis of `size` pixels: at most `largest`, each a multiple of `multiple`; the last may reach past the edge. */
export function axisSpans(size: number, largest: number, multiple: number): Span[] {
  const count = Math.ceil(size / largest);
  const part = Math.ceil(size / count / multiple) * multiple;
  const spans: Span[] = [];
  for (let start = 0; start < size; start += part) {
    const rest = Math.ceil((size - start) / multiple) * multiple;
    spans.push({ start, size: Math.min(part, rest) });
  }
  return spans;
}

/** The tile rule of the format for a photo of width × height pixels. */
export function tileGrid(
  width: number,
  height: number,
  rule: { largest: number; multiple: number },
): TileGrid {
  const columns = axisSpans(width, rule.largest, rule.multiple);
  const rows = axisSpans(height, rule.largest, rule.multiple);
  const tiles = rows.flatMap((row) =>
    columns.map((column) => ({
      x: column.start,
      y: row.start,
      width: column.size,
      height: row.size,
    })),
  );
  const end = (spans: Span[]) => spans.at(-1)!.start + spans.at(-1)!.size;
  return { width: end(columns), height: end(rows), tiles };
}

/** Whether two areas share a pixel. */
export const meet = (a: Tile, b: Tile): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** A part of the photo that a float transform computes: `core` is kept, `outer` adds the overlap around it. */
export interface Window {
  core: Tile;
  outer: Tile;
}

/** How a padded photo is cut into windows. */
export type Windows = (width: number, height: number) => Window[];

/** Photos of up to this many pixels are transformed in one piece. */
const WHOLE_PIXELS = 1408 * 1408;
const CORE = 1280;
const SMALL_CORE = 320;
/** How far a latent's pixels reach beyond its patch: six blocks of the analysis, one latent each. More than the synthesis. */
export const OVERLAP = 6 * LATENT_PIXELS;
/** Whole latents that hold all a pixel depends on. */
const SYNTHESIS_OVERLAP = 4 * LATENT_PIXELS;
/** How far a pixel's latents lie at most: three blocks at 1/16, and one cell of the net at 1/4. */
export const SYNTHESIS_REACH = 3 * LATENT_PIXELS + 4;

/** Windows over a padded photo whose sides are multiples of 64. */
export function transformWindows(
  width: number,
  height: number,
  core = CORE,
  whole = WHOLE_PIXELS,
  overlap = OVERLAP,
): Window[] {
  if (width * height <= whole) {
    const all = { x: 0, y: 0, width, height };
    return [{ core: all, outer: all }];
  }
  const windows: Window[] = [];
  for (let y = 0; y < height; y += core) {
    for (let x = 0; x < width; x += core) {
      const inner = {
        x,
        y,
        width: Math.min(core, width - x),
        height: Math.min(core, height - y),
      };
      const left = Math.max(0, x - overlap);
      const top = Math.max(0, y - overlap);
      const right = Math.min(width, x + inner.width + overlap);
      const bottom = Math.min(height, y + inner.height + overlap);
      windows.push({
        core: inner,
        outer: { x: left, y: top, width: right - left, height: bottom - top },
      });
    }
  }
  return windows;
}

/** How decoders cut a photo. */
export const synthesisWindows: Windows = (width, height) =>
  transformWindows(width, height, CORE, WHOLE_PIXELS, SYNTHESIS_OVERLAP);

/** Windows of at most 512 × 512 pixels: one net run is short, so that whoever comes soon gets a turn. */
export const smallWindows: Windows = (width, height) =>
  transformWindows(width, height, SMALL_CORE, (SMALL_CORE + 2 * OVERLAP) ** 2);

/** Windows of so many pixels a side that share nothing: for patches of a photo laid side by side. */
export const patchWindows =
  (side: number): Windows =>
  (width, height) =>
    transformWindows(width, height, side, 0, 0);
