import { createHash } from 'node:crypto';
import { readPhotoFile } from '../../../src-main/rda/file';
import type { RdaModel } from '../../../src-main/rda/model';
import { decodeSymbols, type TileSymbols } from '../../../src-main/rda/symbols';
import { LATENT_PIXELS, tileGrid } from '../../../src-main/rda/tiles';
import type { SceneName } from '../../photos';

/** The pictures of the golden files; the wide one has two tiles. */
export const goldenCases: {
  name: string;
  scene: SceneName;
  width: number;
  height: number;
  quality: number;
}[] = [
  { name: 'landscape-low', scene: 'landscape', width: 200, height: 130, quality: 10 },
  { name: 'portrait-mid', scene: 'portrait', width: 128, height: 128, quality: 50 },
  { name: 'page-high', scene: 'page', width: 96, height: 70, quality: 97.3 },
  { name: 'city-tiles', scene: 'city', width: 1100, height: 60, quality: 35 },
];

/** All tiles' symbols of a file. */
export async function symbolsOf(model: RdaModel, bytes: Uint8Array): Promise<TileSymbols[]> {
  const { header, tiles } = readPhotoFile(bytes);
  const grid = tileGrid(header.width, header.height, model.manifest.decode.tile);
  const out: TileSymbols[] = [];
  for (const [i, tile] of grid.tiles.entries()) {
    const size = { height: tile.height / LATENT_PIXELS, width: tile.width / LATENT_PIXELS };
    out.push(
      await decodeSymbols(model, { ...size, quality: header.quality }, tiles[i]!.stream),
    );
  }
  return out;
}

/** SHA-256 of every whole number that entropy decoding gives. */
export async function symbolHash(model: RdaModel, bytes: Uint8Array): Promise<string> {
  const hash = createHash('sha256');
  for (const { hyper, residual, rows } of await symbolsOf(model, bytes)) {
    for (const part of [hyper, residual, rows]) {
      hash.update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
    }
  }
  return hash.digest('hex');
}
