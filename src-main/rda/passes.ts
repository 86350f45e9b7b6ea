import { MAX_SYMBOL } from '../entropy/tables';
import type { RdaModel } from './model';
import { cropPlanes, type Part, widen } from './planes';
import { quantiseHyper, rowsOf, SKIPPED, type TileShape, type TileSymbols } from './symbols';

/** A tile's symbols with the latents that they decode to. */
export interface DecodedTile extends TileSymbols {
  /** [latents, height, width]: residual + mean, in steps. */
  decoded: Float32Array;
}

/** How far the second pass looks: a depthwise 5×5 over what the first decoded. */
const ODD_REACH = 2;
/** How far features reach into the hyper-latents, in latents: a depthwise 3×3 at 1/16, and one at 1/32. */
const FEATURE_REACH = 4;

/** Every second latent of a stretch of one row, all of one channel and one half of the checkerboard. */
interface Stretch {
  from: number;
  to: number;
  channel: number;
  /** Index of the half's first table. */
  tables: number;
}

/** Fills in residuals and decoded latents of a stretch, its means given. */
type Fill = (
  stretch: Stretch,
  mean: Float32Array,
  rows: Uint8Array,
  residual: Int16Array,
  decoded: Float32Array,
) => void;

/** Where the nets run, so that a part of a tile comes out as in the whole tile, and where its zeros beyond the edge stay. */
interface Plan {
  part: Part;
  /** What the first pass decodes, the part and as far as the second looks; arrays are laid out as it is. */
  outer: Part;
  /** What both passes' features are made for, whole hyper-latents. */
  features: Part;
}

function planFor(tile: TileShape, part: Part): Plan {
  const outer = widen(part, ODD_REACH, tile);
  return { part, outer, features: widen(outer, FEATURE_REACH, tile, 4) };
}

const whole = ({ width, height }: TileShape): Part => ({ x: 0, y: 0, width, height });

/**
 * Walks a tile, or what a part of it depends on, in two passes: even places of the checkerboard, whose means come
 * from the hyper-latents, then odd ones, whose means also see the decoded even ones (He et al. 2021). Encoder and
 * decoder share it. `check` is called before each net.
 *
 * @param rows of the plan's outer part
 * @param residual the same: what `fill` reads or writes; odd places are made inside the plan's part alone
 * @returns decoded latents of the outer part
 */
async function walk(
  model: RdaModel,
  tile: TileShape,
  hyper: Int32Array,
  rows: Uint8Array,
  residual: Int16Array,
  fill: Fill,
  { part, outer, features: inner }: Plan,
  check: () => void = () => {},
): Promise<Float32Array> {
  const { latents } = model.manifest.decode;
  const { rowCount } = model;
  const cells = hyperCells(inner);
  const seen = Float32Array.from(cropPlanes(hyper, hyperCells(whole(tile)), cells));
  check();
  const point = model.quality.point(tile.quality);
  const even = await model.meansEven(seen, cells.height, cells.width, point);
  const { height, width } = outer;
  const area = height * width;
  const decoded = new Float32Array(latents * area);
  const pass = (mean: Float32Array, parity: number, within: Part) => {
    const tables = rowCount * parity;
    const left = within.x - outer.x;
    for (let channel = 0; channel < latents; channel++) {
      for (let y = within.y; y < within.y + within.height; y++) {
        const row = channel * area + (y - outer.y) * width + left;
        const from = row + ((within.x + y + parity) & 1);
        fill({ from, to: row + within.width, channel, tables }, mean, rows, residual, decoded);
      }
    }
  };
  pass(cropPlanes(even.mean, inner, outer), 0, outer);
  check();
  const features = {
    data: cropPlanes(even.features.data, inner, outer),
    shape: [1, even.features.shape[1]!, height, width],
  };
  pass(await model.meansOdd(features, decoded), 1, part);
  return decoded;
}

