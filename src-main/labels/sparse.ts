import type { LabelModel } from './model';
import { Neighbourhood } from './neighbourhood';
import { rowsOf } from './grid';

/** How the completion runs; part of the file. */
export interface Completion {
  /** 1, 2, 4 … 64. */
  stride: number;
  /** Index into `predictors`. */
  predictor: number;
}

/** Hears of each pixel coded; asked for by statistics only. */
export interface PixelListener {
  pixel(index: number, level: number, inZ: boolean): void;
}

/**
 * Codes all pixels with `model`, in coding order. Encoding, `ranks` holds the map; decoding, it is
 * filled in. `onRow` hears after each row how many pixels are done; false gives up.
 *
 * @returns whether all pixels were coded
 */
export function codePixels(
  model: LabelModel,
  ranks: Uint16Array,
  width: number,
  height: number,
  { stride, predictor }: Completion,
  onRow: (done: number) => boolean,
  listener?: PixelListener,
): boolean {
  const around = new Neighbourhood(ranks, width, height, predictor);
  let done = 0;
  for (const row of rowsOf(width, height, stride)) {
    const { phase, level, y, x0, step } = row;
    around.startRow(row);
    const start = y * width;
    for (let x = x0; x < width; x += step) {
      const index = start + x;
      const rank = ranks[index]!;
      const before = model.points;
      ranks[index] = around.look(x, index)
        ? model.codeFlat(around, phase, level, rank)
        : model.codeMixed(around, phase, level, rank);
      if (listener) listener.pixel(index, level, model.points > before);
    }
    done += Math.ceil((width - x0) / step);
    if (!onRow(done)) return false;
  }
  return true;
}

/**
 * z(y): the pixels that the completion guesses wrong, as 1 in a mask. By induction along the coding
 * order this is the smallest z with y(z) = y: a wrong guess can only be put right by listing it.
 */
export function sparseMask(
  ranks: Uint16Array,
  width: number,
  height: number,
  { stride, predictor }: Completion,
): Uint8Array {
  const mask = new Uint8Array(ranks.length);
  const around = new Neighbourhood(ranks, width, height, predictor);
  for (const row of rowsOf(width, height, stride)) {
    around.startRow(row);
    for (let x = row.x0; x < width; x += row.step) {
      const index = row.y * width + x;
      around.look(x, index);
      if (around.candidates[0] !== ranks[index]) mask[index] = 1;
    }
  }
  return mask;
}

/**
 * y(z): completes a sparse labelling. `mask` is 1 at the pixels of z, whose labels are taken from
 * `values`. With `downTo` given, z counts only as far as passes of that unit or coarser: what a
 * decoder would guess from the part of z read so far (the frames of the animation).
 *
 * @returns the completed map; with an empty mask, all 0.
 */
export function complete(
  mask: Uint8Array,
  values: Uint16Array,
  width: number,
  height: number,
  { stride, predictor }: Completion,
  downTo = 1,
): Uint16Array {
  const ranks = new Uint16Array(values.length);
  const around = new Neighbourhood(ranks, width, height, predictor);
  for (const row of rowsOf(width, height, stride)) {
    around.startRow(row);
    const listed = row.unit >= downTo;
    for (let x = row.x0; x < width; x += row.step) {
      const index = row.y * width + x;
      if (listed && mask[index] === 1) {
        ranks[index] = values[index]!;
      } else {
        around.look(x, index);
        ranks[index] = around.candidates[0]!;
      }
    }
  }
  return ranks;
}

/** Units of the passes of a start stride, coarse to fine: the frames of the animation. */
export function unitsOf(stride: number): number[] {
  const units = [];
  for (let unit = stride; unit >= 1; unit >>= 1) units.push(unit);
  return units;
}
