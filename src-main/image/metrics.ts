export { msSsim } from './ms-ssim';

/**
 * Mean squared error over all samples.
 * @param a, b samples 0…255, of equal length (for RGB: width × height × 3)
 * @returns 0…65,025
 */
export function mse(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length || a.length === 0) {
    throw new RangeError(`Expected two equal lengths above 0 and found ${a.length}, ${b.length}.`);
  }
  // Sums stay whole numbers below 2⁵³, so the order of summation does not matter.
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const d = a[i]! - b[i]!;
    sum += d * d;
  }
  return sum / a.length;
}

/**
 * Peak signal-to-noise ratio of 8-bit samples.
 * @param mse as from mse()
 * @returns dB, Infinity if the mse is 0
 */
export const psnr = (mse: number): number => 10 * Math.log10((255 * 255) / mse);
