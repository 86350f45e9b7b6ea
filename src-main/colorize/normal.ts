import type { SeededRandom } from './random';

/** A standard normal number, by Box and Muller. */
export function normal(random: SeededRandom): number {
  const radius = Math.sqrt(-2 * Math.log((random.next() + 1) / 2 ** 32));
  return radius * Math.cos((2 * Math.PI * random.next()) / 2 ** 32);
}

/** erfc(t) = u·e^(−t² + Σ cᵢ uⁱ) with u = 1/(1 + t/2): a Chebyshev fit (W. Press et al., Numerical Recipes, 1992, 6.2). */
const erfcSeries = [
  -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587,
  -0.82215223, 0.17087277,
];

/** Φ(x), the share of a standard normal below x, to 1.2e-7 relative. */
export function below(x: number): number {
  const t = Math.abs(x) * Math.SQRT1_2;
  const u = 1 / (1 + t / 2);
  const sum = erfcSeries.reduceRight((total, c) => total * u + c, 0);
  const tail = (u * Math.exp(-t * t + sum)) / 2;
  return x > 0 ? 1 - tail : tail;
}

/** The standard Gumbel number at the quantile of a standard normal one: −log(−log Φ(x)). */
export function gumbelOf(x: number): number {
  const share = Math.min(1 - 1e-9, Math.max(1e-9, below(x)));
  return -Math.log(-Math.log(share));
}

/**
 * Lower triangular C with C Cᵀ = the matrix, row-major.
 * @param matrix symmetric and positive definite [n, n]
 */
export function cholesky(matrix: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= out[i * n + k]! * out[j * n + k]!;
      out[i * n + j] = i === j ? Math.sqrt(sum) : sum / out[j * n + j]!;
    }
  }
  return out;
}
