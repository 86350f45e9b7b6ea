import { LaviError } from '../api/errors';
import { mse, psnr } from '../image/metrics';
import type { Photo } from '../image/photo';
import { decodePlane } from '../image/plane';
import { chooseProvider, type ProviderChoice } from '../onnx/providers';
import { AnalysedPicture, codeTiles, type CodedPicture, reconstruct } from './analysed';
import { contentBits } from './bits';
import { type CodedTile, photoChunkNames, type PhotoFile, readPhotoFile } from './file';
import { RdaModel } from './model';
import { type Effort, meetRefined, meetTarget, type RateTarget } from './targets';
import { decodeSymbols, symbolCrc, type TileSymbols } from './symbols';
import { LATENT_PIXELS, type TileGrid, tileGrid, type Windows } from './tiles';
import type { Checkpoint } from './transforms';
import { sideData, wholeFile } from './whole-file';

export type { Effort, RateTarget };

export interface Watch {
  signal?: AbortSignal;
  onProgress?: (fraction: number) => void;
}

export interface CompressOptions extends Watch {
  target: RateTarget;
  /** What the encoder spends (default: `default`); decoders and the format know nothing of it. */
  effort?: Effort;
  /** Decode what was written and compare symbols (default true). */
  verify?: boolean;
  /** Keep EXIF and XMP (default true); the ICC profile is always kept. */
  metadata?: boolean;
  /** Measure PSNR on the decoded pixels (default true). */
  measure?: boolean;
}

export interface DecompressOptions extends Watch {
  /** How the synthesis is cut; pictures are equal up to the rounding of float sums. */
  windows?: Windows;
}

export interface CompressResult {
  file: Uint8Array;
  /** 0…100 */
  quality: number;
  /** Whole file, bits per pixel. */
  bpp: number;
  /** −Σ log₂ p of all symbols. */
  modelBits: number;
  /** dB on RGB, NaN if not measured. */
  psnr: number;
  /** From pixels to verified bytes; measuring PSNR is not counted. */
  seconds: number;
}

/** What a file says of itself, ready for JSON. */
export interface LaviInfo {
  width: number;
  height: number;
  bytes: number;
  bpp: number;
  model: string;
  quality: number;
  lambda: number;
  tiles: number;
  payloadBytes: number;
  modelBits: number;
  hyperBits: number;
  latentBits: number;
  metadata: string[];
  chunks: { name: string; bytes: number }[];
}

export interface CodecOptions {
  modelsDir: string;
  provider?: ProviderChoice;
  threads?: number;
  optimize?: boolean;
}

/** The photo codec: photos to .lavi files and back. */
export class Codec {
  private constructor(readonly model: RdaModel) {}

  /** Loads a model folder. Errors: MODEL_MISSING, MODEL_MISMATCH, PROVIDER_UNAVAILABLE. */
  static async load(options: CodecOptions): Promise<Codec> {
    const { choice } = await chooseProvider(options);
    return new Codec(await RdaModel.load({ ...options, provider: choice }));
  }

  /**
   * Codes a photo of 1…100·2²⁰ pixels. Errors: TARGET_UNREACHABLE, CANCELLED, INTERNAL (the written file did not
   * decode to what was coded).
   */
  async compress(photo: Photo, options: CompressOptions): Promise<CompressResult> {
    const began = performance.now();
    const watch = checkpoints(options);
    const analysed = await AnalysedPicture.of(this.model, photo, watch(0, 0.4));
    const extras = await sideData(photo, options.metadata ?? true);
    const tilesOf = (coded: CodedPicture) => codeTiles(this.model, coded);
    const write = (coded: CodedPicture, tiles = tilesOf(coded)) =>
      wholeFile(this.model, photo, { quality: coded.quality, tiles }, extras);
    let measured = 0;
    const meet = options.effort === 'best' ? meetRefined : meetTarget;
    const found = await meet(
      analysed,
      options.target,
      (coded) => write(coded),
      watch(0.4, 0.7),
      (ms) => {
        measured += ms;
      },
    );
    const tiles = tilesOf(found);
    const file = write(found, tiles);
    if (options.verify ?? true) await this.verify(file, tiles, watch(0.7, 0.85));
    const seconds = (performance.now() - began - measured) / 1000;
    const bits = contentBits(this.model, found.tiles);
    return {
      file,
      quality: this.model.quality.toPercent(found.quality),
      bpp: (8 * file.length) / (photo.width * photo.height),
      modelBits: bits.hyper + bits.latents,
      psnr: (options.measure ?? true) ? await this.psnr(analysed, found, watch(0.85, 1)) : NaN,
      seconds,
    };
  }

  /**
   * Decodes a file. Errors: those of reading files, WRONG_MODEL, CORRUPT (symbols differ from their CRC), CANCELLED.
   */
  async decompress(file: Uint8Array, options: DecompressOptions = {}): Promise<Photo> {
    const watch = checkpoints(options);
    const parts = this.read(file);
    const coded = await this.decodeTiles(parts, watch(0, 0.4));
    const { width, height } = parts.header;
    const size = { width, height };
    const grid = tileGrid(width, height, this.model.manifest.decode.tile);
    const check = watch(0.4, 1);
    const { rgb } = await reconstruct(this.model, coded, grid, size, check, options.windows);
    const alpha = parts.alpha && (await decodePlane(parts.alpha, width, height));
    const { icc, exif, xmp } = parts;
    return {
      width,
      height,
      rgb,
      ...(alpha && { alpha }),
      ...(icc && { icc }),
      ...(exif && { exif }),
      ...(xmp && { xmp }),
    };
  }

