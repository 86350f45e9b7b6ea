/** One codec's rate-distortion curve, a point a setting, in any order. */
export interface Curve {
  /** bits per pixel, mean over photos */
  bpp: number[];
  /** dB, mean over photos */
  psnr: number[];
}

/** A curve ends inside the span that was asked for. */
export class UncoveredSpan extends Error {
  constructor(
    readonly curve: string,
    message: string,
  ) {
    super(message);
  }
}

/**
 * A monotone piecewise cubic through points (Fritsch and Carlson 1980, with the three-point slopes
 * at the ends that SciPy's and MATLAB's pchip use).
 * @param x rising
 */
export function pchip(x: readonly number[], y: readonly number[]): (at: number) => number {
  const n = x.length;
  const h = Array.from({ length: n - 1 }, (_, i) => x[i + 1]! - x[i]!);
  const d = h.map((step, i) => (y[i + 1]! - y[i]!) / step);
  const slope = Array.from({ length: n }, (_, i) => {
    if (n === 2) return d[0]!;
    if (i === 0) return endSlope(h[0]!, h[1]!, d[0]!, d[1]!);
    if (i === n - 1) return endSlope(h[n - 2]!, h[n - 3]!, d[n - 2]!, d[n - 3]!);
    if (d[i - 1]! * d[i]! <= 0) return 0;
    const before = 2 * h[i]! + h[i - 1]!;
    const after = h[i]! + 2 * h[i - 1]!;
    return (before + after) / (before / d[i - 1]! + after / d[i]!);
  });
  return (at) => {
    let i = 0;
    while (i < n - 2 && at > x[i + 1]!) i++;
    const t = (at - x[i]!) / h[i]!;
    const t2 = t * t;
    const t3 = t2 * t;
    return (
      (2 * t3 - 3 * t2 + 1) * y[i]! +
      (t3 - 2 * t2 + t) * h[i]! * slope[i]! +
      (3 * t2 - 2 * t3) * y[i + 1]! +
      (t3 - t2) * h[i]! * slope[i + 1]!
    );
  };
}

function endSlope(h0: number, h1: number, d0: number, d1: number): number {
  const slope = ((2 * h0 + h1) * d0 - h0 * d1) / (h0 + h1);
  if (slope * d0 <= 0) return 0;
  return d0 * d1 <= 0 && Math.abs(slope) > 3 * Math.abs(d0) ? 3 * d0 : slope;
}

/** log rate as a function of PSNR; points that another beats in both are left out. */
function logRate(curve: Curve, name: string, [low, high]: readonly [number, number]) {
  const points = curve.psnr.map((psnr, i) => ({ psnr, bpp: curve.bpp[i]! }));
  points.sort((a, b) => a.bpp - b.bpp || b.psnr - a.psnr);
  const rising: typeof points = [];
  for (const point of points) {
    if (point.psnr > (rising.at(-1)?.psnr ?? -Infinity)) rising.push(point);
  }
  const first = rising[0]?.psnr ?? NaN;
  const last = rising.at(-1)?.psnr ?? NaN;
  if (rising.length < 4 || !(first <= low && last >= high)) {
    throw new UncoveredSpan(
      name,
      `Expected ${name} to cover ${low}…${high} dB with at least 4 points and found ` +
        `${rising.length} from ${first.toFixed(2)} to ${last.toFixed(2)} dB.`,
    );
  }
  return pchip(
    rising.map((point) => point.psnr),
    rising.map((point) => Math.log(point.bpp)),
  );
}

/**
 * Bjøntegaard's rate difference: the mean over PSNR of log rate, pchip-interpolated, as a share.
 * @param span dB
 * @returns percent; −50 says that `test` needs half of `anchor`'s bits for the same PSNR
 * @throws UncoveredSpan if a curve does not reach both ends of the span: nothing is extrapolated
 */
export function bdRate(
  anchor: Curve,
  test: Curve,
  span: readonly [number, number],
  names = { anchor: 'the anchor', test: 'the curve' },
): number {
  const b = logRate(test, names.test, span);
  const a = logRate(anchor, names.anchor, span);
  const steps = 2000;
  let sum = 0;
  for (let i = 0; i < steps; i++) {
    const at = span[0] + ((i + 0.5) / steps) * (span[1] - span[0]);
    sum += b(at) - a(at);
  }
  return 100 * (Math.exp(sum / steps) - 1);
}

/**
 * By how many percent a point takes more bits than the smooth curve through its neighbours: log rate against the
 * cubic in PSNR through the two points on either side. Points without two on both sides are left out.
 * @param curve points by rising rate and PSNR
 */
export function unevenness({ bpp, psnr }: Curve): { index: number; percent: number }[] {
  return bpp.slice(2, -2).map((rate, i) => {
    const index = i + 2;
    const around = [index - 2, index - 1, index + 1, index + 2];
    const smooth = around.reduce((sum, j) => {
      const weights = around.filter((k) => k !== j);
      const weight = weights.reduce(
        (w, k) => (w * (psnr[index]! - psnr[k]!)) / (psnr[j]! - psnr[k]!),
        1,
      );
      return sum + weight * Math.log(bpp[j]!);
    }, 0);
    return { index, percent: 100 * (Math.exp(Math.log(rate) - smooth) - 1) };
  });
}
