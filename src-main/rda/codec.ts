import { LaviError } from '../api/errors';
import { type Tune, tunes } from '../api/choices';
import { mse, psnr } from '../image/metrics';
import type { Photo } from '../image/photo';
import { decodePlane } from '../image/plane';
import { chooseProvider, type ProviderChoice } from '../onnx/providers';
import { AnalysedPicture, codeTiles, type CodedPicture, decodedLatents } from './analysed';
import { contentBits } from './bits';
import { photoChunkNames, type PhotoFile, readPhotoFile } from './file';
import { decodeLatents, readTiles, verify } from './decoding';
import { type ModelOptions, RdaModel } from './model';
import { type Effort, meetRefined, meetTarget, type RateTarget } from './targets';
import { LATENT_PIXELS, synthesisWindows, tileGrid, type Windows } from './tiles';
import { type Checkpoint, synthesise } from './transforms';
import { type CodedPhoto, codePhoto, sideData, wholeFile } from './whole-file';

export type { Effort, RateTarget };

export interface Watch {
  signal?: AbortSignal;
  onProgress?: (fraction: number) => void;
}

export interface CompressOptions extends Watch {
  target: RateTarget;
  /** What the picture is good at (default `psnr`): squared error, or structure at several scales. */
  tune?: Tune;
  /** What the encoder spends (default: `default`); decoders and the format know nothing of it. */
  effort?: Effort;
  /** Decode what was written and compare symbols (default true). */
  verify?: boolean;
  /** Keep EXIF and XMP (default true); the ICC profile is always kept. */
  metadata?: boolean;
  /** Put a small picture for lists into the file (default false). */
  thumbnail?: boolean;
  /** Measure PSNR on the decoded pixels (default true). */
  measure?: boolean;
  /** The same photo coded before, by the same tune: its quality is taken instead of `target`, and nothing coded again. */
  coded?: CodedPhoto;
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
  coded: CodedPhoto;
}

/** What a file says of itself, ready for JSON. */
export interface LaviInfo {
  width: number;
  height: number;
  bytes: number;
  bpp: number;
  model: string;
  /** What the file's transforms are trained for; `lambda` is of that distortion. */
  tune: Tune;
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
  #tuned?: Promise<RdaModel> | undefined;

  private constructor(
    /** Of the PSNR tune. */
    readonly model: RdaModel,
    private readonly options: ModelOptions,
  ) {}

  /** Loads a model folder. Errors: MODEL_MISSING, MODEL_MISMATCH, PROVIDER_UNAVAILABLE. */
  static async load(options: CodecOptions): Promise<Codec> {
    const { choice } = await chooseProvider(options);
    const own = { ...options, provider: choice };
    return new Codec(await RdaModel.load(own), own);
  }

