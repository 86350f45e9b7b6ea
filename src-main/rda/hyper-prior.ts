import { LaviError } from '../api/errors';
import type { RangeDecoder, RangeEncoder } from '../entropy/range';
import { SymbolTables } from '../entropy/tables';
import type { Manifest } from './manifest';

/** One band of quality points: everything is whole, so that every machine reads the same. */
interface Band {
  /** [channels, 2·channels]: of the left and the upper neighbours, in 1/unit. */
  weights: Int8Array;
  bias: Int16Array;
  /** Where the adaptive counts of the class names start. */
  counts: Uint16Array;
  /** [classes, channels] */
  centre: Int8Array;
  table: Uint8Array;
}

/** Added to a class' count each time it is named; counts are halved beyond the limit. */
const GROWTH = 24;
const COUNT_LIMIT = 2 ** 14;

/**
 * The prior of a tile's hyper-latents. Each is predicted from its left and upper neighbours by whole numbers; what
 * remains follows one of 64 factorised priors, named for each place with adaptive counts (a meta prior: a latent that
 * says what kind of place this is).
 */
export class HyperPrior {
  private readonly bands: Band[];
  private readonly tables: SymbolTables;
  private readonly channels: number;
  /** Hyper-latents to the left and above, while a place is predicted. */
  private readonly near: Int32Array;

  /**
   * @param bytes rda-prior.bin: band after band, weights int8, bias int16, counts uint16, centre int8, table uint8, low
   *   byte first. Error: MODEL_MISMATCH
   */
  constructor(
    private readonly decode: Pick<
      Manifest['decode'],
      'hyper' | 'hyperClip' | 'points' | 'prior' | 'tables'
    >,
    bytes: Uint8Array,
  ) {
    const { hyper: channels, prior } = decode;
    this.channels = channels;
    this.near = new Int32Array(2 * channels);
    this.tables = new SymbolTables(decode.tables.hyper);
    const sizes = [2 * channels ** 2, 2 * channels, 2 * prior.classes];
    const cells = prior.classes * channels;
    const each = sizes.reduce((sum, size) => sum + size, 2 * cells);
    if (bytes.length !== each * prior.bands) {
      throw new LaviError(
        'MODEL_MISMATCH',
        `Expected a prior of ${each * prior.bands} bytes, found ${bytes.length}.`,
      );
    }
    this.bands = Array.from({ length: prior.bands }, (_, band) => {
      // A copy starts at an even offset, which 16-bit views need.
      const { buffer } = bytes.slice(band * each, (band + 1) * each);
      const [weights, bias, counts] = sizes as [number, number, number];
      const at = weights + bias + counts;
      return {
        weights: new Int8Array(buffer, 0, weights),
        bias: new Int16Array(buffer, weights, channels),
        counts: new Uint16Array(buffer, weights + bias, prior.classes),
        centre: new Int8Array(buffer, at, cells),
        table: new Uint8Array(buffer, at + cells, cells),
      };
    });
  }

  /** Writes hyper-latents [channels, height, width] of a whole point. */
  encode(coder: RangeEncoder, hyper: Int32Array, height: number, width: number, point: number) {
    this.walk(hyper, height, width, point, (name, residuals, band, counts) => {
      counts.encode(coder, name);
      for (let c = 0; c < this.channels; c++) {
        const cell = name * this.channels + c;
        this.tables.encode(coder, band.table[cell]!, residuals[c]! - band.centre[cell]!);
      }
    });
  }

  /** −log₂ p of each place [height · width], its class' name included. */
  bits(hyper: Int32Array, height: number, width: number, point: number): Float64Array {
    const out = new Float64Array(height * width);
    let at = 0;
    this.walk(hyper, height, width, point, (name, residuals, band, counts) => {
      out[at++] = this.cost(name, residuals, band, counts.bits(name));
    });
    return out;
  }

