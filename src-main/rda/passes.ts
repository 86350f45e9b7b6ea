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

/** Says what the residual at latent `at` is, its mean and its table given; never called where skipped. */
type Residual = (at: number, mean: number, table: number, channel: number) => number;

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
 * @returns residuals and decoded latents in the layout of the outer part; odd places are made inside `part` alone
 */
async function walk(
  model: RdaModel,
  tile: TileShape,
  hyper: Int32Array,
  rows: Uint8Array,
  residualOf: Residual,
  { part, outer, features: inner }: Plan,
  check: () => void = () => {},
): Promise<{ residual: Int16Array; decoded: Float32Array }> {
  const { latents } = model.manifest.decode;
  const { rowCount } = model;
  const cells = hyperCells(inner);
  const seen = Float32Array.from(cropPlanes(hyper, hyperCells(whole(tile)), cells));
  check();
  const point = model.quality.point(tile.quality);
  const even = await model.meansEven(seen, cells.height, cells.width, point);
  const { height, width } = outer;
  const area = height * width;
  const residual = new Int16Array(latents * area);
  const decoded = new Float32Array(latents * area);
  const pass = (mean: Float32Array, parity: number, within: Part) => {
    for (let c = 0; c < latents; c++) {
      for (let y = within.y; y < within.y + within.height; y++) {
        const row = c * area + (y - outer.y) * width - outer.x;
        const end = within.x + within.width;
        for (let x = within.x + ((within.x + y + parity) & 1); x < end; x += 2) {
          const at = row + x;
          const table = rows[at]!;
          const q =
            table === SKIPPED ? 0 : residualOf(at, mean[at]!, rowCount * parity + table, c);
          residual[at] = q;
          decoded[at] = q + mean[at]!;
        }
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
  return { residual, decoded };
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
 */
export async function quantise(
  model: RdaModel,
  tile: TileShape,
  steps: Float32Array,
  weights: Float32Array,
  check?: () => void,
): Promise<DecodedTile> {
  const hyper = await quantiseHyper(model, tile, steps);
  const rows = await rowsOf(model, tile, hyper);
  const plan = planFor(tile, whole(tile));
  const choose = chooser(model, steps, weights);
  const { residual, decoded } = await walk(model, tile, hyper, rows, choose, plan, check);
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
  const read: Residual = (at) => residual[at]!;
  const { decoded } = await walk(model, tile, hyper, rows, read, plan, check);
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
  const choose = chooser(model, stepsOf(plan.outer), weights);
  const { decoded } = await walk(model, tile, hyper, rows, choose, plan, check);
  return cropPlanes(decoded, plan.outer, part);
}

function chooser(
  { residuals }: RdaModel,
  steps: Float32Array,
  weights: Float32Array,
): Residual {
  return (at, mean, table, channel) => {
    const exact = steps[at]! - mean;
    const q = Math.floor(exact + 0.5);
    if (q === 0) return 0;
    if (q > MAX_SYMBOL || q < -MAX_SYMBOL) return q > 0 ? MAX_SYMBOL : -MAX_SYMBOL;
    const inner = q > 0 ? q - 1 : q + 1;
    const saved = residuals.modelBits(table, q) - residuals.modelBits(table, inner);
    const worse = (exact - inner) ** 2 - (exact - q) ** 2;
    return saved > weights[channel]! * worse ? inner : q;
  };
}
