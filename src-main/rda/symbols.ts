import { crc32 } from '../entropy/bytes';
import { RangeDecoder, RangeEncoder } from '../entropy/range';
import { MAX_SYMBOL } from '../entropy/tables';
import type { RdaModel } from './model';
import { cropPlanes, type Part, widen } from './planes';

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
  /** The hyper-latents of the whole tile. */
  hyper(count: number): Promise<Int32Array> | Int32Array;
  /** The residual symbol at latent `at` with this mean (1/16 steps) and scale index, never called where skipped. */
  residual(at: number, mean: number, scale: number, channel: number): number;
}

/** A coding tile, in latents. */
interface TileShape {
  height: number;
  width: number;
  /** Wire quality. */
  quality: number;
}

/** Reach of a pass that sees context: two depthwise 3×3 convolutions in its blocks, or the 5×5 beside them. */
const PASS_REACH = 2;
/** Reach of the hyper synthesis, in latents: three blocks, and one at half the resolution, whose cells lie on even places. */
const HYPER_REACH = 6;

/** Where each net runs, so that a part of a tile comes out as in the whole tile; the zeros beyond a tile's edge stay where they are. */
interface Plan {
  /** All that symbols are made of: the features' part, a multiple of 4 latents. */
  features: Part;
  /** The part that each pass runs on, and the part of its output that no edge but the tile's has touched. */
  passes: { run: Part; exact: Part }[];
}

function planFor(model: RdaModel, tile: TileShape, part: Part): Plan {
  const passes: Plan['passes'] = [];
  let exact = part;
  for (const { seen } of [...model.manifest.decode.passes].reverse()) {
    const run = widen(exact, seen > 0 ? PASS_REACH : 0, tile);
    passes.unshift({ run, exact });
    exact = run;
  }
  return { features: widen(exact, HYPER_REACH, tile, 4), passes };
}

const whole = ({ width, height }: TileShape): Part => ({ x: 0, y: 0, width, height });

/**
 * Walks a tile, or what a part of it depends on, in coding order: hyper-latents, then the four passes (channel
 * group × checkerboard). Encoder and decoder share it, so what one writes the other reads. `check` is called
 * before each net.
 *
 * @returns symbols in the layout of the first pass's part; outside `part` they are made only as far as needed
 */