  /** Reads back what `encode` wrote. Error CORRUPT for what no encoder writes. */
  decodeFrom(coder: RangeDecoder, height: number, width: number, point: number): Int32Array {
    const { channels } = this;
    const band = this.band(point);
    const counts = new AdaptiveCounts(band.counts);
    const hyper = new Int32Array(channels * height * width);
    const expected = new Int32Array(channels);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        this.predict(hyper, height, width, y, x, band, expected);
        const name = counts.decode(coder);
        for (let c = 0; c < channels; c++) {
          const cell = name * channels + c;
          const residual = this.tables.decode(coder, band.table[cell]!) + band.centre[cell]!;
          const value = expected[c]! + residual;
          if (Math.abs(value) > this.decode.hyperClip) {
            throw new LaviError('CORRUPT', 'Found a hyper-latent beyond the format’s range.');
          }
          hyper[(c * height + y) * width + x] = value;
        }
      }
    }
    return hyper;
  }

  /** Visits every place, row by row, with the class of least bits and the residuals there. */
  private walk(
    hyper: Int32Array,
    height: number,
    width: number,
    point: number,
    visit: (name: number, residuals: Int32Array, band: Band, counts: AdaptiveCounts) => void,
  ): void {
    const band = this.band(point);
    const counts = new AdaptiveCounts(band.counts);
    const residuals = new Int32Array(this.channels);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        this.predict(hyper, height, width, y, x, band, residuals);
        for (let c = 0; c < this.channels; c++) {
          residuals[c] = hyper[(c * height + y) * width + x]! - residuals[c]!;
        }
        let best = 0;
        let least = Infinity;
        for (let name = 0; name < counts.size; name++) {
          const cost = this.cost(name, residuals, band, counts.bits(name), least);
          if (cost < least) [best, least] = [name, cost];
        }
        visit(best, residuals, band, counts);
        counts.add(best);
      }
    }
  }

  /** Bits of a place under a class, its name's `bits` included; not summed to the end where they pass `most`. */
  private cost(
    name: number,
    residuals: Int32Array,
    { table, centre }: Band,
    bits: number,
    most = Infinity,
  ): number {
    const first = name * this.channels;
    for (let c = 0; c < this.channels && bits < most; c++) {
      bits += this.tables.modelBits(table[first + c]!, residuals[c]! - centre[first + c]!);
    }
    return bits;
  }

  /** floor(Σ weight · neighbour + bias + ½) in units of 1; neighbours beyond the tile are 0. */
  private predict(
    hyper: Int32Array,
    height: number,
    width: number,
    y: number,
    x: number,
    { weights, bias }: Band,
    out: Int32Array,
  ): void {
    const { channels } = this;
    const { unit } = this.decode.prior;
    const area = height * width;
    const at = y * width + x;
    // Gathered once: planes lie far apart.
    const near = this.near;
    for (let k = 0; k < channels; k++) {
      near[k] = x > 0 ? hyper[k * area + at - 1]! : 0;
      near[channels + k] = y > 0 ? hyper[k * area + at - width]! : 0;
    }
    for (let c = 0, row = 0; c < channels; c++) {
      let sum = bias[c]! + unit / 2;
      for (let k = 0; k < near.length; k++, row++) sum += weights[row]! * near[k]!;
      out[c] = Math.floor(sum / unit);
    }
  }

  private band(point: number): Band {
    return this.bands[Math.floor((point * this.bands.length) / this.decode.points)]!;
  }
}

/** Adaptive frequencies of class names. */
class AdaptiveCounts {
  private readonly counts: Int32Array;
  private total = 0;

  constructor(start: Uint16Array) {
    this.counts = Int32Array.from(start);
    this.sum();
  }

  get size(): number {
    return this.counts.length;
  }

  bits(name: number): number {
    return Math.log2(this.total / this.counts[name]!);
  }

  encode(coder: RangeEncoder, name: number): void {
    let below = 0;
    for (let i = 0; i < name; i++) below += this.counts[i]!;
    const cum = this.scaled(below);
    coder.encode(cum, this.scaled(below + this.counts[name]!) - cum);
  }

  decode(coder: RangeDecoder): number {
    const found = coder.peek();
    let below = 0;
    for (let name = 0; ; name++) {
      const next = below + this.counts[name]!;
      if (this.scaled(next) > found) {
        const cum = this.scaled(below);
        coder.consume(cum, this.scaled(next) - cum);
        this.add(name);
        return name;
      }
      below = next;
    }
  }

  add(name: number): void {
    this.counts[name]! += GROWTH;
    this.total += GROWTH;
    if (this.total <= COUNT_LIMIT) return;
    for (let i = 0; i < this.counts.length; i++) this.counts[i] = (this.counts[i]! + 1) >> 1;
    this.sum();
  }

  /** Of a count up to the total to 0…65,536; no count of at least 1 becomes 0, since the total stays below 65,536. */
  private scaled(count: number): number {
    return Math.floor((count * 65536) / this.total);
  }

  private sum(): void {
    this.total = this.counts.reduce((sum, count) => sum + count, 0);
  }
}
