/**
 * Range coder (Martin 1979) with a 40-bit low, so that 16-bit frequencies cost no more than 2⁻¹⁶ of their rate.
 * All numbers are whole and below 2⁵³, exact in a double. A carry runs back through held bytes of 255.
 */
const SHIFT = 65536;
const BOTTOM = 2 ** 32;
const TOP = 2 ** 40;
const CARRY_FREE = 0xff * BOTTOM;

export class RangeEncoder {
  private low = 0;
  private range = TOP;
  private cache = -1; // no byte yet
  private held = 0;
  private out: Uint8Array;
  private used = 0;

  constructor(capacity = 4096) {
    this.out = new Uint8Array(Math.max(16, capacity));
  }

  /** One symbol that owns `freq` (1…65536) of 65,536 counts, starting at `cum`. */
  encode(cum: number, freq: number): void {
    const unit = Math.floor(this.range / SHIFT);
    this.low += unit * cum;
    this.range = unit * freq;
    while (this.range < BOTTOM) {
      this.shiftLow();
      this.range *= 256;
    }
  }

  /** `count` (0…32) plain bits of `value`, high bits first. */
  bits(value: number, count: number): void {
    let rest = count;
    while (rest > 0) {
      const take = Math.min(8, rest);
      rest -= take;
      const part = (value >>> rest) & ((1 << take) - 1);
      const share = SHIFT >> take;
      this.encode(part * share, share);
    }
  }

  /** Ends the stream; trailing zero bytes are left out, since the decoder reads zeros past the end. */
  finish(): Uint8Array {
    // The roundest number in [low, low + range): as many zero bytes at its end as there can be.
    for (let unit = TOP; unit >= 1; unit /= 256) {
      const value = Math.ceil(this.low / unit) * unit;
      if (value < this.low + this.range) {
        this.low = value;
        break;
      }
    }
    for (let i = 0; i < 6; i++) this.shiftLow();
    let end = this.used;
    while (end > 0 && this.out[end - 1] === 0) end--;
    return this.out.slice(0, end);
  }

  private shiftLow(): void {
    if (this.low < CARRY_FREE || this.low >= TOP) {
      const carry = this.low >= TOP ? 1 : 0;
      if (this.cache >= 0) this.push(this.cache + carry);
      for (; this.held > 0; this.held--) this.push(255 + carry);
      this.cache = Math.floor(this.low / BOTTOM) & 255;
    } else {
      this.held++;
    }
    this.low = (this.low % BOTTOM) * 256;
  }

  private push(byte: number): void {
    if (this.used === this.out.length) {
      const larger = new Uint8Array(this.out.length * 2);
      larger.set(this.out);
      this.out = larger;
    }
    this.out[this.used++] = byte & 255;
  }
}

export class RangeDecoder {
  private code = 0;
  private range = TOP;
  private unit = 0;
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {
    for (let i = 0; i < 5; i++) this.code = this.code * 256 + this.next();
  }

  /** The count (0…65535) that the next symbol owns; `consume` must follow. */
  peek(): number {
    this.unit = Math.floor(this.range / SHIFT);
    return Math.min(SHIFT - 1, Math.floor(this.code / this.unit));
  }

  /** Takes the symbol found by `peek` off the stream. */
  consume(cum: number, freq: number): void {
    this.code -= this.unit * cum;
    this.range = this.unit * freq;
    while (this.range < BOTTOM) {
      this.code = this.code * 256 + this.next();
      this.range *= 256;
    }
  }

  /** `count` (0…32) plain bits. */
  bits(count: number): number {
    let value = 0;
    let rest = count;
    while (rest > 0) {
      const take = Math.min(8, rest);
      rest -= take;
      const share = SHIFT >> take;
      const part = Math.floor(this.peek() / share);
      this.consume(part * share, share);
      value = ((value << take) | part) >>> 0;
    }
    return value;
  }

  private next(): number {
    const byte = this.at < this.bytes.length ? this.bytes[this.at]! : 0;
    this.at++;
    return byte;
  }
}
