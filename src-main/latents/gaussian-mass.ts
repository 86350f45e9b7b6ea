/** Further out than this, in standard deviations, masses are told by their logarithms: doubles end at 38. */
const FAR = -6;

/**
 * ln of the mass of N(mean, γ²) on the bin of an 8-bit value, in 0…1 units: v/255 ± ½/255; the first and
 * the last bin are open. Finite however far out the bin lies.
 */
export function logMassOf(value: number, mean: number, gamma: number): number {
  const from = value === 0 ? -Infinity : ((value - 0.5) / 255 - mean) / gamma;
  const to = value === 255 ? Infinity : ((value + 0.5) / 255 - mean) / gamma;
  // In the upper tail the mirrored one keeps its digits.
  const [low, high] = from + to > 0 ? [-to, -from] : [from, to];
  if (high > FAR) return Math.log(below(high) - below(low));
  const log = logBelow(high);
  return low === -Infinity ? log : log + Math.log1p(-Math.exp(logBelow(low) - log));
}

/** Φ(x), to about 1e-13 relative for x ≤ 0. */
function below(x: number): number {
  if (x === Infinity) return 1;
  if (x === -Infinity) return 0;
  const t = Math.abs(x) * Math.SQRT1_2;
  const tail = 0.5 * erfc(t);
  return x > 0 ? 1 - tail : tail;
}

/** ln Φ(x) of x ≤ FAR. */
function logBelow(x: number): number {
  const t = -x * Math.SQRT1_2;
  return -t * t - Math.log(2 * Math.sqrt(Math.PI) * fraction(t));
}

/** erfc of t ≥ 0: the series of erf where it converges fast, else Lentz's continued fraction. */
function erfc(t: number): number {
  if (t < 2) {
    let term = t;
    let sum = t;
    for (let n = 1; Math.abs(term) > 1e-17 * sum && n < 100; n++) {
      term *= (-t * t) / n;
      sum += term / (2 * n + 1);
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * sum;
  }
  return Math.exp(-t * t) / (fraction(t) * Math.sqrt(Math.PI));
}

/** exp(−t²) / (√π erfc(t)) of t ≥ 2. */
function fraction(t: number): number {
  let value = t;
  for (let n = 60; n > 0; n--) value = t + n / 2 / value;
  return value;
}
