import { LaviError } from '../api/errors';
import type { RdaModel } from './model';
import type { Part } from './planes';
import { decodedPart, type DecodedTile, quantise } from './passes';
import { encodeSymbols, quantiseHyper, symbolCrc, type TileSymbols } from './symbols';
import {
  LATENT_PIXELS,
  meet,
  synthesisWindows,
  type Tile,
  type TileGrid,
  tileGrid,
  transformWindows,
  type Window,
  type Windows,
} from './tiles';
import {
  analyseWindow,
  type Checkpoint,
  cropLatents,
  type Latents,
  type Picture,
  placeDecoded,
  synthesise,
} from './transforms';
import type { CodedTile } from './file';

/** The symbols of every tile at one quality, with the latents that they decode to. */
export interface CodedPicture {
  quality: number;
  tiles: DecodedTile[];
}

/**
 * A photo whose analysis is done once, window by window, those first whose latents are asked for first: every quality is
 * then a run of the entropy nets alone (no gain lies inside the analysis).
 */
export class AnalysedPicture {
  /** Before any gain; 0 where no window has been analysed. */
  readonly latents: Latents;
  readonly #analysed: (Promise<void> | undefined)[] = [];

  private constructor(
    readonly model: RdaModel,
    readonly picture: Picture,
    readonly grid: TileGrid,
    readonly windows: Window[],
  ) {
    this.latents = emptyLatents(model, grid);
  }

  /** Nothing is analysed yet. */
  static open(
    model: RdaModel,
    picture: Picture,
    windows: Windows = transformWindows,
  ): AnalysedPicture {
    const grid = tileGrid(picture.width, picture.height, model.manifest.decode.tile);
    return new AnalysedPicture(model, picture, grid, windows(grid.width, grid.height));
  }

  /** Analysed whole. */
  static async of(
    model: RdaModel,
    picture: Picture,
    check: Checkpoint = () => {},
    windows: Windows = transformWindows,
  ): Promise<AnalysedPicture> {
    const opened = AnalysedPicture.open(model, picture, windows);
    await opened.ready(check);
    return opened;
  }

  /** Analyses the windows that an area (in pixels; the whole photo if left out) touches, as far as they are not. */
  async ready(check: Checkpoint, area?: Tile): Promise<void> {
    const touched = [...this.windows.entries()].filter(([, { core }]) => !area || meet(core, area));
    for (const [n, [i, window]] of touched.entries()) {
      check(n / touched.length);
      // Several may wait for one window: what cancels one of them does not end it.
      this.#analysed[i] ??= analyseWindow(this.model, this.picture, window, this.latents).catch(
        (error: unknown) => {
          this.#analysed[i] = undefined;
          throw error;
        },
      );
      await this.#analysed[i];
    }
  }

  /** Hyper-latents of a tile at a wire quality. */
  async hyper(quality: number, tile: Tile, check: Checkpoint = () => {}): Promise<Int32Array> {
    await this.ready(check, tile);
    const steps = cropLatents(this.latents, tile, this.model.quality.gains(quality));
    return quantiseHyper(this.model, shapeOf(tile, quality), steps);
  }

  /**
   * Decoded latents (in steps) of a part of a tile: what `quantise` gives there, up to the rounding of float sums.
   *
   * @param hyper the tile's hyper-latents at this quality: with them the whole tile is analysed
   * @param part in latents, from the tile's corner
   */
  decodedPart(
    quality: number,
    tile: Tile,
    hyper: Int32Array,
    part: Part,
    check: () => void,
  ): Promise<Float32Array> {
    const gains = this.model.quality.gains(quality);
    const weights = this.model.quality.errorWeights(quality);
    const stepsOf = ({ x, y, width, height }: Part) =>
      cropLatents(
        this.latents,
        {
          x: tile.x + x * LATENT_PIXELS,
          y: tile.y + y * LATENT_PIXELS,
          width: width * LATENT_PIXELS,
          height: height * LATENT_PIXELS,
        },
        gains,
      );
    const shape = shapeOf(tile, quality);
    return decodedPart(this.model, shape, hyper, part, stepsOf, weights, check);
  }

  /** Quantises all tiles (or those listed) at a wire quality. */
  quantise(
    quality: number,
    check: Checkpoint = () => {},
    tiles: readonly Tile[] = this.grid.tiles,
  ): Promise<CodedPicture> {
    const weights = this.model.quality.errorWeights(quality);
    return this.#quantise(quality, check, tiles, this.latents, weights);
  }

  /**
   * Quantises all tiles with other latents in the photo's place, each with the hyper-latents that `before` has.
   *
   * @param worth what an error costs, in multiples of its own squared error
   */
  requantise(
    before: CodedPicture,
    latents: Latents,
    worth: number,
    check: Checkpoint,
  ): Promise<CodedPicture> {
    const weights = this.model.quality.errorWeights(before.quality, worth);
    const { tiles } = this.grid;
    return this.#quantise(before.quality, check, tiles, latents, weights, before.tiles);
  }

  async #quantise(
    quality: number,
    check: Checkpoint,
    tiles: readonly Tile[],
    latents: Latents,
    weights: Float32Array,
    before?: readonly TileSymbols[],
  ): Promise<CodedPicture> {
    const gains = this.model.quality.gains(quality);
    const coded: DecodedTile[] = [];
    for (const [i, tile] of tiles.entries()) {
      const checkHere = () => check(i / tiles.length);
      checkHere();
      await this.ready(checkHere, tile);
      const steps = cropLatents(latents, tile, gains);
      const shape = shapeOf(tile, quality);
      coded.push(await quantise(this.model, shape, steps, weights, checkHere, before?.[i]!.hyper));
    }
    return { quality, tiles: coded };
  }
}

function shapeOf(tile: Tile, quality: number) {
  return { height: tile.height / LATENT_PIXELS, width: tile.width / LATENT_PIXELS, quality };
}

/** The tiles' streams and CRCs. */
export function codeTiles(model: RdaModel, coded: { tiles: readonly TileSymbols[] }): CodedTile[] {
  return coded.tiles.map((symbols) => ({
    crc: symbolCrc(symbols),
    stream: encodeSymbols(model, symbols),
  }));
}

/** Decoded pixels of a picture's symbols: what a decoder shows. */
export function reconstruct(
  model: RdaModel,
  coded: CodedPicture,
  grid: TileGrid,
  picture: { width: number; height: number },
  check: Checkpoint = () => {},
  windows: Windows = synthesisWindows,
): Promise<Picture> {
  if (coded.tiles.length !== grid.tiles.length) {
    throw new LaviError(
      'CORRUPT',
      `Expected ${grid.tiles.length} tiles, found ${coded.tiles.length}.`,
    );
  }
  const latents = decodedLatents(model, coded, grid);
  const point = model.quality.point(coded.quality);
  return synthesise(model, latents, picture, point, check, windows(grid.width, grid.height));
}

/** Decoded latents of a whole picture, gain removed. */
export function decodedLatents(model: RdaModel, coded: CodedPicture, grid: TileGrid): Latents {
  const gains = model.quality.gains(coded.quality);
  const latents = emptyLatents(model, grid);
  coded.tiles.forEach((symbols, i) => {
    placeDecoded(symbols.decoded, grid.tiles[i]!, gains, latents);
  });
  return latents;
}

/** Latents of a whole padded photo, all 0. */
export function emptyLatents(model: RdaModel, grid: TileGrid): Latents {
  const height = grid.height / LATENT_PIXELS;
  const width = grid.width / LATENT_PIXELS;
  const { latents } = model.manifest.decode;
  return { data: new Float32Array(latents * height * width), height, width };
}
