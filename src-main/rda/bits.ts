import type { RdaModel } from './model';
import { type TileSymbols, visitLatents } from './symbols';

/** Modelled bits −Σ log₂ p of hyper-latents and latents over tiles. */
export function contentBits(
  model: RdaModel,
  tiles: readonly TileSymbols[],
): { hyper: number; latents: number } {
  const bits = { hyper: 0, latents: 0 };
  for (const symbols of tiles) {
    bits.hyper += hyperBits(model, symbols).reduce((sum, value) => sum + value, 0);
    visitLatents(model, symbols, (symbol, table) => {
      bits.latents += model.residuals.modelBits(table, symbol);
    });
  }
  return bits;
}

/** Modelled bits of each place of a tile's hyper-latents [height/4 · width/4]. */
export function hyperBits(
  model: RdaModel,
  { hyper, height, width, quality }: TileSymbols,
): Float64Array {
  return model.prior.bits(hyper, height / 4, width / 4, model.quality.wholePoint(quality));
}
