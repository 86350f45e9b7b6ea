import type { Measure, Worth } from '../../../src-main/api/calls/contract';

/** A way to write a photo down. */
export interface Way {
  key: 'raw' | 'png' | 'webp' | 'file' | 'model' | 'mapFile' | 'map';
  bits: number;
  /** Whether the photo comes back exactly. */
  exact: boolean;
  /** What a model says it costs, as opposed to a file that was written. */
  modelled: boolean;
}

/** All that is known of a photo's cost, in bits; what is not measured yet, or has no room, is left out. */
export function waysOf(worth: Worth | null, measure: Measure | null): Way[] {
  const ways: Way[] = [];
  const add = (key: Way['key'], bits: number, exact: boolean, modelled = false) =>
    ways.push({ key, bits, exact, modelled });
  if (worth) {
    add('raw', 8 * worth.raw, true);
    add('png', 8 * worth.png, true);
    if (worth.webp !== null) add('webp', 8 * worth.webp, true);
  }
  if (measure) {
    add('file', 8 * measure.bytes, false);
    add('model', measure.modelBits, false, true);
  }
  if (worth) {
    add('mapFile', 8 * worth.map.bytes, false);
    add('map', worth.map.modelBits, false, true);
  }
  return ways;
}

/** A bar's length for a number of bits, 0…1, on a logarithmic scale whose left end is a quarter of the least. */
export function lengthOf(bits: number, ways: readonly Way[]): number {
  const all = ways.map((way) => Math.max(1, way.bits));
  const [low, high] = [Math.log(Math.min(...all) / 4), Math.log(Math.max(...all))];
  return (Math.log(Math.max(1, bits)) - low) / (high - low);
}
