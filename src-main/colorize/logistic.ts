/** Range of log scales in the decoder. */
const LOW = -2;
const HIGH = 4;

export const boundedLogScale = (value: number): number => Math.min(HIGH, Math.max(LOW, value));

const softplus = (x: number): number => (x > 30 ? x : Math.log1p(Math.exp(x)));

/**
 * log P of a whole number under a logistic distribution, discretised to bins of width 1:
 * σ(u) − σ(v) = σ(u) σ(−v) (1 − e^(v−u)) with u, v the bin's ends over the scale. Natural logarithm.
 */
export function logLogistic(value: number, mean: number, logScale: number): number {
  const inverse = Math.exp(-boundedLogScale(logScale));
  const d = (value - mean) * inverse;
  return (
    -softplus(-(d + inverse / 2)) - softplus(d - inverse / 2) + Math.log(-Math.expm1(-inverse))
  );
}

/** log(eˣ + eʸ). */
export const logAdd = (x: number, y: number): number =>
  Math.max(x, y) + Math.log1p(Math.exp(-Math.abs(x - y)));

export const logSigmoid = (x: number): number => -softplus(-x);