const hyperCells = ({ x, y, width, height }: Part): Part => ({
  x: x / 4,
  y: y / 4,
  width: width / 4,
  height: height / 4,
});

/**
 * Quantises latents in steps [latents, height, width] to a tile's symbols. Nothing is written yet.
 *
 * Each residual takes the cheaper of its nearest whole number and the next one towards 0, by
 * bits + weight·error² (error in steps): rate-distortion optimised quantisation, symbol by symbol.
 *
 * @param weights [latents]: bits that a squared error of one step is worth (QualityScale.errorWeights)
 * @param known hyper-latents to keep, in place of those of the latents
 */
export async function quantise(
  model: RdaModel,
  tile: TileShape,
  steps: Float32Array,
  weights: Float32Array,
  check?: () => void,
  known?: Int32Array,
): Promise<DecodedTile> {
  const hyper = known ?? (await quantiseHyper(model, tile, steps));
  const rows = await rowsOf(model, tile, hyper);
  const plan = planFor(tile, whole(tile));
  const residual = new Int16Array(rows.length);
  const choose = chooser(model, steps, weights);
  const decoded = await walk(model, tile, hyper, rows, residual, choose, plan, check);
  return { ...tile, hyper, rows, residual, decoded };
}

/** The latents that a tile's symbols decode to. */
export async function withLatents(
  model: RdaModel,
  tile: TileSymbols,
  check?: () => void,
): Promise<DecodedTile> {
  const { hyper, rows, residual } = tile;
  const plan = planFor(tile, whole(tile));
  const decoded = await walk(model, tile, hyper, rows, residual, add, plan, check);
  return { ...tile, decoded };
}

/**
 * A part of what `quantise` gives as `decoded`, from the whole tile's hyper-latents: the nets run on what the part
 * depends on alone. Equal up to the rounding of float sums, which may move a symbol that lies between two.
 *
 * @param stepsOf the latents in steps of a part of the tile
 * @returns [latents, part.height, part.width] in steps
 */
export async function decodedPart(
  model: RdaModel,
  tile: TileShape,
  hyper: Int32Array,
  part: Part,
  stepsOf: (part: Part) => Float32Array,
  weights: Float32Array,
  check?: () => void,
): Promise<Float32Array> {
  const plan = planFor(tile, part);
  const rows = cropPlanes(await rowsOf(model, tile, hyper), whole(tile), plan.outer);
  const residual = new Int16Array(rows.length);
  const choose = chooser(model, stepsOf(plan.outer), weights);
  const decoded = await walk(model, tile, hyper, rows, residual, choose, plan, check);
  return cropPlanes(decoded, plan.outer, part);
}

/** Decoding: what was read, on its mean. */
const add: Fill = ({ from, to }, mean, _, residual, decoded) => {
  for (let at = from; at < to; at += 2) decoded[at] = residual[at]! + mean[at]!;
};

function chooser({ residuals }: RdaModel, steps: Float32Array, weights: Float32Array): Fill {
  return ({ from, to, channel, tables }, mean, rows, residual, decoded) => {
    const weight = weights[channel]!;
    for (let at = from; at < to; at += 2) {
      const expected = mean[at]!;
      const row = rows[at]!;
      let q = 0;
      if (row !== SKIPPED) {
        const exact = steps[at]! - expected;
        q = Math.floor(exact + 0.5);
        if (q > MAX_SYMBOL) q = MAX_SYMBOL;
        else if (q < -MAX_SYMBOL) q = -MAX_SYMBOL;
        else if (q !== 0) {
          const inner = q > 0 ? q - 1 : q + 1;
          const table = tables + row;
          const saved = residuals.modelBits(table, q) - residuals.modelBits(table, inner);
          const worse = (exact - inner) ** 2 - (exact - q) ** 2;
          if (saved > weight * worse) q = inner;
        }
      }
      residual[at] = q;
      decoded[at] = q + expected;
    }
  };
}
