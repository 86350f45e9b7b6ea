/** A rectangle of latents: rows and columns of a plane, its ends excluded. */
export interface Part {
  x: number;
  y: number;
  width: number;
  height: number;
}

type Samples = Float32Array | Int32Array | Uint8Array;

/**
 * A part of planes [channels, from.height, from.width] as planes of their own; the same array where the
 * part is all of them. Both rectangles are in the same coordinates.
 */
export function cropPlanes<Data extends Samples>(data: Data, from: Part, part: Part): Data {
  if (part.width === from.width && part.height === from.height) return data;
  const area = from.width * from.height;
  const channels = data.length / area;
  const make = data.constructor as new (length: number) => Data;
  const out = new make(channels * part.width * part.height);
  let to = 0;
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < part.height; y++, to += part.width) {
      const start = c * area + (part.y - from.y + y) * from.width + part.x - from.x;
      out.set(data.subarray(start, start + part.width), to);
    }
  }
  return out;
}

/** The part with `margin` around it, within planes of this size, out to whole multiples of `step`. */
export function widen(
  { x, y, width, height }: Part,
  margin: number,
  within: { width: number; height: number },
  step = 1,
): Part {
  const low = (at: number) => Math.max(0, Math.floor((at - margin) / step) * step);
  const high = (at: number, end: number) => Math.min(end, Math.ceil((at + margin) / step) * step);
  const [left, top] = [low(x), low(y)];
  return {
    x: left,
    y: top,
    width: high(x + width, within.width) - left,
    height: high(y + height, within.height) - top,
  };
}
