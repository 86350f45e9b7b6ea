import { LaviError } from '../api/errors';
import type { RangeDecoder, RangeEncoder } from './range';

/** As the manifest holds it: bucket = symbol >> shift; the last frequency is the escape; they sum to 65,536. */
export interface FrequencyTable {
  shift: number;
  low: number;
  freq: number[];
}

/** Largest |symbol| that the format carries. */
export const MAX_SYMBOL = 2 ** 15 - 1;

/** Symbols up to here have their bits listed. */
const NEAR = 63;

/** Symbols through the frequency tables of the manifest. */
export class SymbolTables {
  private readonly cums: Uint32Array[];
  private readonly escapes: number[];
  /** Bits of −NEAR…NEAR by table. */
  private readonly near: Float64Array[];

  constructor(private readonly tables: readonly FrequencyTable[]) {
    this.cums = tables.map(({ freq }) => {
      const cum = new Uint32Array(freq.length + 1);
      freq.forEach((f, i) => (cum[i + 1] = cum[i]! + f));
      if (cum[freq.length] !== 65536 || freq.some((f) => f < 1)) {
        throw new LaviError(
          'MODEL_MISMATCH',
          `Expected frequencies of at least 1 that sum to 65,536, found the sum ${cum[freq.length]}.`,
        );
      }
      return cum;
    });
    this.escapes = tables.map(({ freq }) => freq.length - 1);
    this.near = tables.map((_, index) =>
      Float64Array.from({ length: 2 * NEAR + 1 }, (__, at) => this.computed(index, at - NEAR)),
    );
  }

  /** Writes whole `symbol` (|symbol| ≤ MAX_SYMBOL) with the table of scale `index`. */
  encode(coder: RangeEncoder, index: number, symbol: number): void {
    const { shift, low, freq } = this.tables[index]!;
    const cum = this.cums[index]!;
    const escape = this.escapes[index]!;
    const bucket = symbol >> shift;
    const at = bucket - low;
    if (at >= 0 && at < escape) {
      coder.encode(cum[at]!, freq[at]!);
    } else {
      coder.encode(cum[escape]!, freq[escape]!);
      encodeGamma(coder, outside(bucket, low, escape));
    }
    if (shift > 0) coder.bits(symbol & ((1 << shift) - 1), shift);
  }

  /** Reads what `encode` wrote. Error CORRUPT for a symbol no encoder writes. */
  decode(coder: RangeDecoder, index: number): number {
    const { shift, low, freq } = this.tables[index]!;
    const cum = this.cums[index]!;
    const escape = this.escapes[index]!;
    const count = coder.peek();
    let from = 0;
    let to = freq.length;
    while (to - from > 1) {
      const middle = (from + to) >> 1;
      if (cum[middle]! <= count) from = middle;
      else to = middle;
    }
    coder.consume(cum[from]!, freq[from]!);
    const bucket = from < escape ? low + from : inside(decodeGamma(coder), low, escape);
    return shift > 0 ? (bucket << shift) | coder.bits(shift) : bucket;
  }

  /** −log₂ p of `symbol` by its table, plain bits and escapes included. */
  modelBits(index: number, symbol: number): number {
    return symbol >= -NEAR && symbol <= NEAR
      ? this.near[index]![symbol + NEAR]!
      : this.computed(index, symbol);
  }

  private computed(index: number, symbol: number): number {
    const { shift, low, freq } = this.tables[index]!;
    const escape = this.escapes[index]!;
    const bucket = symbol >> shift;
    const at = bucket - low;
    if (at >= 0 && at < escape) return 16 - Math.log2(freq[at]!) + shift;
    const length = 31 - Math.clz32(outside(bucket, low, escape) + 1);
    return 16 - Math.log2(freq[escape]!) + 2 * length + 1 + shift;
  }
}

/** Buckets outside the table, nearest first: 0, 1, 2 … alternate above and below. */
function outside(bucket: number, low: number, size: number): number {
  return bucket >= low + size ? 2 * (bucket - low - size) : 2 * (low - 1 - bucket) + 1;
}

function inside(rank: number, low: number, size: number): number {
  return rank % 2 === 0 ? low + size + rank / 2 : low - 1 - (rank - 1) / 2;
}

/** Elias gamma code of value + 1 in plain bits. */
function encodeGamma(coder: RangeEncoder, value: number): void {
  const length = 31 - Math.clz32(value + 1);
  for (let i = 0; i < length; i++) coder.bits(0, 1);
  // The decoder takes the leading 1 alone: both sides must cut the bits alike.
  coder.bits(1, 1);
  coder.bits(value + 1 - (1 << length), length);
}

function decodeGamma(coder: RangeDecoder): number {
  let length = 0;
  while (coder.bits(1) === 0) {
    if (++length > 21) {
      throw new LaviError('CORRUPT', 'Found a symbol beyond the format’s range.');
    }
  }
  return ((1 << length) | coder.bits(length)) - 1;
}
