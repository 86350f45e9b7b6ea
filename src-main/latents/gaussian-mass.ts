/** Below this a mass is a number of doubles' own making: it is counted as so small instead of as 0. */
const LEAST = 1e-300;

/**
 * The mass of N(mean, γ²) on the bin of an 8-bit value, in 0…1 units: v/255 ± ½/255; the first and the
 * last bin are open.
 */
export function massOf(value: number, mean: number, gamma: number): number {
  const low = value === 0 ? -Infinity : ((value - 0.5) / 255 - mean) / gamma;
  const high = value === 255 ? Infinity : ((value + 0.5) / 255 - mean) / gamma;
  // In the upper tail the mirrored one keeps its digits.
  const mass = low + high > 0 ? below(-low) - below(-high) : below(high) - below(low);
  return Math.max(LEAST, mass);
}

/** Φ(x), to about 1e-13 relative for x ≤ 0. */
function below(x: number): number {
  if (x === Infinity) return 1;
  if (x === -Infinity) return 0;
  const t = Math.abs(x) * Math.SQRT1_2;
  const tail = 0.5 * erfc(t);
  return x > 0 ? 1 - tail : tail;
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
  let fraction = t;
  for (let n = 60; n > 0; n--) fraction = t + n / 2 / fraction;
  return Math.exp(-t * t) / (fraction * Math.sqrt(Math.PI));
}
