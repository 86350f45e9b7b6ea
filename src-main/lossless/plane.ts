/** Columns beside a plane that its neighbourhoods may read. */
export const margin = 2;

/**
 * A channel of a tile, with two columns at each side, two rows above and one row below, so that no
 * neighbourhood leaves it. Samples are whole numbers held in doubles.
 */
export class Plane {
  readonly stride: number;
  readonly values: Float64Array;

  constructor(
    readonly width: number,
    readonly height: number,
    middle: number,
  ) {
    this.stride = width + 2 * margin;
    this.values = new Float64Array(this.stride * (height + 3)).fill(middle);
  }

  /** Index of the sample at column `x` (−2…width + 1) of row `y` (−2…height). */
  at(x: number, y: number): number {
    return (y + 2) * this.stride + x + margin;
  }

  /** Sets what lies left of row `y`, before its first sample is known: the sample above. */
  open(y: number): void {
    const start = this.at(0, y);
    const above = this.values[start - this.stride]!;
    this.values[start - 1] = this.values[start - 2] = above;
  }

  /** Sets what lies right of row `y`, once it is known, and the row below the last one. */
  close(y: number): void {
    const end = this.at(this.width - 1, y);
    this.values[end + 1] = this.values[end + 2] = this.values[end]!;
    if (y === this.height - 1) {
      const start = this.at(-margin, y);
      this.values.copyWithin(start + this.stride, start, start + this.stride);
    }
  }
}
