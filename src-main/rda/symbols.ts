import { LaviError } from '../api/errors';
import { crc32 } from '../entropy/bytes';
import { RangeDecoder, RangeEncoder } from '../entropy/range';
import { MAX_SYMBOL } from '../entropy/tables';
import type { RdaModel } from './model';

/** A coding tile, in latents. */
export interface TileShape {
  height: number;
  width: number;
  /** Wire quality. */
  quality: number;
}

/** What a tile's stream says: hyper-latents and residuals, both whole, in their channel-major layout. */
export interface TileSymbols extends TileShape {
  /** [hyper, height/4, width/4] */
  hyper: Int32Array;
  /** [latents, height, width]: latent − mean in steps, rounded; 0 where skipped. */
  residual: Int16Array;
  /** [latents, height, width]: row of the frequency table of each latent. */
  rows: Uint8Array;
}

/** The lowest row is skipped: nothing is coded there and the mean stands. */
export const SKIPPED = 0;

/** Hyper-latents of a whole tile, from its latents in steps [latents, height, width]. */
export async function quantiseHyper(
  model: RdaModel,
  tile: TileShape,
  steps: Float32Array,
): Promise<Int32Array> {
  const { hyperClip } = model.manifest.decode;
  const z = await model.hyperAnalysis(steps, tile.height, tile.width);
  return Int32Array.from(z, (value) =>
    Math.max(-hyperClip, Math.min(hyperClip, Math.floor(value + 0.5))),
  );
}

/** The rows of a whole tile. */
export function rowsOf(model: RdaModel, tile: TileShape, hyper: Int32Array): Promise<Uint8Array> {
  const point = model.quality.wholePoint(tile.quality);
  return model.rows(Float32Array.from(hyper), tile.height / 4, tile.width / 4, point);
}

/** Calls `visit` with the symbol and the table of every latent in coding order; those skipped are left out. */
export function visitLatents(
  model: RdaModel,
  { height, width, residual, rows }: TileSymbols,
  visit: (symbol: number, table: number, at: number) => void,
): void {
  const { rowCount } = model;
  for (let at = 0; at < rows.length;) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++, at++) {
        const row = rows[at]!;
        if (row !== SKIPPED) visit(residual[at]!, rowCount * ((y + x) & 1) + row, at);
      }
    }
  }
}

/** Range-codes a tile's symbols: hyper-latents, then residuals. */
export function encodeSymbols(model: RdaModel, symbols: TileSymbols): Uint8Array {
  const coder = new RangeEncoder(symbols.residual.length >> 3);
  const { hyper, height, width, quality } = symbols;
  const point = model.quality.wholePoint(quality);
  model.prior.encode(coder, hyper, height / 4, width / 4, point);
  visitLatents(model, symbols, (symbol, table) => model.residuals.encode(coder, table, symbol));
  return coder.finish();
}

/** Reads back what `encodeSymbols` wrote; no float net runs. Error CORRUPT where the bytes are no stream of it. */
export async function decodeSymbols(
  model: RdaModel,
  tile: TileShape,
  bytes: Uint8Array,
): Promise<TileSymbols> {
  const coder = new RangeDecoder(bytes);
  const { height, width, quality } = tile;
  const point = model.quality.wholePoint(quality);
  const hyper = model.prior.decodeFrom(coder, height / 4, width / 4, point);
  const rows = await rowsOf(model, tile, hyper);
  const residual = new Int16Array(rows.length);
  visitLatents(model, { ...tile, hyper, residual, rows }, (_, table, at) => {
    const symbol = model.residuals.decode(coder, table);
    if (symbol > MAX_SYMBOL || symbol < -MAX_SYMBOL) {
      throw new LaviError('CORRUPT', 'Found a symbol beyond the format’s range.');
    }
    residual[at] = symbol;
  });
  return { height, width, quality, hyper, residual, rows };
}

/** CRC-32 of a tile's symbols: hyper-latents as 32-bit, then residuals as 16-bit numbers, low byte first, channel-major. */
export function symbolCrc({ hyper, residual }: TileSymbols): number {
  const bytes = (a: Int32Array | Int16Array) =>
    new Uint8Array(a.buffer, a.byteOffset, a.byteLength);
  return crc32(bytes(residual), crc32(bytes(hyper)));
}
