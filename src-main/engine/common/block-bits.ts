import type { CodedPicture } from '../../rda/analysed';
import { hyperBits } from '../../rda/bits';
import type { RdaModel } from '../../rda/model';
import { visitLatents } from '../../rda/symbols';
import type { TileGrid } from '../../rda/tiles';
import { LATENT_PIXELS } from '../../rda/tiles';

/** Hyper-latents stand for 4 × 4 latents. */
const HYPER_BLOCKS = 4;

/**
 * Where a photo's bits go: −log₂ p of the symbols of each block of 16 × 16 pixels, p from the entropy
 * model. A hyper-latent's bits are shared out evenly over the 16 blocks that it stands for.
 */
export class BlockBits {
  /** Blocks of the padded photo. */
  readonly width: number;
  readonly height: number;
  /** Bits, row by row. */
  readonly bits: Float32Array;

  constructor(model: RdaModel, grid: TileGrid, coded: CodedPicture) {
    this.width = grid.width / LATENT_PIXELS;
    this.height = grid.height / LATENT_PIXELS;
    this.bits = new Float32Array(this.width * this.height);
    coded.tiles.forEach((symbols, i) => {
      const tile = grid.tiles[i]!;
      const left = tile.x / LATENT_PIXELS;
      const top = tile.y / LATENT_PIXELS;
      const { height, width } = symbols;
      const add = (x: number, y: number, bits: number) => {
        this.bits[(top + y) * this.width + left + x]! += bits;
      };
      visitLatents(model, symbols, (symbol, table, at) => {
        const inside = at % (height * width);
        add(inside % width, Math.floor(inside / width), model.residuals.modelBits(table, symbol));
      });
      const hyperWidth = width / HYPER_BLOCKS;
      hyperBits(model, symbols).forEach((value, at) => {
        const x = (at % hyperWidth) * HYPER_BLOCKS;
        const y = Math.floor(at / hyperWidth) * HYPER_BLOCKS;
        const share = value / HYPER_BLOCKS ** 2;
        for (let block = 0; block < HYPER_BLOCKS ** 2; block++) {
          add(x + (block % HYPER_BLOCKS), y + Math.floor(block / HYPER_BLOCKS), share);
        }
      });
    });
  }

  /** Bits of the block that a pixel lies in. */
  at(x: number, y: number): number {
    const column = Math.floor(x / LATENT_PIXELS);
    const row = Math.floor(y / LATENT_PIXELS);
    return this.bits[row * this.width + column]!;
  }
}
