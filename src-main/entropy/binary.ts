/**
 * Adaptive binary arithmetic coding: a carry-propagating range coder of 32 bits (the scheme of
 * Subbotin and of LZMA), with probabilities in 1/65,536. All values are whole numbers below 2⁵³ held
 * in doubles, so every JavaScript engine gives the same bits.
 *
 * Both coders share one call, `code(bit, p1)`: the encoder writes `bit`, the decoder ignores it, and both
 * return the bit. A model is then written once and serves encoding and decoding.
 */
export interface BinaryCoder {
  /** Modelled bits so far: −Σ log₂ p of all bits coded, with the coder's own probabilities. */
  bits: number;
  /** Codes one bit; `p1` is the probability of a 1, a whole number in 1…65,535 of 65,536. */
  code(bit: number, p1: number): number;
}

/** −log₂(p / 65,536) for p = 0…65,536; the entry of 0 is never used. */
const cost = Float64Array.from({ length: 65537 }, (_, p) => 16 - Math.log2(Math.max(p, 1)));

/** Bytes past the end that decoding a whole stream may ask for; they read as 0. */
export const maxOverrun = 5;

const top = 2 ** 24;
const word = 2 ** 32;

export class BinaryEncoder implements BinaryCoder {
  bits = 0;
  private low = 0;
  private range = word - 1;
  private out: Uint8Array;
  private used = 0;
  /** The last byte and the 0xff bytes after it wait here: a carry may still change them. */
  private held = -1;
  private heldOnes = 0;

  constructor(capacity = 1024) {
    this.out = new Uint8Array(capacity);
  }

  /** Bytes that are certain to be in the output already. */
  get length(): number {
    return this.used;
  }

  code(bit: number, p1: number): number {
    const split = Math.floor((this.range * p1) / 65536);
    if (bit === 0) {
      this.low += split;
      this.range -= split;
      this.bits += cost[65536 - p1]!;
    } else {
      this.range = split;
      this.bits += cost[p1]!;
    }
    while (this.range < top) {
      this.shift();
      this.range *= 256;
    }
    return bit;
  }

  /** Ends the stream in as few bytes as name a value inside the last interval; the rest read as 0. */
  finish(): Uint8Array {
    const end = this.low + this.range;
    for (let keep = 0; keep <= 32; keep += 8) {
      const unit = 2 ** (32 - keep);
      const value = Math.ceil(this.low / unit) * unit;
      if (value >= end) continue;
      this.low = value;
      break;
    }
    const certain = this.used;
    for (let i = 0; i < 5; i++) this.shift();
    let length = this.used;
    // Only what ends the stream is trimmed: so a decoder that needs more than `maxOverrun` missing
    // bytes knows that the stream was cut.
    while (length > certain && this.out[length - 1] === 0) length--;
    return this.out.slice(0, length);
  }

  private shift(): void {
    if (this.low < word - top || this.low >= word) {
      const carry = this.low >= word ? 1 : 0;
      if (this.held >= 0) this.push(this.held + carry);
      for (; this.heldOnes > 0; this.heldOnes--) this.push(255 + carry);
      this.held = Math.floor(this.low / top) & 255;
    } else {
      this.heldOnes++;
    }
    this.low = (this.low % top) * 256;
  }

  private push(byte: number): void {
    if (this.used === this.out.length) {
      const grown = new Uint8Array(this.used * 2);
      grown.set(this.out);
      this.out = grown;
    }
    this.out[this.used++] = byte & 255;
  }
}

export class BinaryDecoder implements BinaryCoder {
  bits = 0;
  private range = word - 1;
  private value = 0;
  private at = 0;

  constructor(private readonly source: Uint8Array) {
    for (let i = 0; i < 4; i++) this.value = this.value * 256 + this.next();
  }

  /** Bytes of the source that no decoded bit has touched: 0 for every stream the encoder wrote. */
  get unread(): number {
    return Math.max(0, this.source.length - this.at);
  }

  code(_bit: number, p1: number): number {
    const split = Math.floor((this.range * p1) / 65536);
    let bit: number;
    if (this.value < split) {
      bit = 1;
      this.range = split;
      this.bits += cost[p1]!;
    } else {
      bit = 0;
      this.value -= split;
      this.range -= split;
      this.bits += cost[65536 - p1]!;
    }
    while (this.range < top) {
      this.value = this.value * 256 + this.next();
      this.range *= 256;
    }
    return bit;
  }

  /** Bytes asked for past the end of the source: more than `maxOverrun` means a cut stream. */
  get overrun(): number {
    return Math.max(0, this.at - this.source.length);
  }

  private next(): number {
    const at = this.at++;
    return at < this.source.length ? this.source[at]! : 0;
  }
}
