import { LaviError } from '../api/errors';
import { emptyLatents } from './analysed';
import { type CodedTile, type PhotoFile, readPhotoFile } from './file';
import type { RdaModel } from './model';
import { type DecodedTile, withLatents } from './passes';
import { decodeSymbols, symbolCrc, type TileSymbols } from './symbols';
import { LATENT_PIXELS, type Tile, type TileGrid, tileGrid } from './tiles';
import { type Checkpoint, type Latents, placeDecoded } from './transforms';

/**
 * The latents of a whole file, gain removed; of each tile's symbols nothing is kept.
 * Error: CORRUPT where symbols differ from their CRC.
 */
export async function decodeLatents(
  model: RdaModel,
  coded: { quality: number; tiles: readonly CodedTile[] },
  size: { width: number; height: number },
  check: Checkpoint,
): Promise<Latents> {
  const grid = gridOf(model, size, coded.tiles);
  const gains = model.quality.gains(coded.quality);
  const latents = emptyLatents(model, grid);
  for (const [i, tile] of grid.tiles.entries()) {
    const checkHere = () => check(i / grid.tiles.length);
    const { decoded } = await decodedTile(model, coded, grid, i, checkHere);
    placeDecoded(decoded, tile, gains, latents);
  }
  return latents;
}

/** The symbols of all tiles of a file. Error: CORRUPT where they differ from their CRC. */
export async function readTiles(
  model: RdaModel,
  parts: PhotoFile,
  check: Checkpoint,
): Promise<TileSymbols[]> {
  const grid = gridOf(model, parts.header, parts.tiles);
  const tiles: TileSymbols[] = [];
  for (let i = 0; i < grid.tiles.length; i++) {
    check(i / grid.tiles.length);
    tiles.push(await checkedTile(model, parts.header.quality, parts.tiles, grid, i));
  }
  return tiles;
}

/** A coded tile's symbols and the latents (in steps) that they decode to. Error: CORRUPT. */
export async function decodedTile(
  model: RdaModel,
  { quality, tiles }: { quality: number; tiles: readonly CodedTile[] },
  grid: TileGrid,
  index: number,
  check: () => void,
): Promise<DecodedTile> {
  check();
  return withLatents(model, await checkedTile(model, quality, tiles, grid, index), check);
}

/** Decodes a new file tile by tile, keeping none, and compares each with what was coded. Error: INTERNAL. */
export async function verify(
  model: RdaModel,
  file: Uint8Array,
  coded: readonly CodedTile[],
  check: Checkpoint,
): Promise<void> {
  const parts = readPhotoFile(file);
  const grid = gridOf(model, parts.header, parts.tiles);
  for (let i = 0; i < grid.tiles.length; i++) {
    check(i / grid.tiles.length);
    const { crc } = coded[i]!;
    const again = await decodeTile(model, parts.header.quality, parts.tiles[i]!, grid.tiles[i]!);
    if (parts.tiles[i]!.crc !== crc || symbolCrc(again) !== crc) {
      throw new LaviError('INTERNAL', `Tile ${i + 1} of the new file decodes to other symbols.`);
    }
  }
}

function gridOf(
  model: RdaModel,
  { width, height }: { width: number; height: number },
  tiles: readonly CodedTile[],
): TileGrid {
  const grid = tileGrid(width, height, model.manifest.decode.tile);
  if (tiles.length !== grid.tiles.length) {
    throw new LaviError(
      'CORRUPT',
      `Expected ${grid.tiles.length} tiles for ${width}×${height} pixels, found ${tiles.length}.`,
    );
  }
  return grid;
}

async function checkedTile(
  model: RdaModel,
  quality: number,
  tiles: readonly CodedTile[],
  grid: TileGrid,
  index: number,
): Promise<TileSymbols> {
  const symbols = await decodeTile(model, quality, tiles[index]!, grid.tiles[index]!);
  if (symbolCrc(symbols) !== tiles[index]!.crc) {
    throw new LaviError(
      'CORRUPT',
      `Tile ${index + 1} does not decode to the symbols it was coded from.`,
    );
  }
  return symbols;
}

function decodeTile(
  model: RdaModel,
  quality: number,
  { stream }: CodedTile,
  tile: Tile,
): Promise<TileSymbols> {
  const size = { height: tile.height / LATENT_PIXELS, width: tile.width / LATENT_PIXELS };
  return decodeSymbols(model, { ...size, quality }, stream);
}
