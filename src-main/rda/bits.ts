import type { RdaModel } from './model';
import { type TileSymbols, visitHyper, visitLatents } from './symbols';

/** Modelled bits −Σ log₂ p of hyper-latents and latents, skipped ones included, over tiles. */
export function contentBits(
  model: RdaModel,
  tiles: readonly TileSymbols[],
): { hyper: number; latents: number } {
  const bits = { hyper: 0, latents: 0 };
  for (const symbols of tiles) {
    visitHyper(model, symbols, (symbol, scale) => {
      bits.hyper += model.tables.modelBits(scale, symbol);
    });
    visitLatents(model, symbols, (symbol, scale) => {
      bits.latents += model.tables.modelBits(scale, symbol);
    });
  }
  return bits;
}
