import { crc32 } from '../entropy/bytes';
import { RangeDecoder, RangeEncoder } from '../entropy/range';
import { MAX_SYMBOL } from '../entropy/tables';
import type { RdaModel } from './model';

/** What a tile's stream says: hyper-latents and latents, both whole, in their channel-major layout. */
export interface TileSymbols {
  /** Latent rows and columns of the tile. */
  height: number;
  width: number;
  /** Wire quality. */
  quality: number;
  /** [hyper, height/4, width/4] */
  hyper: Int32Array;
  /** [latents, height, width]: q of the residual; 0 where skipped. */
  residual: Int32Array;
  /** [latents, height, width]: scale index of each latent. */
  scale: Uint8Array;
  /** [latents, height, width]: decoded latents, 16q + mean, in 1/16 steps. */
  decoded: Int32Array;
}

/** The lowest scale index is skipped: nothing is coded there and the mean stands. */
export const SKIPPED = 0;

/** Says what each symbol is: quantised by the encoder, read by the decoder. */
interface SymbolSource {
  /** Fills the hyper-latents. */
  hyper(into: Int32Array): Promise<void> | void;
  /** The residual symbol at latent `at` with this mean (1/16 steps) and scale index, never called where skipped. */
  residual(at: number, mean: number, scale: number, channel: number): number;
}

/**
 * Walks a tile in coding order: hyper-latents, then the four passes (channel group × checkerboard). Encoder and
 * decoder share it, so what one writes the other reads.
 */
async function walk(
  model: RdaModel,
  tile: { height: number; width: number; quality: number },
  source: SymbolSource,
): Promise<TileSymbols> {
  const { decode } = model.manifest;
  const { height, width, quality } = tile;
  const area = height * width;
  const point = model.quality.wholePoint(quality);
  const hyper = new Int32Array((decode.hyper * area) / 16);
  await source.hyper(hyper);
  const features = await model.hyperSynthesis(
    Float32Array.from(hyper),
    height / 4,
    width / 4,
    point,
  );
  const residual = new Int32Array(decode.latents * area);
  const scale = new Uint8Array(decode.latents * area);
  const decoded = new Int32Array(decode.latents * area);
  const context = new Float32Array(decode.latents * area);
  const clip = decode.contextClip;
  for (const [i, { group, parity }] of decode.passes.entries()) {
    const [low, high] = decode.groups[group]!;
    const out = await model.pass(i, features, context, point);
    for (let c = low; c < high; c++) {
      for (let y = 0; y < height; y++) {
        const row = c * area + y * width;
        const from = (c - low) * area + y * width;
        for (let x = (y + parity) & 1; x < width; x += 2) {
          const mean = out.mean[from + x]!;
          const index = out.scale[from + x]!;
          const q = index === SKIPPED ? 0 : source.residual(row + x, mean, index, c);
          const value = 16 * q + mean;
          const coarse = (value + 1) >> 1;
          residual[row + x] = q;
          scale[row + x] = index;
          decoded[row + x] = value;
          context[row + x] = coarse > clip ? clip : coarse < -clip ? -clip : coarse;
        }
      }
    }
  }
  return { ...tile, hyper, residual, scale, decoded };
}

/**
 * Quantises latents in steps [latents, height, width] to a tile's symbols. Nothing is written yet.
 *
 * Each residual takes the cheaper of its nearest whole number and the next one towards 0, by
 * bits + weight·error² (error in steps): rate-distortion optimised quantisation, symbol by symbol.
 * `weights` [latents]: bits that a squared error of one step is worth (QualityScale.errorWeights).
 */
