import { cropRgb } from '../../image/tile';
import type { AnalysedPicture, CodedPicture } from '../../rda/analysed';
import { reconstruct } from '../../rda/analysed';
import type { TileSymbols } from '../../rda/symbols';
import type { Tile } from '../../rda/tiles';
import { LATENT_PIXELS, OVERLAP } from '../../rda/tiles';
import type { Checkpoint, Latents, Picture } from '../../rda/transforms';
import { cropLatents, placeDecoded, synthesise } from '../../rda/transforms';

export interface Rectangle {
  x: number;
  y: number;
  w: number;
  h: number;
}

/** Windows of this size at most are decoded for the screen alone. */
const PART = 768;
/** Windows' sides are multiples of this, as a decoder's are. */
const STEP = 64;

/**
 * A photo as it decodes at one quality. Tiles are quantised when first needed; pixels are made for a
 * part (to show it soon) or for the whole (to measure it, exactly as a decoder makes them).
 */
export class DecodedPhoto {
  readonly #symbols: (Promise<TileSymbols> | undefined)[] = [];
  readonly #placed = new Set<number>();
  #latents?: Latents;
  #whole?: Promise<Picture> | undefined;
  /** The part decoded last: tiles of one request are cut from one. */
  #recent?: { rectangle: Rectangle; picture: Picture };
  #isWhole = false;

  constructor(
    readonly analysed: AnalysedPicture,
    /** Wire quality. */
    readonly quality: number,
  ) {}

  /** The symbols of every tile. */
  async coded(check: Checkpoint = () => {}): Promise<CodedPicture> {
    const { tiles } = this.analysed.grid;
    const symbols: TileSymbols[] = [];
    for (const i of tiles.keys()) {
      check(i / tiles.length);
      symbols.push(await this.#tile(i));
    }
    return { quality: this.quality, tiles: symbols };
  }

  /** All pixels, as every decoder computes them. */
  whole(check: Checkpoint = () => {}): Promise<Picture> {
    this.#whole ??= this.#makeWhole(check).catch((error: unknown) => {
      this.#whole = undefined;
      throw error;
    });
    return this.#whole;
  }

  /** The pixels of a rectangle; equal to the whole's up to the rounding of float sums. */
  async part(rectangle: Rectangle, check: Checkpoint = () => {}): Promise<Picture> {
    const { width, height } = this.analysed.picture;
    if (this.#isWhole || width * height <= PART * PART) {
      return cut(await this.whole(check), rectangle);
    }
    if (this.#recent && contains(this.#recent.rectangle, rectangle)) {
      const { x, y } = this.#recent.rectangle;
      const inside = { ...rectangle, x: rectangle.x - x, y: rectangle.y - y };
      return cut(this.#recent.picture, inside);
    }
    const latents = await this.#latentsOf(rectangle, check);
    const { model, grid } = this.analysed;
    const align = (value: number) => Math.floor(value / STEP) * STEP;
    const left = align(Math.max(0, rectangle.x - OVERLAP));
    const top = align(Math.max(0, rectangle.y - OVERLAP));
    const reach = (end: number, limit: number) =>
      Math.min(limit, Math.ceil((end + OVERLAP) / STEP) * STEP);
    const outer = {
      x: left,
      y: top,
      width: reach(rectangle.x + rectangle.w, grid.width) - left,
      height: reach(rectangle.y + rectangle.h, grid.height) - top,
    };
    const cropped = {
      data: cropLatents(latents, outer),
      width: outer.width / LATENT_PIXELS,
      height: outer.height / LATENT_PIXELS,
    };
    const window = { x: 0, y: 0, width: outer.width, height: outer.height };
    const picture = await synthesise(
      model,
      cropped,
      { width: Math.min(outer.width, width - left), height: Math.min(outer.height, height - top) },
      model.quality.point(this.quality),
      check,
      [{ core: window, outer: window }],
    );
    const part = cut(picture, { ...rectangle, x: rectangle.x - left, y: rectangle.y - top });
    this.#recent = { rectangle, picture: part };
    return part;
  }

  #tile(i: number): Promise<TileSymbols> {
    this.#symbols[i] ??= this.analysed
      .quantise(this.quality, undefined, [this.analysed.grid.tiles[i]!])
      .then(({ tiles }) => tiles[0]!)
      .catch((error: unknown) => {
        this.#symbols[i] = undefined;
        throw error;
      });
    return this.#symbols[i];
  }

  async #makeWhole(check: Checkpoint): Promise<Picture> {
    const coded = await this.coded((fraction) => check(fraction / 2));
    const { model, grid, picture } = this.analysed;
    const size = { width: picture.width, height: picture.height };
    const whole = await reconstruct(model, coded, grid, size, (f) => check(0.5 + f / 2));
    this.#isWhole = true;
    return whole;
  }

  /** The latents, decoded at least where the rectangle's pixels depend on them. */
  async #latentsOf(rectangle: Rectangle, check: Checkpoint): Promise<Latents> {
    const { grid, model } = this.analysed;
    const gains = model.quality.gains(this.quality);
    const height = grid.height / LATENT_PIXELS;
    const width = grid.width / LATENT_PIXELS;
    this.#latents ??= { data: new Float32Array(gains.length * height * width), height, width };
    const near = {
      x: rectangle.x - OVERLAP - STEP,
      y: rectangle.y - OVERLAP - STEP,
      w: rectangle.w + 2 * (OVERLAP + STEP),
      h: rectangle.h + 2 * (OVERLAP + STEP),
    };
    for (const [i, tile] of grid.tiles.entries()) {
      if (this.#placed.has(i) || !touches(tile, near)) continue;
      check(0);
      placeDecoded((await this.#tile(i)).decoded, tile, gains, this.#latents);
      this.#placed.add(i);
    }
    return this.#latents;
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

function cut(picture: Picture, rectangle: Rectangle): Picture {
  return { width: rectangle.w, height: rectangle.h, rgb: cropRgb(picture, rectangle) };
}

function contains(outer: Rectangle, { x, y, w, h }: Rectangle): boolean {
  const right = outer.x + outer.w;
  const bottom = outer.y + outer.h;
  return outer.x <= x && outer.y <= y && x + w <= right && y + h <= bottom;
}

function touches(tile: Tile, { x, y, w, h }: Rectangle): boolean {
  return tile.x < x + w && x < tile.x + tile.width && tile.y < y + h && y < tile.y + tile.height;
}
