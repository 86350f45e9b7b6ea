/** How strongly chroma is evened out where lightness is even. */
export interface Smoothing {
  /** λ: weight of evenness against staying what it is; grows with the square of the pixels that an object has. */
  strength: number;
  /** σ: difference in lightness, of 1, by which two neighbours' pull falls to 1/e. */
  edge: number;
  /** Neighbours with different numbers do not pull at all [height, width]. */
  parts?: ArrayLike<number>;
}

const ITERATIONS = 3;

/**
 * Fast global smoother (D. Min et al., IEEE Trans. Image Processing 23(12), 2014): minimises
 * Σ (u − f)² + λ Σ e^(−|Δg|/σ) (Δu)² by exact solves along rows and columns in turn. Values spread as
 * far as the guide is even, and stop at its edges.
 *
 * @param values interleaved [height, width, channels], changed in place
 * @param guide lightness 0…1 [height, width]
 */
export function smooth(
  values: Float32Array,
  guide: Float32Array,
  { width, height }: { width: number; height: number },
  { strength, edge, parts }: Smoothing,
): void {
  const across = pulls(guide, parts, { length: width, step: 1, lines: height, next: width }, edge);
  const down = pulls(guide, parts, { length: height, step: width, lines: width, next: 1 }, edge);
  for (let t = 1; t <= ITERATIONS; t++) {
    const lambda = ((1.5 * 4 ** (ITERATIONS - t)) / (4 ** ITERATIONS - 1)) * strength;
    solve(values, across, { length: width, step: 1, lines: height, next: width }, lambda);
    solve(values, down, { length: height, step: width, lines: width, next: 1 }, lambda);
  }
}

/** Lines of a plane: samples a line, how far apart; lines, and how far apart their starts. */
interface Lines {
  length: number;
  step: number;
  lines: number;
  next: number;
}

/** e^(−|Δg|/σ) of each sample and the next one on its line; 0 after the last. */
function pulls(
  guide: Float32Array,
  parts: ArrayLike<number> | undefined,
  { length, step, lines, next }: Lines,
  edge: number,
): Float32Array {
  const out = new Float32Array(guide.length);
  for (let line = 0; line < lines; line++) {
    for (let i = 0, at = line * next; i + 1 < length; i++, at += step) {
      if (parts && parts[at] !== parts[at + step]) continue;
      out[at] = Math.exp(-Math.abs(guide[at + step]! - guide[at]!) / edge);
    }
  }
  return out;
}

/** Solves the tridiagonal system of each line (Thomas's algorithm) for all channels, in place. */
function solve(
  values: Float32Array,
  pull: Float32Array,
  { length, step, lines, next }: Lines,
  lambda: number,
): void {
  const channels = values.length / pull.length;
  /** What elimination leaves above the diagonal. */
  const upper = new Float64Array(pull.length);
  const before = (line: number, i: number) => lambda * pull[line * next + (i - 1) * step]!;
  const forward = (line: number, i: number) => {
    const at = line * next + i * step;
    const left = i > 0 ? before(line, i) : 0;
    const right = i + 1 < length ? lambda * pull[at]! : 0;
    const behind = i > 0 ? upper[at - step]! : 0;
    const scale = 1 / (1 + left + right - left * behind);
    upper[at] = right * scale;
    for (let c = at * channels; c < (at + 1) * channels; c++) {
      const carried = i > 0 ? left * values[c - step * channels]! : 0;
      values[c] = (values[c]! + carried) * scale;
    }
  };
  const backward = (line: number, i: number) => {
    const at = line * next + i * step;
    const share = upper[at]!;
    for (let c = at * channels; c < (at + 1) * channels; c++) {
      values[c]! += share * values[c + step * channels]!;
    }
  };
  if (step === 1) {
    for (let line = 0; line < lines; line++) {
      for (let i = 0; i < length; i++) forward(line, i);
      for (let i = length - 2; i >= 0; i--) backward(line, i);
    }
    return;
  }
  // Side by side, so that memory is read in order.
  for (let i = 0; i < length; i++) for (let line = 0; line < lines; line++) forward(line, i);
  for (let i = length - 2; i >= 0; i--) {
    for (let line = 0; line < lines; line++) backward(line, i);
  }
}
