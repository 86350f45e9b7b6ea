/**
 * log₂ of the standard normal's mass below −x, for x ≥ 0: from Abramowitz & Stegun 7.1.26 refined by a continued
 * fraction in the tail. Used for modelled bits only, never for decoding.
 */
function log2Tail(x: number): number {
  if (x < 3) return Math.log2(0.5 * erfc(x / Math.SQRT2));
  // Q(x) = φ(x) / (x + 1/(x + 2/(x + 3/(x + …))))
  let fraction = x;
  for (let n = 60; n >= 1; n--) fraction = x + n / fraction;
  return (-0.5 * x * x - 0.5 * Math.log(2 * Math.PI) - Math.log(fraction)) / Math.LN2;
}

/** erfc for 0 ≤ x < 3 by the series of erf, accurate to about 1e-14. */
function erfc(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 200; n++) {
    term *= (-x * x) / n;
    const part = term / (2 * n + 1);
    sum += part;
    if (Math.abs(part) < 1e-17) break;
  }
  return 1 - (2 / Math.sqrt(Math.PI)) * sum;
}

/**
 * −log₂ of N(0, σ²)'s mass on q ± ½: the modelled bits of symbol `q` (whole) at `sigma` (> 0, in quantization steps).
 * Ballé et al. 2018, eq. 11.
 */
export function gaussianBits(q: number, sigma: number): number {
  const distance = Math.abs(q);
  if (distance === 0) return -Math.log2(1 - 2 * 2 ** log2Tail(0.5 / sigma));
  const near = log2Tail((distance - 0.5) / sigma);
  const far = log2Tail((distance + 0.5) / sigma);
  return -(near + Math.log2(1 - 2 ** (far - near)));
}
