import { covarianceShapes } from '../api/calls/latents/mixture';

/** `full`: any; `diagonal`: one variance a dimension; `spherical`: one variance for all. */
export { covarianceShapes };
export type CovarianceShape = (typeof covarianceShapes)[number];

/**
 * The covariance of a shape that makes points of scatter `scatter` (size × size, their mean outer
 * product around the mean) likeliest among those whose eigenvalues are at least `floor`. Clipping
 * eigenvalues is that maximum exactly, so EM's likelihood still never falls; adding to the diagonal
 * would not be.
 */
export function fitCovariance(
  scatter: Float64Array,
  size: number,
  shape: CovarianceShape,
  floor: number,
): Float64Array {
  if (shape === 'full') return clipEigenvalues(scatter, size, floor);
  const variances = Array.from({ length: size }, (_, d) => scatter[d * (size + 1)]!);
  const mean = variances.reduce((sum, variance) => sum + variance, 0) / size;
  const covariance = new Float64Array(size * size);
  for (let d = 0; d < size; d++) {
    const variance = shape === 'diagonal' ? variances[d]! : mean;
    covariance[d * (size + 1)] = Math.max(floor, variance);
  }
  return covariance;
}

export function sphere(size: number, variance: number): Float64Array {
  const covariance = new Float64Array(size * size);
  for (let d = 0; d < size; d++) covariance[d * (size + 1)] = variance;
  return covariance;
}

/** Raises the eigenvalues of a symmetric matrix that are below `floor` to it. */
export function clipEigenvalues(matrix: Float64Array, size: number, floor: number): Float64Array {
  const { values, vectors } = eigen(matrix, size);
  // Rebuilding costs digits; what needs no clipping stays as it is.
  if (values.every((value) => value >= floor)) return matrix;
  const out = new Float64Array(size * size);
  for (let k = 0; k < size; k++) {
    const value = Math.max(floor, values[k]!);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        out[i * size + j]! += value * vectors[i * size + k]! * vectors[j * size + k]!;
      }
    }
  }
  return out;
}

/** Eigenvalues and eigenvectors (columns) of a symmetric matrix, by cyclic Jacobi rotations. */
export function eigen(matrix: Float64Array, size: number) {
  const a = Float64Array.from(matrix);
  const vectors = sphere(size, 1);
  const scale = a.reduce((sum, value) => sum + value * value, 0);
  for (let sweep = 0; sweep < 30; sweep++) {
    let off = 0;
    for (let p = 0; p < size; p++) for (let q = 0; q < p; q++) off += a[p * size + q]! ** 2;
    if (off <= 1e-32 * scale) break;
    for (let p = 1; p < size; p++) for (let q = 0; q < p; q++) rotate(a, vectors, size, p, q);
  }
  return { values: Float64Array.from({ length: size }, (_, d) => a[d * (size + 1)]!), vectors };
}

function rotate(a: Float64Array, vectors: Float64Array, size: number, p: number, q: number): void {
  const apq = a[p * size + q]!;
  if (apq === 0) return;
  const theta = (a[q * (size + 1)]! - a[p * (size + 1)]!) / (2 * apq);
  const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  const turn = (m: Float64Array, i: number, j: number) => {
    const [x, y] = [m[i]!, m[j]!];
    m[i] = c * x - s * y;
    m[j] = s * x + c * y;
  };
  for (let k = 0; k < size; k++) turn(a, k * size + p, k * size + q);
  for (let k = 0; k < size; k++) turn(a, p * size + k, q * size + k);
  for (let k = 0; k < size; k++) turn(vectors, k * size + p, k * size + q);
}