export function quantise(
  model: RdaModel,
  tile: { height: number; width: number; quality: number },
  steps: Float32Array,
  weights: Float32Array,
): Promise<TileSymbols> {
  const { hyperClip } = model.manifest.decode;
  const { tables } = model;
  return walk(model, tile, {
    async hyper(into) {
      const z = await model.hyperAnalysis(steps, tile.height, tile.width);
      for (let i = 0; i < into.length; i++) {
        into[i] = Math.max(-hyperClip, Math.min(hyperClip, Math.floor(z[i]! + 0.5)));
      }
    },
    residual(at, mean, scale, channel) {
      const exact = steps[at]! - mean / 16;
      const q = Math.floor(exact + 0.5);
      if (q === 0) return 0;
      if (q > MAX_SYMBOL || q < -MAX_SYMBOL) return q > 0 ? MAX_SYMBOL : -MAX_SYMBOL;
      const inner = q > 0 ? q - 1 : q + 1;
      const saved = tables.modelBits(scale, q) - tables.modelBits(scale, inner);
      const worse = (exact - inner) ** 2 - (exact - q) ** 2;
      return saved > weights[channel]! * worse ? inner : q;
    },
  });
}

type Visit = (symbol: number, scale: number, at: number) => void;

/** Calls `visit` for every hyper-latent in coding order; `symbol` is the difference to the channel's mean. */
export function visitHyper(model: RdaModel, symbols: TileSymbols, visit: Visit): void {
  const { hyperMean, hyperScale } = model.manifest.decode.tables;
  const point = model.quality.wholePoint(symbols.quality);
  const area = (symbols.height * symbols.width) / 16;
  symbols.hyper.forEach((z, at) => {
    const channel = Math.floor(at / area);
    visit(z - hyperMean[point]![channel]!, hyperScale[point]![channel]!, at);
  });
}

/** Calls `visit` for every latent in coding order, skipped ones (scale index SKIPPED) included. */
export function visitLatents(model: RdaModel, symbols: TileSymbols, visit: Visit): void {
  const { decode } = model.manifest;
  const { height, width, residual, scale } = symbols;
  for (const { group, parity } of decode.passes) {
    const [low, high] = decode.groups[group]!;
    for (let c = low; c < high; c++) {
      for (let y = 0; y < height; y++) {
        const row = (c * height + y) * width;
        for (let x = (y + parity) & 1; x < width; x += 2) {
          visit(residual[row + x]!, scale[row + x]!, row + x);
        }
      }
    }
  }
}

/** Range-codes a tile's symbols. */
export function encodeSymbols(model: RdaModel, symbols: TileSymbols): Uint8Array {
  const coder = new RangeEncoder(symbols.residual.length >> 3);
  visitHyper(model, symbols, (symbol, scale) => model.tables.encode(coder, scale, symbol));
  visitLatents(model, symbols, (symbol, scale) => {
    if (scale !== SKIPPED) model.tables.encode(coder, scale, symbol);
  });
  return coder.finish();
}

/** Reads back what `encodeSymbols` wrote. Error CORRUPT where the bytes are no stream of it. */
export function decodeSymbols(
  model: RdaModel,
  tile: { height: number; width: number; quality: number },
  bytes: Uint8Array,
): Promise<TileSymbols> {
  const { hyperMean, hyperScale } = model.manifest.decode.tables;
  const { hyperClip } = model.manifest.decode;
  const coder = new RangeDecoder(bytes);
  const point = model.quality.wholePoint(tile.quality);
  return walk(model, tile, {
    hyper(into) {
      const area = (tile.height * tile.width) / 16;
      for (let at = 0; at < into.length; at++) {
        const channel = Math.floor(at / area);
        const q = model.tables.decode(coder, hyperScale[point]![channel]!);
        const z = q + hyperMean[point]![channel]!;
        into[at] = Math.max(-hyperClip, Math.min(hyperClip, z));
      }
    },
    residual: (_, __, scale) => model.tables.decode(coder, scale),
  });
}

/** CRC-32 of a tile's symbols: hyper-latents, then residuals, each as 32-bit little-endian, channel-major. */
export function symbolCrc(symbols: TileSymbols): number {
  const bytes = (a: Int32Array) => new Uint8Array(a.buffer, a.byteOffset, a.byteLength);
  return crc32(bytes(symbols.residual), crc32(bytes(symbols.hyper)));
}
