import type { Rect, Size, View } from './geometry';
import { toPane } from './geometry';

interface Tile {
  /** In pixels of its level. */
  rect: Rect;
  image: HTMLImageElement;
}

/** A rectangle of cells, the ends excluded. */
interface Cells {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

/** How a layer's requests are cut, in pixels of a level. */
export interface Cuts {
  /** Requests are widened to whole cells, so that small moves need nothing new. */
  cell: number;
  /** One request asks for at most so many pixels each way. */
  largest: number;
}

const usualCuts = (): Cuts => ({ cell: 256, largest: Infinity });

/** What is wanted before the rest. */
export interface Urgent {
  /** A part of the rectangle. */
  first?: Rect;
  /** The column, in pixels of the picture, from which tiles come outwards. */
  near?: number;
}

export interface TiledPicture extends Size {
  levels: number;
}

/** A tile's place in the pixels of its level, and its address. */
export interface LoadedTile {
  x: number;
  y: number;
  w: number;
  h: number;
  url: string;
}

/** Asks for the tiles that cover a rectangle of a level's pixels. */
export type LoadTiles = (place: {
  level: number;
  x: number;
  y: number;
  w: number;
  h: number;
}) => Promise<LoadedTile[]>;

/** One layer of a picture as tiles, by level; asks for what is missing, one request at a time. */
export class LayerTiles {
  readonly #levels = new Map<number, Map<string, Tile>>();
  readonly #covered = new Map<number, Set<string>>();
  #wanted: { level: number; rect: Rect; urgent: Urgent } | null = null;
  #busy = false;
  #stopped = false;

  constructor(
    readonly picture: TiledPicture,
    private readonly load: LoadTiles,
    /** Called when there is something new to draw, or the last wish could not be met. */
    private readonly changed: (error?: unknown) => void,
    private readonly cuts: (level: number) => Cuts = usualCuts,
  ) {}

  /** Whether something wanted is not there yet. */
  get pending(): boolean {
    return this.#busy || this.#wanted !== null;
  }

  /** Wants a rectangle (in photo pixels) at a level; replaces the last wish. */
  want(level: number, rect: Rect, urgent: Urgent = {}): void {
    if (this.#stopped) return;
    this.#wanted = this.complete(level, rect) ? null : { level, rect, urgent };
    if (!this.#busy && this.#wanted) void this.#fetch();
  }

  stop(): void {
    this.#stopped = true;
    this.#wanted = null;
  }

  /** Whether the rectangle is there at this level or a finer or coarser one: drawn without holes. */
  covers(level: number, rect: Rect): boolean {
    for (let at = level; at < this.picture.levels; at++) if (this.complete(at, rect)) return true;
    return false;
  }

  /** Whether the rectangle is there at this very level. */
  complete(level: number, rect: Rect): boolean {
    return this.#missing(level, rect).length === 0;
  }

  /** Draws coarse levels first, so that finer ones replace them as they come. */
  draw(context: CanvasRenderingContext2D, level: number, view: View, pane: Size): void {
    for (let at = this.picture.levels - 1; at >= level; at--) {
      const scale = 2 ** at;
      for (const { rect, image } of this.#levels.get(at)?.values() ?? []) {
        const target = toPane(
          {
            x: rect.x * scale,
            y: rect.y * scale,
            // The last column and row of a level may stand for less than 2ⁿ pixels.
            width: Math.min(rect.width * scale, this.picture.width - rect.x * scale),
            height: Math.min(rect.height * scale, this.picture.height - rect.y * scale),
          },
          view,
          pane,
        );
        const left = Math.round(target.x);
        const top = Math.round(target.y);
        const width = Math.round(target.x + target.width) - left;
        const height = Math.round(target.y + target.height) - top;
        if (left > pane.width || top > pane.height || left + width < 0 || top + height < 0)
          continue;
        context.drawImage(image, left, top, width, height);
      }
    }
  }

  #size(level: number): Size {
    const scale = 2 ** level;
    return {
      width: Math.max(1, Math.ceil(this.picture.width / scale)),
      height: Math.max(1, Math.ceil(this.picture.height / scale)),
    };
  }

  /** What is not there of a rectangle (in photo pixels), as few rectangles of cells, row by row. */
  #missing(level: number, rect: Rect): Cells[] {
    const { cell, largest } = this.cuts(level);
    const most = Math.max(1, Math.floor(largest / cell));
    const scale = cell * 2 ** level;
    const covered = this.#covered.get(level);
    const found: Cells[] = [];
    const x1 = Math.ceil((rect.x + rect.width) / scale);
    const y1 = Math.ceil((rect.y + rect.height) / scale);
    for (let y = Math.floor(rect.y / scale); y < y1; y++) {
      for (let x = Math.floor(rect.x / scale); x < x1; x++) {
        if (covered?.has(`${x},${y}`)) continue;
        const start = x;
        while (x + 1 < x1 && x + 1 - start < most && !covered?.has(`${x + 1},${y}`)) x++;
        const above = found.find(
          (one) => one.y1 === y && one.x0 === start && one.x1 === x + 1 && y - one.y0 < most,
        );
        if (above) above.y1 = y + 1;
        else found.push({ x0: start, y0: y, x1: x + 1, y1: y + 1 });
      }
    }
    return found;
  }

