/**
 * The order in which pixels are visited, coarse to fine, and the known pixels around each.
 *
 * First every pixel of a lattice of the start stride S, row by row. Then, for h = S/2, S/4 … 1: the
 * centres of the cells of side 2h (four diagonal neighbours known), and after them the midpoints of
 * the edges (four axial neighbours known, two of them centres just visited).
 */

/** Start strides a file may name, by their index in the file. */
export const strides = [1, 2, 4, 8, 16, 32, 64] as const;

/** Kinds of pass: lattice, cell centres, edge midpoints. */
export const phases = { lattice: 0, centres: 1, midpoints: 2 } as const;

/** One row of one pass: pixels (x0, y), (x0 + step, y), … with neighbours `unit` pixels apart. */
export interface Row {
  phase: number;
  unit: number;
  /** log₂ unit, 0…6. */
  level: number;
  y: number;
  x0: number;
  step: number;
}

/** All rows in coding order; together they visit each pixel exactly once. */
export function* rowsOf(width: number, height: number, stride: number): Generator<Row> {
  const level = (unit: number) => 31 - Math.clz32(unit);
  const fits = (x0: number) => x0 < width;
  for (let y = 0; y < height; y += stride) {
    yield { phase: phases.lattice, unit: stride, level: level(stride), y, x0: 0, step: stride };
  }
  for (let unit = stride >> 1; unit >= 1; unit >>= 1) {
    const common = { unit, level: level(unit), step: 2 * unit };
    for (let y = unit; y < height && fits(unit); y += 2 * unit) {
      yield { phase: phases.centres, y, x0: unit, ...common };
    }
    for (let y = 0, x0 = unit; y < height; y += unit, x0 = unit - x0) {
      if (fits(x0)) yield { phase: phases.midpoints, y, x0, ...common };
    }
  }
}

export const neighbourCount = 20;
/** The neighbours that decide whether a place is flat: all but the four far ones. */
export const innerCount = 16;
/** No offset is longer than this many units on an axis. */
export const reach = 3;

type Offset = readonly [dx: number, dy: number];

/**
 * Known neighbours by phase as (dx, dy) in units: the 4 nearest, 4 that the same pass has visited
 * already, 8 further ones, 4 far ones.
 */
export const offsets: readonly (readonly Offset[])[] = [
  [
    [-1, 0],
    [0, -1],
    [-1, -1],
    [1, -1],
    [-2, 0],
    [0, -2],
    [-2, -1],
    [2, -1],
    [-1, -2],
    [1, -2],
    [-2, -2],
    [2, -2],
    [-3, 0],
    [0, -3],
    [-3, -1],
    [3, -1],
    [-3, -2],
    [3, -2],
    [-1, -3],
    [1, -3],
  ],
  [
    [-1, -1],
    [1, -1],
    [-1, 1],
    [1, 1],
    [-2, 0],
    [0, -2],
    [-2, -2],
    [2, -2],
    [-1, -3],
    [1, -3],
    [-3, -1],
    [3, -1],
    [-3, 1],
    [3, 1],
    [-1, 3],
    [1, 3],
    [-3, -3],
    [3, -3],
    [-3, 3],
    [3, 3],
  ],
  [
    [0, -1],
    [-1, 0],
    [1, 0],
    [0, 1],
    [-1, -1],
    [1, -1],
    [-2, 0],
    [0, -2],
    [-1, -2],
    [1, -2],
    [-2, -1],
    [2, -1],
    [-2, 1],
    [2, 1],
    [-1, 2],
    [1, 2],
    [0, -3],
    [-3, 0],
    [3, 0],
    [0, 3],
  ],
];

/**
 * Votes by predictor: of each nearest neighbour, of each visited in the same pass, of each further
 * one. Predictor 0 is the majority of the 12 nearest pixels known before the pass began.
 */
export const predictors = [
  { near: 4, samePass: 0, further: 1 },
  { near: 4, samePass: 2, further: 1 },
] as const;
