import type { Manifest } from './manifest';

/** On the wire quality is a whole number of 1/16 points; there are 64 points, so 0…1008. */
export const STEPS_PER_POINT = 16;

/** What an error costs encoders: in multiples of its own squared error, or bits per squared step; first and last point. */
export type ErrorWorth =
  { errorWorth: readonly [number, number] } | { stepWorth: readonly [number, number] };

/** The variable rate of a model: what a quality means in gains, λ and whole points. */
export class QualityScale {
  readonly last: number;

  constructor(
    private readonly decode: Pick<Manifest['decode'], 'points' | 'lambda' | 'gains' | 'latents'>,
    private readonly encode: ErrorWorth,
  ) {
    this.last = (decode.points - 1) * STEPS_PER_POINT;
  }

  /** Quality 0…100 → wire number. */
  fromPercent(percent: number): number {
    return Math.round((Math.min(100, Math.max(0, percent)) / 100) * this.last);
  }

  /** Wire number → quality 0…100, to two decimals. */
  toPercent(wire: number): number {
    return Math.round((wire / this.last) * 1e4) / 100;
  }

  /** The real quality point 0…63 that the float transforms see. */
  point(wire: number): number {
    return wire / STEPS_PER_POINT;
  }

  /** The nearest whole point: all that rows and the prior see. */
  wholePoint(wire: number): number {
    return Math.floor(wire / STEPS_PER_POINT + 0.5);
  }

  /** λ of bits per pixel + λ·distortion, geometric in the point: 255²·MSE (MSE on RGB in 0…1), or 1 − MS-SSIM. */
  lambda(wire: number): number {
    const [low, high] = this.decode.lambda;
    return low * (high / low) ** (wire / this.last);
  }

  /** Gains per latent channel: latents · gain is in quantization steps. Log gains are linear between the knots. */
  gains(wire: number): Float32Array {
    const { gains, latents } = this.decode;
    const position = (wire / this.last) * (gains.length - 1);
    const knot = Math.min(gains.length - 2, Math.floor(position));
    const share = position - knot;
    const out = new Float32Array(latents);
    for (let c = 0; c < latents; c++) {
      out[c] = Math.exp(gains[knot]![c]! * (1 - share) + gains[knot + 1]![c]! * share);
    }
    return out;
  }

  /**
   * Bits that a squared error of one quantization step is worth in each latent channel:
   * R + λ·255²·MSE, times the pixels, with MSE a third of the summed squared error of orthonormal latents;
   * more than that, by the manifest's `errorWorth`, since neighbours are predicted from what was decoded.
   * `worth` stands in for that. For another distortion than squared error training chose each latent's step, and so the same in each: `stepWorth`.
   */
  errorWeights(wire: number, worth?: number): Float32Array {
    const plain = 'stepWorth' in this.encode;
    const [first, last] = plain ? this.encode.stepWorth : this.encode.errorWorth;
    const factor = worth ?? first + (last - first) * (wire / this.last);
    if (plain) return new Float32Array(this.decode.latents).fill(factor);
    const ofLatent = (factor * this.lambda(wire) * 255 ** 2) / 3;
    return this.gains(wire).map((gain) => ofLatent / gain ** 2);
  }
}