  /** What to ask for next: of the urgent part if that is not there yet, and nearest to the column. */
  #next({ level, rect, urgent }: { level: number; rect: Rect; urgent: Urgent }): Cells | undefined {
    const soon = urgent.first ? this.#missing(level, urgent.first) : [];
    const missing = soon.length > 0 ? soon : this.#missing(level, rect);
    const { near } = urgent;
    if (near === undefined) return missing[0];
    const column = near / (this.cuts(level).cell * 2 ** level);
    const distance = ({ x0, x1 }: Cells) => Math.max(0, x0 - column, column - x1);
    return missing.sort((a, b) => distance(a) - distance(b))[0];
  }

  async #fetch(): Promise<void> {
    this.#busy = true;
    let failure: unknown;
    while (this.#wanted && !this.#stopped) {
      const wish = this.#wanted;
      const cells = this.#next(wish);
      if (!cells) {
        if (this.#wanted === wish) this.#wanted = null;
        continue;
      }
      try {
        await this.#load(wish.level, cells);
      } catch (error) {
        failure = error;
        this.#wanted = null;
      }
      if (!this.#stopped) this.changed();
    }
    this.#busy = false;
    if (!this.#stopped) this.changed(failure);
  }

  async #load(level: number, cells: Cells) {
    const { cell } = this.cuts(level);
    const size = this.#size(level);
    const x = Math.min(cells.x0 * cell, size.width - 1);
    const y = Math.min(cells.y0 * cell, size.height - 1);
    const w = Math.min(cells.x1 * cell, size.width) - x;
    const h = Math.min(cells.y1 * cell, size.height) - y;
    const found = await this.load({ level, x, y, w, h });
    const tiles = this.#levels.get(level) ?? new Map<string, Tile>();
    this.#levels.set(level, tiles);
    await Promise.all(
      found.map(async (tile) => {
        const image = new Image();
        image.src = tile.url;
        await image.decode();
        const rect = { x: tile.x, y: tile.y, width: tile.w, height: tile.h };
        tiles.set(`${tile.x},${tile.y},${tile.w},${tile.h}`, { rect, image });
        if (!this.#stopped) this.changed();
      }),
    );
    const covered = this.#covered.get(level) ?? new Set<string>();
    this.#covered.set(level, covered);
    for (let cy = cells.y0; cy < cells.y1; cy++) {
      for (let cx = cells.x0; cx < cells.x1; cx++) covered.add(`${cx},${cy}`);
    }
  }
}
