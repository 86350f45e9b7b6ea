/** Columns that share one sum of products. */
export const blockWidth = 8;

/** A row's sums weigh this much in the next row. */
const decay = 0.82;
/** Added to the diagonal: the ridge of the regression, in squared sample values of 8 bits. */
const ridge = 12;

/**
 * Linear predictors fitted while coding: sums of products a block of columns, decayed from row to row, are
 * added over the blocks around a sample and solved by Cholesky's factorization (Wu, Barthel and Zhang:
 * Piecewise 2D autoregression for predictive image coding, 1998).
 */
export class LeastSquares {
  private readonly size: number;
  private readonly blocks: number;
  private readonly sums: Float64Array;
  private readonly total: Float64Array;
  private readonly factor: Float64Array;
  private readonly half: Float64Array;
  private readonly ridge: number;

  /** For `n` features and samples of `depth` bits in rows of `width`. */
  constructor(
    private readonly n: number,
    width: number,
    depth: number,
  ) {
    this.size = (n * (n + 1)) / 2 + n;
    this.blocks = Math.ceil(width / blockWidth);
    this.sums = new Float64Array(this.size * this.blocks);
    this.total = new Float64Array(this.size);
    this.factor = new Float64Array(n * n);
    this.half = new Float64Array(n);
    this.ridge = ridge * 4 ** (depth - 8);
  }

  /** Makes older rows of block `block` count less; once a row, before its first sample is added. */
  age(block: number): void {
    const end = (block + 1) * this.size;
    for (let i = block * this.size; i < end; i++) this.sums[i]! *= decay;
  }

  /** Adds a sample's `features` and `target` (both less the local mean) to the sums of `block`. */
  add(block: number, features: Float64Array, target: number): void {
    const { sums, n } = this;
    let at = block * this.size;
    for (let i = 0; i < n; i++) {
      const f = features[i]!;
      for (let j = 0; j <= i; j++) sums[at + j]! += f * features[j]!;
      at += i + 1;
    }
    for (let i = 0; i < n; i++) sums[at + i]! += target * features[i]!;
  }

  /** Fits `weights` to the blocks around `block`, each weighted by `window[distance]`; keeps them if singular. */
  solve(block: number, window: readonly number[], weights: Float64Array): void {
    const { total, sums, size } = this;
    const reach = window.length - 1;
    total.fill(0);
    for (let d = -reach; d <= reach; d++) {
      if (block + d < 0 || block + d >= this.blocks) continue;
      const share = window[Math.abs(d)]!;
      const from = (block + d) * size;
      for (let i = 0; i < size; i++) total[i]! += share * sums[from + i]!;
    }
    this.cholesky(weights);
  }

  private cholesky(weights: Float64Array): void {
    const { n, total, factor, half } = this;
    let at = 0;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = total[at++]!;
        for (let k = 0; k < j; k++) sum -= factor[i * n + k]! * factor[j * n + k]!;
        if (i !== j) {
          factor[i * n + j] = sum / factor[j * n + j]!;
        } else {
          sum += this.ridge;
          if (!(sum > 1e-9)) return;
          factor[i * n + i] = Math.sqrt(sum);
        }
      }
    }
    for (let i = 0; i < n; i++) {
      let sum = total[at + i]!;
      for (let k = 0; k < i; k++) sum -= factor[i * n + k]! * half[k]!;
      half[i] = sum / factor[i * n + i]!;
    }
    for (let i = n - 1; i >= 0; i--) {
      let sum = half[i]!;
      for (let k = i + 1; k < n; k++) sum -= factor[k * n + i]! * weights[k]!;
      weights[i] = sum / factor[i * n + i]!;
    }
  }
}