  /** What a file holds, with its modelled bits beside its bytes. Errors as decompress. */
  async info(file: Uint8Array): Promise<LaviInfo> {
    const parts = this.read(file);
    const { width, height, quality, model } = parts.header;
    const coded = await this.decodeTiles(parts, () => {});
    const bits = contentBits(this.model, coded.tiles);
    return {
      width,
      height,
      bytes: file.length,
      bpp: (8 * file.length) / (width * height),
      model,
      quality: this.model.quality.toPercent(quality),
      lambda: this.model.quality.lambda(quality),
      tiles: parts.tiles.length,
      payloadBytes: parts.tiles.reduce((sum, tile) => sum + tile.stream.length, 0),
      modelBits: bits.hyper + bits.latents,
      hyperBits: bits.hyper,
      latentBits: bits.latents,
      metadata: (['icc', 'exif', 'xmp', 'alpha'] as const).filter((name) => parts[name]),
      chunks: parts.chunks.map(({ type, bytes }) => ({ name: photoChunkNames[type]!, bytes })),
    };
  }

  async close(): Promise<void> {
    await this.model.close();
  }

  private read(file: Uint8Array): PhotoFile {
    const parts = readPhotoFile(file);
    const ours = this.model.manifest.id.slice(0, 8);
    if (parts.header.model !== ours) {
      throw new LaviError(
        'WRONG_MODEL',
        `The file needs model ${parts.header.model}; this program carries model ${ours}.`,
        { needed: parts.header.model, found: ours },
      );
    }
    if (parts.header.quality > this.model.quality.last) {
      throw new LaviError(
        'CORRUPT',
        `Expected a quality of 0…${this.model.quality.last}, found ${parts.header.quality}.`,
      );
    }
    return parts;
  }

  private gridOf(parts: PhotoFile): TileGrid {
    const { width, height } = parts.header;
    const grid = tileGrid(width, height, this.model.manifest.decode.tile);
    if (parts.tiles.length !== grid.tiles.length) {
      throw new LaviError(
        'CORRUPT',
        `Expected ${grid.tiles.length} tiles for ${width}×${height} pixels, found ${parts.tiles.length}.`,
      );
    }
    return grid;
  }

  private decodeTile(parts: PhotoFile, grid: TileGrid, index: number): Promise<TileSymbols> {
    const tile = grid.tiles[index]!;
    const size = { height: tile.height / LATENT_PIXELS, width: tile.width / LATENT_PIXELS };
    const { quality } = parts.header;
    return decodeSymbols(this.model, { ...size, quality }, parts.tiles[index]!.stream);
  }

  private async decodeTiles(parts: PhotoFile, check: Checkpoint): Promise<CodedPicture> {
    const grid = this.gridOf(parts);
    const tiles: TileSymbols[] = [];
    for (let i = 0; i < grid.tiles.length; i++) {
      check(i / grid.tiles.length);
      const symbols = await this.decodeTile(parts, grid, i);
      if (symbolCrc(symbols) !== parts.tiles[i]!.crc) {
        throw new LaviError(
          'CORRUPT',
          `Tile ${i + 1} does not decode to the symbols it was coded from.`,
        );
      }
      tiles.push(symbols);
    }
    return { quality: parts.header.quality, tiles };
  }

  /** Decodes a new file tile by tile, keeping none, and compares each with what was coded. */
  private async verify(
    file: Uint8Array,
    coded: readonly CodedTile[],
    check: Checkpoint,
  ): Promise<void> {
    const parts = this.read(file);
    const grid = this.gridOf(parts);
    for (let i = 0; i < grid.tiles.length; i++) {
      check(i / grid.tiles.length);
      const { crc } = coded[i]!;
      const again = await this.decodeTile(parts, grid, i);
      if (parts.tiles[i]!.crc !== crc || symbolCrc(again) !== crc) {
        throw new LaviError('INTERNAL', `Tile ${i + 1} of the new file decodes to other symbols.`);
      }
    }
  }

  private async psnr(
    analysed: AnalysedPicture,
    coded: CodedPicture,
    check: Checkpoint,
  ): Promise<number> {
    const { picture, grid } = analysed;
    const size = { width: picture.width, height: picture.height };
    const { rgb } = await reconstruct(this.model, coded, grid, size, check);
    return psnr(mse(picture.rgb, rgb));
  }
}

/** Turns one job's progress and cancel into checkpoints of its stages. */
function checkpoints({ signal, onProgress }: Watch): (from: number, to: number) => Checkpoint {
  let furthest = 0;
  return (from, to) => (fraction) => {
    if (signal?.aborted) throw new LaviError('CANCELLED', 'Cancelled.');
    // A search passes the same stage many times: progress never runs back.
    furthest = Math.max(furthest, from + fraction * (to - from));
    onProgress?.(furthest);
  };
}
