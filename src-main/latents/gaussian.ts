/** A Gaussian with full covariance, ready for many evaluations. */
export interface Gaussian {
  mean: Float64Array;
  /** size × size. */
  covariance: Float64Array;
  /** Inverse of the Cholesky factor's rows: lower triangle of L⁻¹, row by row, size × size. */
  whitening: Float64Array;
  /** −½ (size · ln 2π + ln det Σ). */
  logScale: number;
}

/**
 * Prepares N(mean, covariance).
 *
 * @param covariance size × size, symmetric, positive definite
 * @throws RangeError if the covariance is not positive definite
 */
export function gaussian(mean: Float64Array, covariance: Float64Array): Gaussian {
  const size = mean.length;
  const lower = new Float64Array(size * size);
  let logDeterminant = 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = covariance[i * size + j]!;
      for (let k = 0; k < j; k++) sum -= lower[i * size + k]! * lower[j * size + k]!;
      if (i !== j) {
        lower[i * size + j] = sum / lower[j * size + j]!;
        continue;
      }
      if (!(sum > 0)) throw new RangeError('A covariance must be positive definite.');
      lower[i * size + i] = Math.sqrt(sum);
      logDeterminant += Math.log(sum);
    }
  }
  const whitening = new Float64Array(size * size);
  for (let column = 0; column < size; column++) {
    for (let i = column; i < size; i++) {
      let sum = i === column ? 1 : 0;
      for (let k = column; k < i; k++) sum -= lower[i * size + k]! * whitening[k * size + column]!;
      whitening[i * size + column] = sum / lower[i * size + i]!;
    }
  }
  const logScale = -0.5 * (size * Math.log(2 * Math.PI) + logDeterminant);
  return { mean, covariance, whitening, logScale };
}

/** ln N(x) of the point that starts at `at`, in nats. */
export function logDensity(
  { mean, whitening, logScale }: Gaussian,
  points: Float64Array,
  at: number,
): number {
  const size = mean.length;
  let squares = 0;
  for (let i = 0; i < size; i++) {
    let sum = 0;
    for (let j = 0; j <= i; j++) sum += whitening[i * size + j]! * (points[at + j]! - mean[j]!);
    squares += sum * sum;
  }
  return logScale - 0.5 * squares;
}
