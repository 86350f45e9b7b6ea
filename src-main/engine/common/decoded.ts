import { cropRgb } from '../../image/tile';
import type { AnalysedPicture, CodedPicture } from '../../rda/analysed';
import { cropPlanes, widen } from '../../rda/planes';
import { decodedTile } from '../../rda/decoding';
import type { DecodedTile } from '../../rda/passes';
import type { Tile, Window, Windows } from '../../rda/tiles';
import { LATENT_PIXELS, meet, SYNTHESIS_REACH, synthesisWindows } from '../../rda/tiles';
import type { Checkpoint, Latents, Picture } from '../../rda/transforms';
import { placeDecoded, synthesise } from '../../rda/transforms';
import type { CodedPhoto } from '../../rda/whole-file';

export interface Rectangle {
  x: number;
  y: number;
  w: number;
  h: number;
}

/** Photos up to this many pixels are decoded whole at once. */
const SMALL = 768 * 768;

/**
 * A photo as it decodes at one quality. Tiles are quantised and windows synthesised when first needed;
 * `part` makes what is looked at without waiting for either.
 */
export class DecodedPhoto {
  readonly #symbols: (Promise<DecodedTile> | undefined)[] = [];
  readonly #hypers: (Promise<Int32Array> | undefined)[] = [];
  readonly #windows: Window[];
  readonly #made: (Promise<void> | undefined)[] = [];
  readonly #done = new Set<number>();
  #picture?: Picture;
  /** The part decoded last: tiles of one request are cut from one. */
  #recent?: { rectangle: Rectangle; picture: Picture };

  constructor(
    readonly analysed: AnalysedPicture,
    /** Wire quality. */
    readonly quality: number,
    windows: Windows = synthesisWindows,
    /** The same photo coded at this quality before: its tiles are decoded, and nothing need be analysed. */
    readonly known?: CodedPhoto,
  ) {
    this.#windows = windows(analysed.grid.width, analysed.grid.height);
  }

  /** The symbols of every tile. */
  async coded(check: Checkpoint = () => {}): Promise<CodedPicture> {
    const { tiles } = this.analysed.grid;
    const symbols: DecodedTile[] = [];
    for (const i of tiles.keys()) {
      check(i / tiles.length);
      symbols.push(await this.#tile(i, () => check(i / tiles.length)));
    }
    return { quality: this.quality, tiles: symbols };
  }

  /** All pixels, as every decoder computes them. */
  whole(check: Checkpoint = () => {}): Promise<Picture> {
    const { width, height } = this.analysed.picture;
    return this.#windowsOf({ x: 0, y: 0, w: width, h: height }, check);
  }

  /** The pixels of a rectangle, as every decoder computes them: the windows that it touches are made whole. */
  async exact(rectangle: Rectangle, check: Checkpoint = () => {}): Promise<Picture> {
    return cut(await this.#windowsOf(rectangle, check), rectangle);
  }

  /** The pixels of a rectangle, soon; equal to the whole's up to the rounding of float sums. */
  async part(rectangle: Rectangle, check: Checkpoint = () => {}): Promise<Picture> {
    const { width, height } = this.analysed.picture;
    const made = this.#touched(rectangle).every((i) => this.#done.has(i));
    if (made || width * height <= SMALL) return this.exact(rectangle, check);
    if (this.#recent && contains(this.#recent.rectangle, rectangle)) {
      const { x, y } = this.#recent.rectangle;
      const inside = { ...rectangle, x: rectangle.x - x, y: rectangle.y - y };
      return cut(this.#recent.picture, inside);
    }
    const { x, y, w, h } = rectangle;
    const reached = { x, y, width: w, height: h };
    const outer = widen(reached, SYNTHESIS_REACH, this.analysed.grid, LATENT_PIXELS);
    const latents = await this.#latentsOf(outer, (i, tile) =>
      this.#tilePart(i, tile, outer, check),
    );
    const picture = await this.#synthesise(latents, outer, check);
    const part = cut(picture, { ...rectangle, x: x - outer.x, y: y - outer.y });
    this.#recent = { rectangle, picture: part };
    return part;
  }

  #touched({ x, y, w, h }: Rectangle): number[] {
    const box = { x, y, width: w, height: h };
    return [...this.#windows.keys()].filter((i) => meet(this.#windows[i]!.core, box));
  }

  async #windowsOf(rectangle: Rectangle, check: Checkpoint): Promise<Picture> {
    const touched = this.#touched(rectangle);
    for (const [n, i] of touched.entries()) {
      const checkHere = () => check(n / touched.length);
      checkHere();
      this.#made[i] ??= this.#window(i, checkHere).catch((error: unknown) => {
        this.#made[i] = undefined;
        throw error;
      });
      await this.#made[i];
    }
    return this.#all;
  }

  async #window(i: number, check: () => void): Promise<void> {
    const { core, outer } = this.#windows[i]!;
    const latents = await this.#latentsOf(outer, async (at, tile) => {
      const { decoded } = await this.#tile(at, check);
      return cropPlanes(decoded, inLatents(tile), inLatents(common(tile, outer)));
    });
    paste(await this.#synthesise(latents, outer, check), outer, core, this.#all);
    this.#done.add(i);
  }

  get #all(): Picture {
    const { width, height } = this.analysed.picture;
    return (this.#picture ??= { width, height, rgb: new Uint8Array(width * height * 3) });
  }

  /** The latents of an area, gain removed, gathered from the tiles that it touches. */
  async #latentsOf(
    area: Tile,
    decodedOf: (i: number, tile: Tile) => Promise<Float32Array>,
  ): Promise<Latents> {
    const { grid, model } = this.analysed;
    const gains = model.quality.gains(this.quality);
    const { width, height } = inLatents(area);
    const latents = { data: new Float32Array(gains.length * height * width), height, width };
    for (const [i, tile] of grid.tiles.entries()) {
      if (!meet(tile, area)) continue;
      const shared = common(tile, area);
      const place = { ...shared, x: shared.x - area.x, y: shared.y - area.y };
      placeDecoded(await decodedOf(i, tile), place, gains, latents);
    }
    return latents;
  }

  /** What a tile holds of an area: from its symbols where they are known, else from that part alone. */
  async #tilePart(i: number, tile: Tile, area: Tile, check: Checkpoint): Promise<Float32Array> {
    const shared = common(tile, area);
    const part = inLatents({ ...shared, x: shared.x - tile.x, y: shared.y - tile.y });
    const known = this.#symbols[i];
    if (known) return cropPlanes((await known).decoded, inLatents({ ...tile, x: 0, y: 0 }), part);
    if (this.known) {
      const { decoded } = await this.#tile(i, () => check(0));
      return cropPlanes(decoded, inLatents({ ...tile, x: 0, y: 0 }), part);
    }
    check(0);
    await this.analysed.ready(() => check(0), tile);
    this.#hypers[i] ??= this.analysed.hyper(this.quality, tile).catch((error: unknown) => {
      this.#hypers[i] = undefined;
      throw error;
    });
    const hyper = await this.#hypers[i];
    return this.analysed.decodedPart(this.quality, tile, hyper, part, () => check(0));
  }

  #tile(i: number, check: () => void): Promise<DecodedTile> {
    this.#symbols[i] ??= this.#symbolsOf(i, check).catch((error: unknown) => {
      this.#symbols[i] = undefined;
      throw error;
    });
    return this.#symbols[i];
  }

  async #symbolsOf(i: number, check: () => void): Promise<DecodedTile> {
    const { model, grid } = this.analysed;
    if (this.known) return decodedTile(model, this.known, grid, i, check);
    const { tiles } = await this.analysed.quantise(this.quality, check, [grid.tiles[i]!]);
    return tiles[0]!;
  }

  /** The pixels of an area as far as it lies inside the photo. */
  #synthesise(latents: Latents, area: Tile, check: Checkpoint): Promise<Picture> {
    const { model, picture } = this.analysed;
    const window = { x: 0, y: 0, width: area.width, height: area.height };
    const size = {
      width: Math.min(area.width, picture.width - area.x),
      height: Math.min(area.height, picture.height - area.y),
    };
    const point = model.quality.point(this.quality);
    return synthesise(model, latents, size, point, check, [{ core: window, outer: window }]);
  }
}

