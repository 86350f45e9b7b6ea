/** Range of log scales in the decoder. */
const LOW = -2;
const HIGH = 4;

export const boundedLogScale = (value: number): number => Math.min(HIGH, Math.max(LOW, value));

const softplus = (x: number): number => (x > 30 ? x : Math.log1p(Math.exp(x)));

/**
 * log P of a whole number under a logistic distribution, discretised to bins of width 1: σ(u) − σ(v) =
 * eᵛ (e^(u−v) − 1) / ((1 + eᵘ)(1 + eᵛ)) with v < u the bin's ends over the scale, mirrored to the lower
 * half, where nothing overflows. Natural logarithm.
 */
export function logLogistic(value: number, mean: number, logScale: number): number {
  const width = Math.exp(-boundedLogScale(logScale));
  const v = -Math.abs(value - mean) * width - width / 2;
  const low = Math.exp(v);
  const growth = Math.exp(width);
  return v + Math.log((growth - 1) / ((1 + low * growth) * (1 + low)));
}

/** log(eˣ + eʸ). */
export const logAdd = (x: number, y: number): number =>
  Math.max(x, y) + Math.log1p(Math.exp(-Math.abs(x - y)));

export const logSigmoid = (x: number): number => -softplus(-x);
