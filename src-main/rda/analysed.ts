import { LaviError } from '../api/errors';
import type { RdaModel } from './model';
import { encodeSymbols, quantise, symbolCrc, type TileSymbols } from './symbols';
import { LATENT_PIXELS, type Tile, type TileGrid, tileGrid } from './tiles';
import {
  analyse,
  type Checkpoint,
  cropLatents,
  type Latents,
  type Picture,
  placeDecoded,
  synthesise,
} from './transforms';
import type { CodedTile } from './file';

/** The symbols of every tile at one quality. */
export interface CodedPicture {
  quality: number;
  tiles: TileSymbols[];
}

/**
 * A photo whose analysis is done once: every quality is then a run of the entropy nets alone
 * (no gain lies inside the analysis).
 */
export class AnalysedPicture {
  private constructor(
    readonly model: RdaModel,
    readonly picture: Picture,
    readonly grid: TileGrid,
    private readonly latents: Latents,
  ) {}

  static async of(
    model: RdaModel,
    picture: Picture,
    check: Checkpoint = () => {},
  ): Promise<AnalysedPicture> {
    const grid = tileGrid(picture.width, picture.height, model.manifest.decode.tile);
    const latents = await analyse(model, picture, grid, check);
    return new AnalysedPicture(model, picture, grid, latents);
  }

  /** Quantises all tiles (or those listed) at a wire quality. */
  async quantise(
    quality: number,
    check: Checkpoint = () => {},
    tiles: readonly Tile[] = this.grid.tiles,
  ): Promise<CodedPicture> {
    const gains = this.model.quality.gains(quality);
    const weights = this.model.quality.errorWeights(quality);
    const coded: TileSymbols[] = [];
    for (const [i, tile] of tiles.entries()) {
      check(i / tiles.length);
      const steps = cropLatents(this.latents, tile, gains);
      const size = { height: tile.height / LATENT_PIXELS, width: tile.width / LATENT_PIXELS };
      coded.push(await quantise(this.model, { ...size, quality }, steps, weights));
    }
    return { quality, tiles: coded };
  }
}

/** The tiles' streams and CRCs. */
export function codeTiles(model: RdaModel, coded: CodedPicture): CodedTile[] {
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
): Promise<Picture> {
  if (coded.tiles.length !== grid.tiles.length) {
    throw new LaviError(
      'CORRUPT',
      `Expected ${grid.tiles.length} tiles, found ${coded.tiles.length}.`,
    );
  }
  const gains = model.quality.gains(coded.quality);
  const height = grid.height / LATENT_PIXELS;
  const width = grid.width / LATENT_PIXELS;
  const latents: Latents = { data: new Float32Array(gains.length * height * width), height, width };
  coded.tiles.forEach((symbols, i) => {
    placeDecoded(symbols.decoded, grid.tiles[i]!, gains, latents);
  });
  return synthesise(model, latents, picture, model.quality.point(coded.quality), check);
}
