/** Weights of one output sample over input samples `from`, `from` + 1, … */
interface Taps {
  from: number;
  weights: Float64Array;
}

/** A triangle filter as wide as two output samples when shrinking, bilinear when enlarging. */
function tapsOf(input: number, output: number): Taps[] {
  const scale = input / output;
  const support = Math.max(1, scale);
  return Array.from({ length: output }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const from = Math.max(0, Math.floor(centre - support));
    const to = Math.min(input, Math.ceil(centre + support));
    const weights = new Float64Array(to - from);
    let sum = 0;
    for (let k = from; k < to; k++) {
      const weight = Math.max(0, 1 - Math.abs(k + 0.5 - centre) / support);
      weights[k - from] = weight;
      sum += weight;
    }
    return { from, weights: weights.map((weight) => weight / sum) };
  });
}

/**
 * Scales a picture of `channels` interleaved values to another size. Rows are asked for one by one,
 * from the top, so a large photo is never held as floats.
 * @param row writes row y of the input, width × channels values
 */
export function resample(
  input: { width: number; height: number },
  output: { width: number; height: number },
  channels: number,
  row: (y: number, into: Float32Array) => void,
): Float32Array {
  const across = tapsOf(input.width, output.width);
  const down = tapsOf(input.height, output.height);
  const out = new Float32Array(output.width * output.height * channels);
  const wide = new Float32Array(input.width * channels);
  const narrow = new Float32Array(output.width * channels);
  let first = 0; // the topmost output row that may still want input rows
  for (let y = 0; y < input.height; y++) {
    row(y, wide);
    across.forEach(({ from, weights }, x) => {
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let k = 0; k < weights.length; k++)
          sum += weights[k]! * wide[(from + k) * channels + c]!;
        narrow[x * channels + c] = sum;
      }
    });
    while (first < down.length && down[first]!.from + down[first]!.weights.length <= y) first++;
    for (let o = first; o < down.length && down[o]!.from <= y; o++) {
      const weight = down[o]!.weights[y - down[o]!.from];
      if (!weight) continue;
      const start = o * narrow.length;
      for (let i = 0; i < narrow.length; i++) out[start + i]! += weight * narrow[i]!;
    }
  }
  return out;
}
