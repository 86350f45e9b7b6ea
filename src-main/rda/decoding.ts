import { LaviError } from '../api/errors';
import { emptyLatents } from './analysed';
import { type CodedTile, type PhotoFile, readPhotoFile } from './file';
import type { RdaModel } from './model';
import { withLatents } from './passes';
import { decodeSymbols, symbolCrc, type TileSymbols } from './symbols';
import { LATENT_PIXELS, type TileGrid, tileGrid } from './tiles';
import { type Checkpoint, type Latents, placeDecoded } from './transforms';

/**
 * The latents of a whole file, gain removed; of each tile's symbols nothing is kept.
 * Error: CORRUPT where symbols differ from their CRC.
 */
export async function decodeLatents(
  model: RdaModel,
  parts: PhotoFile,
  check: Checkpoint,
): Promise<Latents> {
  const grid = gridOf(model, parts);
  const gains = model.quality.gains(parts.header.quality);
  const latents = emptyLatents(model, grid);
  for (const [i, tile] of grid.tiles.entries()) {
    const checkHere = () => check(i / grid.tiles.length);
    checkHere();
    const symbols = await checkedTile(model, parts, grid, i);
    placeDecoded((await withLatents(model, symbols, checkHere)).decoded, tile, gains, latents);
  }
  return latents;
}

/** The symbols of all tiles of a file. Error: CORRUPT where they differ from their CRC. */
export async function readTiles(
  model: RdaModel,
  parts: PhotoFile,
  check: Checkpoint,
): Promise<TileSymbols[]> {
  const grid = gridOf(model, parts);
  const tiles: TileSymbols[] = [];
  for (let i = 0; i < grid.tiles.length; i++) {
    check(i / grid.tiles.length);
    tiles.push(await checkedTile(model, parts, grid, i));
  }
  return tiles;
}

/** Decodes a new file tile by tile, keeping none, and compares each with what was coded. Error: INTERNAL. */
export async function verify(
  model: RdaModel,
  file: Uint8Array,
  coded: readonly CodedTile[],
  check: Checkpoint,
): Promise<void> {
  const parts = readPhotoFile(file);
  const grid = gridOf(model, parts);
  for (let i = 0; i < grid.tiles.length; i++) {
    check(i / grid.tiles.length);
    const { crc } = coded[i]!;
    const again = await decodeTile(model, parts, grid, i);
    if (parts.tiles[i]!.crc !== crc || symbolCrc(again) !== crc) {
      throw new LaviError('INTERNAL', `Tile ${i + 1} of the new file decodes to other symbols.`);
    }
  }
}

function gridOf(model: RdaModel, parts: PhotoFile): TileGrid {
  const { width, height } = parts.header;
  const grid = tileGrid(width, height, model.manifest.decode.tile);
  if (parts.tiles.length !== grid.tiles.length) {
    throw new LaviError(
      'CORRUPT',
      `Expected ${grid.tiles.length} tiles for ${width}×${height} pixels, found ${parts.tiles.length}.`,
    );
  }
  return grid;
}

async function checkedTile(
  model: RdaModel,
  parts: PhotoFile,
  grid: TileGrid,
  index: number,
): Promise<TileSymbols> {
  const symbols = await decodeTile(model, parts, grid, index);
  if (symbolCrc(symbols) !== parts.tiles[index]!.crc) {
    throw new LaviError(
      'CORRUPT',
      `Tile ${index + 1} does not decode to the symbols it was coded from.`,
    );
  }
  return symbols;
}

function decodeTile(
  model: RdaModel,
  parts: PhotoFile,
  grid: TileGrid,
  index: number,
): Promise<TileSymbols> {
  const tile = grid.tiles[index]!;
  const size = { height: tile.height / LATENT_PIXELS, width: tile.width / LATENT_PIXELS };
  const { quality } = parts.header;
  return decodeSymbols(model, { ...size, quality }, parts.tiles[index]!.stream);
}