/** Parts of a rectangle that are decoded one by one, so that something more urgent gets in between. */
export function partsOf({ x, y, w, h }: Rectangle, side: number): Rectangle[] {
  const parts: Rectangle[] = [];
  for (let top = 0; top < h; top += side) {
    for (let left = 0; left < w; left += side) {
      const size = { w: Math.min(side, w - left), h: Math.min(side, h - top) };
      parts.push({ x: x + left, y: y + top, ...size });
    }
  }
  return parts;
}

const inLatents = ({ x, y, width, height }: Tile): Tile => ({
  x: x / LATENT_PIXELS,
  y: y / LATENT_PIXELS,
  width: width / LATENT_PIXELS,
  height: height / LATENT_PIXELS,
});

function cut(picture: Picture, rectangle: Rectangle): Picture {
  return { width: rectangle.w, height: rectangle.h, rgb: cropRgb(picture, rectangle) };
}

/** Copies the core of an area's pixels to their place. */
function paste(from: Picture, area: Tile, core: Tile, into: Picture): void {
  const width = Math.min(core.width, into.width - core.x);
  const bottom = Math.min(core.y + core.height, into.height);
  for (let y = core.y; y < bottom; y++) {
    const start = ((y - area.y) * from.width + core.x - area.x) * 3;
    into.rgb.set(from.rgb.subarray(start, start + width * 3), (y * into.width + core.x) * 3);
  }
}

function contains(outer: Rectangle, { x, y, w, h }: Rectangle): boolean {
  const right = outer.x + outer.w;
  const bottom = outer.y + outer.h;
  return outer.x <= x && outer.y <= y && x + w <= right && y + h <= bottom;
}

function common(a: Tile, b: Tile): Tile {
  const x = Math.max(a.x, b.x);
  const y = Math.max(a.y, b.y);
  const width = Math.min(a.x + a.width, b.x + b.width) - x;
  return { x, y, width, height: Math.min(a.y + a.height, b.y + b.height) - y };
}
