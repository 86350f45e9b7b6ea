/** One point of a photo's rate-distortion curve: measured, or read between measured ones. */
export interface CurvePoint {
  /** 0…100. */
  quality: number;
  bytes: number;
  bpp: number;
  /** Decibels; null where no pixel differs. */
  psnr: number | null;
  msssim?: number | undefined;
}

/** A function through points that rises and falls only where they do (Fritsch and Carlson, 1980). */
export function monotone(xs: number[], ys: number[]): (x: number) => number {
  const last = xs.length - 1;
  if (last < 1) return () => ys[0] ?? Number.NaN;
  const slopes = Array.from(
    { length: last },
    (_, i) => (ys[i + 1]! - ys[i]!) / (xs[i + 1]! - xs[i]!),
  );
  const tangents = xs.map((_, i) => {
    if (i === 0) return slopes[0]!;
    if (i === last) return slopes[last - 1]!;
    const [a, b] = [slopes[i - 1]!, slopes[i]!];
    if (a * b <= 0) return 0;
    const before = xs[i]! - xs[i - 1]!;
    const after = xs[i + 1]! - xs[i]!;
    // The harmonic mean, weighted by the widths: never steeper than three times either side.
    return (3 * (before + after)) / ((2 * after + before) / a + (after + 2 * before) / b);
  });
  return (x) => {
    const at = Math.min(xs[last]!, Math.max(xs[0]!, x));
    let i = 0;
    while (i < last - 1 && at > xs[i + 1]!) i++;
    const width = xs[i + 1]! - xs[i]!;
    const t = (at - xs[i]!) / width;
    const s = 1 - t;
    return (
      ys[i]! * (1 + 2 * t) * s * s +
      tangents[i]! * width * t * s * s +
      ys[i + 1]! * t * t * (3 - 2 * t) -
      tangents[i + 1]! * width * t * t * s
    );
  };
}

const perfect = 100;

/** The curve through measured points, which may come in any order; null for fewer than two. */
export class Curve {
  readonly points: CurvePoint[];
  readonly #rate: (quality: number) => number;
  readonly #psnr: (quality: number) => number;
  readonly #pixels: number;

  private constructor(points: CurvePoint[]) {
    this.points = points;
    const qualities = points.map(({ quality }) => quality);
    this.#rate = monotone(
      qualities,
      points.map(({ bytes }) => Math.log(bytes)),
    );
    this.#psnr = monotone(
      qualities,
      points.map(({ psnr }) => psnr ?? perfect),
    );
    this.#pixels = (8 * points[0]!.bytes) / points[0]!.bpp;
  }

  static through(points: Iterable<CurvePoint>): Curve | null {
    const unique = new Map([...points].map((point) => [point.quality, point]));
    const sorted = [...unique.values()].sort((a, b) => a.quality - b.quality);
    return sorted.length < 2 ? null : new Curve(sorted);
  }

  at(quality: number): CurvePoint {
    const bytes = Math.round(Math.exp(this.#rate(quality)));
    return { quality, bytes, bpp: (8 * bytes) / this.#pixels, psnr: this.#psnr(quality) };
  }

  /** The quality at which `of` reaches `value`: both rise with quality, so halving finds it. */
  qualityFor(of: 'bytes' | 'bpp' | 'psnr', value: number): number {
    let low = this.points[0]!.quality;
    let high = this.points.at(-1)!.quality;
    for (let i = 0; i < 24; i++) {
      const middle = (low + high) / 2;
      if ((this.at(middle)[of] ?? perfect) < value) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  }
}

/** Bytes at which a codec reaches so many decibels, read between its points (which rise with their bytes); null beyond them. */
export function bytesAtPsnr(
  points: readonly Pick<CurvePoint, 'bytes' | 'psnr'>[],
  psnr: number,
): number | null {
  const known = points.filter((point) => point.psnr !== null);
  for (let i = 1; i < known.length; i++) {
    const [a, b] = [known[i - 1]!, known[i]!];
    if (a.psnr! > psnr || psnr > b.psnr!) continue;
    const share = (psnr - a.psnr!) / Math.max(1e-9, b.psnr! - a.psnr!);
    return Math.exp(Math.log(a.bytes) * (1 - share) + Math.log(b.bytes) * share);
  }
  return null;
}
