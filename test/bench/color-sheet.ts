import { resample } from '../../src-main/colorize/resample';
import type { Photo } from '../../src-main/image/photo';

/** A contact sheet: a row of small pictures for each photo, on a neutral ground. */
export class Sheet {
  readonly #rgb: Uint8Array;
  readonly #width: number;
  #rows = 0;

  constructor(
    private readonly rows: number,
    private readonly columns: number,
    private readonly side: number,
  ) {
    this.#width = 2 * columns * side;
    this.#rgb = new Uint8Array(this.#width * Math.ceil(rows / 2) * side * 3).fill(128);
  }

  /** Adds a row, as long as there is room. */
  add(pictures: Photo[]): void {
    if (this.#rows >= this.rows) return;
    const at = this.#rows++;
    const half = Math.ceil(this.rows / 2);
    pictures.slice(0, this.columns).forEach((picture, i) => {
      const column = i + (at >= half ? this.columns : 0);
      this.#put(picture, column * this.side, (at % half) * this.side);
    });
  }

  #put({ width, height, rgb }: Photo, left: number, top: number): void {
    const scale = (this.side - 4) / Math.max(width, height);
    const size = { width: Math.round(width * scale), height: Math.round(height * scale) };
    const small = resample({ width, height }, size, 3, (y, into) => {
      for (let i = 0; i < into.length; i++) into[i] = rgb[y * width * 3 + i]!;
    });
    for (let y = 0; y < size.height; y++) {
      const row = small.subarray(y * size.width * 3, (y + 1) * size.width * 3);
      this.#rgb.set(row.map(Math.round), ((top + y) * this.#width + left) * 3);
    }
  }

  photo(): Photo {
    return { width: this.#width, height: this.#rgb.length / 3 / this.#width, rgb: this.#rgb };
  }
}