async function walk(
  model: RdaModel,
  tile: TileShape,
  source: SymbolSource,
  plan = planFor(model, tile, whole(tile)),
  check: () => void = () => {},
): Promise<TileSymbols> {
  const { decode } = model.manifest;
  const point = model.quality.wholePoint(tile.quality);
  const hyper = await source.hyper((decode.hyper * tile.height * tile.width) / 16);
  const cells = ({ x, y, width, height }: Part) => ({
    x: x / 4,
    y: y / 4,
    width: width / 4,
    height: height / 4,
  });
  const { x, y, width: wide, height: high } = cells(plan.features);
  const seen = cropPlanes(hyper, cells(whole(tile)), { x, y, width: wide, height: high });
  check();
  const features = await model.hyperSynthesis(Float32Array.from(seen), high, wide, point);
  const outer = plan.passes[0]!.run;
  const { height, width } = outer;
  const area = height * width;
  const residual = new Int32Array(decode.latents * area);
  const scale = new Uint8Array(decode.latents * area);
  const decoded = new Int32Array(decode.latents * area);
  const context = new Float32Array(decode.latents * area);
  const clip = decode.contextClip;
  for (const [i, { group, parity }] of decode.passes.entries()) {
    const [low, high] = decode.groups[group]!;
    const { run, exact } = plan.passes[i]!;
    check();
    const out = await model.pass(
      i,
      {
        data: cropPlanes(features.data, plan.features, run),
        shape: [1, decode.features, run.height, run.width],
      },
      cropPlanes(context, outer, run),
      point,
    );
    for (let c = low; c < high; c++) {
      for (let y = exact.y; y < exact.y + exact.height; y++) {
        const row = c * area + (y - outer.y) * width - outer.x;
        const from = ((c - low) * run.height + y - run.y) * run.width - run.x;
        for (let x = exact.x + ((exact.x + y + parity) & 1); x < exact.x + exact.width; x += 2) {
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
  return { quality: tile.quality, height, width, hyper, residual, scale, decoded };
}

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

/**
 * Quantises latents in steps [latents, height, width] to a tile's symbols. Nothing is written yet.
 *
 * Each residual takes the cheaper of its nearest whole number and the next one towards 0, by
 * bits + weight·error² (error in steps): rate-distortion optimised quantisation, symbol by symbol.
 * `weights` [latents]: bits that a squared error of one step is worth (QualityScale.errorWeights).
 */
export function quantise(
  model: RdaModel,
  tile: TileShape,
  steps: Float32Array,
  weights: Float32Array,
  check?: () => void,
): Promise<TileSymbols> {
  const hyper = () => quantiseHyper(model, tile, steps);
  return walk(model, tile, { hyper, residual: chooser(model, steps, weights) }, undefined, check);
}

/**
 * A part of what `quantise` gives as `decoded`, equal in every number, from the whole tile's hyper-latents: the
 * nets run on what the part depends on alone.
 *
 * @param stepsOf the latents in steps of a part of the tile
 * @returns [latents, part.height, part.width] in 1/16 steps
 */
export async function decodedPart(
  model: RdaModel,
  tile: TileShape,
  hyper: Int32Array,
  part: Part,
  stepsOf: (part: Part) => Float32Array,
  weights: Float32Array,
  check?: () => void,
): Promise<Int32Array> {
  const plan = planFor(model, tile, part);
  const outer = plan.passes[0]!.run;
  const residual = chooser(model, stepsOf(outer), weights);
  const { decoded } = await walk(model, tile, { hyper: () => hyper, residual }, plan, check);
  return cropPlanes(decoded, outer, part);
}

function chooser(
  { tables }: RdaModel,
  steps: Float32Array,
  weights: Float32Array,
): SymbolSource['residual'] {
  return (at, mean, scale, channel) => {
    const exact = steps[at]! - mean / 16;
    const q = Math.floor(exact + 0.5);
    if (q === 0) return 0;
    if (q > MAX_SYMBOL || q < -MAX_SYMBOL) return q > 0 ? MAX_SYMBOL : -MAX_SYMBOL;
    const inner = q > 0 ? q - 1 : q + 1;
    const saved = tables.modelBits(scale, q) - tables.modelBits(scale, inner);
    const worse = (exact - inner) ** 2 - (exact - q) ** 2;
    return saved > weights[channel]! * worse ? inner : q;
  };
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
  tile: TileShape,
  bytes: Uint8Array,
): Promise<TileSymbols> {
  const { hyperMean, hyperScale } = model.manifest.decode.tables;
  const { hyperClip } = model.manifest.decode;
  const coder = new RangeDecoder(bytes);
  const point = model.quality.wholePoint(tile.quality);
  return walk(model, tile, {
    hyper(count) {
      const area = (tile.height * tile.width) / 16;
      return Int32Array.from({ length: count }, (_, at) => {
        const channel = Math.floor(at / area);
        const q = model.tables.decode(coder, hyperScale[point]![channel]!);
        const z = q + hyperMean[point]![channel]!;
        return Math.max(-hyperClip, Math.min(hyperClip, z));
      });
    },
    residual: (_, __, scale) => model.tables.decode(coder, scale),
  });
}

/** CRC-32 of a tile's symbols: hyper-latents, then residuals, each as 32-bit little-endian, channel-major. */
export function symbolCrc(symbols: TileSymbols): number {
  const bytes = (a: Int32Array) => new Uint8Array(a.buffer, a.byteOffset, a.byteLength);
  return crc32(bytes(symbols.residual), crc32(bytes(symbols.hyper)));
}