  /** The model of a tune, loaded when first needed. Error: MODEL_MISSING. */
  tuned(tune: Tune): Promise<RdaModel> {
    if (tune === 'psnr') return Promise.resolve(this.model);
    const tuned = (this.#tuned ??= this.model.tuned(tune, this.options));
    tuned.catch(() => (this.#tuned = undefined));
    return tuned;
  }

  /**
   * Codes a photo of 1…100·2²⁰ pixels. Errors: TARGET_UNREACHABLE, CANCELLED, BAD_REQUEST (best effort refines
   * squared error only), MODEL_MISSING, INTERNAL (the written file did not decode to what was coded).
   */
  async compress(photo: Photo, options: CompressOptions): Promise<CompressResult> {
    const began = performance.now();
    const watch = checkpoints(options);
    const { tune = 'psnr' } = options;
    if (options.effort === 'best' && tune !== 'psnr') {
      throw new LaviError(
        'BAD_REQUEST',
        `Effort best lowers the squared error: expected the tune psnr with it, found ${tune}.`,
      );
    }
    const model = await this.tuned(tune);
    const { metadata = true, thumbnail = false } = options;
    const extras = await sideData(photo, { metadata, thumbnail });
    let measured = 0;
    let found: CodedPicture | undefined;
    if (!options.coded) {
      const analysed = await AnalysedPicture.of(model, photo, watch(0, 0.4));
      const meet = options.effort === 'best' ? meetRefined : meetTarget;
      found = await meet(
        analysed,
        options.target,
        (one) =>
          wholeFile(model, photo, { quality: one.quality, tiles: codeTiles(model, one) }, extras),
        watch(0.4, 0.7),
        (ms) => {
          measured += ms;
        },
      );
    }
    const coded = options.coded ?? codePhoto(model, found!);
    const file = wholeFile(model, photo, coded, extras);
    if (options.verify ?? true) await verify(model, file, coded.tiles, watch(0.7, 0.85));
    const seconds = (performance.now() - began - measured) / 1000;
    if (options.measure ?? true)
      coded.psnr ??= await psnrOf(model, photo, found ?? coded, watch(0.85, 1));
    return {
      file,
      quality: model.quality.toPercent(coded.quality),
      bpp: (8 * file.length) / (photo.width * photo.height),
      modelBits: coded.bits.hyper + coded.bits.latents,
      psnr: coded.psnr ?? NaN,
      seconds,
      coded,
    };
  }

  /**
   * Decodes a file. Errors: those of reading files, WRONG_MODEL, CORRUPT (symbols differ from their CRC), CANCELLED.
   */
  async decompress(file: Uint8Array, options: DecompressOptions = {}): Promise<Photo> {
    const watch = checkpoints(options);
    const { parts, model } = await this.read(file);
    const { width, height, quality } = parts.header;
    const coded = { quality, tiles: parts.tiles };
    const latents = await decodeLatents(model, coded, parts.header, watch(0, 0.4));
    const { windows = synthesisWindows } = options;
    const cut = windows(latents.width * LATENT_PIXELS, latents.height * LATENT_PIXELS);
    const point = model.quality.point(quality);
    const { rgb } = await synthesise(model, latents, { width, height }, point, watch(0.4, 1), cut);
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
    const { parts, model } = await this.read(file);
    const { width, height, quality } = parts.header;
    const bits = contentBits(model, await readTiles(model, parts, () => {}));
    return {
      width,
      height,
      bytes: file.length,
      bpp: (8 * file.length) / (width * height),
      model: parts.header.model,
      tune: model.tune,
      quality: model.quality.toPercent(quality),
      lambda: model.quality.lambda(quality),
      tiles: parts.tiles.length,
      payloadBytes: parts.tiles.reduce((sum, tile) => sum + tile.stream.length, 0),
      modelBits: bits.hyper + bits.latents,
      hyperBits: bits.hyper,
      latentBits: bits.latents,
      metadata: (['icc', 'exif', 'xmp', 'alpha', 'thumbnail'] as const).filter(
        (name) => parts[name],
      ),
      chunks: parts.chunks.map(({ type, bytes }) => ({ name: photoChunkNames[type]!, bytes })),
    };
  }

  async close(): Promise<void> {
    await (await this.#tuned?.catch(() => undefined))?.close();
    await this.model.close();
  }

  /** A file's parts, and the model that it names. */
  private async read(file: Uint8Array): Promise<{ parts: PhotoFile; model: RdaModel }> {
    const parts = readPhotoFile(file);
    const { id, tunes: others } = this.model.manifest;
    const ids = { psnr: id, 'ms-ssim': others['ms-ssim']?.id };
    const tune = tunes.find((one) => ids[one]?.slice(0, 8) === parts.header.model);
    if (!tune) {
      const ours = Object.values(ids).flatMap((one) => one?.slice(0, 8) ?? []);
      throw new LaviError(
        'WRONG_MODEL',
        `The file needs model ${parts.header.model}; this program carries model ${ours.join(' and ')}.`,
        { needed: parts.header.model, found: ours.join(' and ') },
      );
    }
    const model = await this.tuned(tune);
    if (parts.header.quality > model.quality.last) {
      throw new LaviError(
        'CORRUPT',
        `Expected a quality of 0…${model.quality.last}, found ${parts.header.quality}.`,
      );
    }
    return { parts, model };
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

/** PSNR of what a picture decodes to, from its latents or, where those are gone, from its streams. */
async function psnrOf(
  model: RdaModel,
  photo: Photo,
  coded: CodedPicture | CodedPhoto,
  check: Checkpoint,
): Promise<number> {
  const size = { width: photo.width, height: photo.height };
  const grid = tileGrid(size.width, size.height, model.manifest.decode.tile);
  const latents =
    'bits' in coded
      ? await decodeLatents(model, coded, size, check)
      : decodedLatents(model, coded, grid);
  const point = model.quality.point(coded.quality);
  const { rgb } = await synthesise(model, latents, size, point, check);
  return psnr(mse(photo.rgb, rgb));
}
