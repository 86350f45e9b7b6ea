import { crc32 as zlibCrc32 } from 'node:zlib';
import { LaviError } from '../api/errors';

/** CRC-32 (IEEE 802.3, as in PNG and zip), 0…2³²−1. `seed` is the CRC of the bytes before these. */
export function crc32(bytes: Uint8Array, seed = 0): number {
  return zlibCrc32(bytes, seed) >>> 0;
}

/** The largest number a varint may hold: lengths and sizes in the file stay within 32 bits. */
export const maxVarint = 0xffff_ffff;

/** A byte buffer that grows as it is written. */
export class ByteWriter {
  private buffer: Uint8Array;
  private used = 0;

  constructor(capacity = 256) {
    this.buffer = new Uint8Array(Math.max(16, capacity));
  }

  /** Bytes written so far. */
  get length(): number {
    return this.used;
  }

  byte(value: number): this {
    this.reserve(1);
    this.buffer[this.used++] = value;
    return this;
  }

  /** Two bytes, low first. */
  u16(value: number): this {
    return this.byte(value & 255).byte((value >>> 8) & 255);
  }

  /** Four bytes, low first. */
  u32(value: number): this {
    return this.u16(value & 0xffff).u16((value >>> 16) & 0xffff);
  }

  /** LEB128: seven bits a byte, low first, bit 7 says that more follow. `value` is 0…2³²−1. */
  varint(value: number): this {
    if (!Number.isInteger(value) || value < 0 || value > maxVarint) {
      throw new RangeError(`A varint holds whole numbers from 0 to ${maxVarint}, not ${value}.`);
    }
    let rest = value;
    while (rest >= 128) {
      this.byte((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    return this.byte(rest);
  }

  bytes(data: Uint8Array): this {
    this.reserve(data.length);
    this.buffer.set(data, this.used);
    this.used += data.length;
    return this;
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.buffer.slice(0, this.used);
  }

  private reserve(extra: number): void {
    const needed = this.used + extra;
    if (needed <= this.buffer.length) return;
    const grown = new Uint8Array(Math.max(needed, this.buffer.length * 2));
    grown.set(this.buffer.subarray(0, this.used));
    this.buffer = grown;
  }
}

/**
 * Reads bytes from front to back; reading past the end is TRUNCATED, never undefined. `what` names the
 * thing being read in error messages ("the file", "the header").
 */
export class ByteReader {
  private at = 0;

  constructor(
    private readonly source: Uint8Array,
    private readonly what = 'the file',
  ) {}

  get position(): number {
    return this.at;
  }

  /** Bytes not read yet. */
  get left(): number {
    return this.source.length - this.at;
  }

  byte(): number {
    this.need(1);
    return this.source[this.at++]!;
  }

  u16(): number {
    return this.byte() + this.byte() * 256;
  }

  u32(): number {
    return this.u16() + this.u16() * 65536;
  }

  /** LEB128 of at most 32 bits; a longer or padded form is CORRUPT, so each number has one spelling. */
  varint(): number {
    let value = 0;
    let scale = 1;
    for (let count = 0; count < 5; count++) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) {
        if (value > maxVarint || (count > 0 && byte === 0)) break;
        return value;
      }
      scale *= 128;
    }
    throw new LaviError('CORRUPT', `A number in ${this.what} is not a 32-bit varint.`);
  }

  /** The next `count` bytes, a view into the source: nothing is allocated. */
  bytes(count: number): Uint8Array {
    this.need(count);
    this.at += count;
    return this.source.subarray(this.at - count, this.at);
  }

  private need(count: number): void {
    if (count <= this.left) return;
    throw new LaviError(
      'TRUNCATED',
      `${this.what[0]!.toUpperCase()}${this.what.slice(1)} ends too early: ` +
        `${count} more byte(s) expected at offset ${this.at}, ${this.left} left.`,
    );
  }
}
