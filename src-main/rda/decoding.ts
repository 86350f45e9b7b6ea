import { LaviError } from '../api/errors';
import type { CodedPicture } from './analysed';
import { type CodedTile, type PhotoFile, readPhotoFile } from './file';
import type { RdaModel } from './model';
import { type DecodedTile, withLatents } from './passes';
import { decodeSymbols, symbolCrc, type TileSymbols } from './symbols';
import { LATENT_PIXELS, type TileGrid, tileGrid } from './tiles';
import type { Checkpoint } from './transforms';

/** All tiles of a file with their latents. Error: CORRUPT where symbols differ from their CRC. */
export async function decodeTiles(
  model: RdaModel,
  parts: PhotoFile,
  check: Checkpoint,
): Promise<CodedPicture> {
  const symbols = await readTiles(model, parts, (fraction) => check(fraction / 2));
  const tiles: DecodedTile[] = [];
  for (const [i, tile] of symbols.entries()) {
    const checkHere = () => check((1 + i / symbols.length) / 2);
    tiles.push(await withLatents(model, tile, checkHere));
  }
  return { quality: parts.header.quality, tiles };
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
    const symbols = await decodeTile(model, parts, grid, i);
    if (symbolCrc(symbols) !== parts.tiles[i]!.crc) {
      throw new LaviError(
        'CORRUPT',
        `Tile ${i + 1} does not decode to the symbols it was coded from.`,
      );
    }
    tiles.push(symbols);
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
