import { mse } from '../../image/metrics';
import type { Photo } from '../../image/photo';
import { readPhoto } from '../../image/photo';
import { cropRgb, halveRgb } from '../../image/tile';
import { readInput } from '../../jobs/input';
import { AnalysedPicture } from '../../rda/analysed';
import type { Codec } from '../../rda/codec';
import type { RdaModel } from '../../rda/model';
import type { Checkpoint, Picture } from '../../rda/transforms';
import type { SideData } from '../../rda/whole-file';
import { sideData } from '../../rda/whole-file';
import { BlockBits } from './block-bits';
import { CodedPhotos } from './coded-photos';
import { DecodedPhoto } from './decoded';
import { LruCache } from './lru-cache';
import type { Sheet } from './patches';
import { photoKey } from './photo-key';
import { sheetOf } from './patches';

/** Tiles are at most this wide and high; so many levels that the last fits into one. */
export const TILE_SIDE = 1024;

/** The side of the patches that a first glimpse is taken of. */
const GLIMPSE_PATCH = 256;

export function levelsOf({ width, height }: { width: number; height: number }): number {
  return 1 + Math.max(0, Math.ceil(Math.log2(Math.max(width, height) / TILE_SIDE)));
}

/** A picture at scales of 1, 1/2, 1/4 …, each made when first asked for. */
export class Pyramid {
  readonly #levels: Picture[];

  constructor(picture: Picture) {
    this.#levels = [picture];
  }

  level(n: number): Picture {
    while (this.#levels.length <= n) this.#levels.push(halveRgb(this.#levels.at(-1)!));
    return this.#levels[n]!;
  }
}

/** The largest level that is at most `side` wide and high. */
export function atMost(pyramid: Pyramid, side: number): Picture {
  for (let level = 0; ; level++) {
    const picture = pyramid.level(level);
    if (Math.max(picture.width, picture.height) <= side) return picture;
  }
}

/** A photo that is shown, with all that has been computed of it. */
export class OpenedPhoto {
  readonly original: Pyramid;
  readonly #decoded = new LruCache<DecodedPhoto>(2);
  readonly #pyramids = new LruCache<Pyramid>(3);
  readonly #bits = new LruCache<BlockBits>(2);
  /** Of each tune that is asked for: one is, in the run of things. */
  readonly #analysed = new LruCache<AnalysedPicture>(1);
  readonly #glimpses = new LruCache<AnalysedPicture>(1);
  readonly #sheets = new LruCache<AnalysedPicture>(1);
  readonly #sides = new LruCache<SideData>(2);

  constructor(
    readonly photo: Photo,
    /** Names the file as it was when it was read. */
    readonly key: string,
    readonly coded = new CodedPhotos(),
  ) {
    this.original = new Pyramid(photo);
  }

  /** Analysed as far as somebody has asked for its latents. */
  analysed(model: RdaModel): Promise<AnalysedPicture> {
    return this.#analysed.get(model.tune, async () => AnalysedPicture.open(model, this.photo));
  }

  /** What saving puts into the file beside the symbols. */
  side(metadata: boolean): Promise<SideData> {
    return this.#sides.get(`${metadata}`, () =>
      sideData(this.photo, { metadata, thumbnail: true }),
    );
  }

  /** The analysis of what charts are measured on. */
  async sheet(model: RdaModel): Promise<{ analysed: AnalysedPicture } & Omit<Sheet, 'picture'>> {
    const { picture, ...how } = sheetOf(this.photo);
    if (how.whole) return { analysed: await this.analysed(model), ...how };
    const analysed = await this.#sheets.get(model.tune, async () =>
      AnalysedPicture.open(model, picture, how.windows),
    );
    return { analysed, ...how };
  }

  /** The analysis of a few small patches of it, which is there soon. */
  glimpse(model: RdaModel): Promise<AnalysedPicture> {
    const { picture } = sheetOf(this.photo, GLIMPSE_PATCH);
    return this.#glimpses.get(model.tune, async () => AnalysedPicture.open(model, picture));
  }

  /** The photo at a quality of 0…100. */
  async decoded(model: RdaModel, quality: number): Promise<DecodedPhoto> {
    const analysed = await this.analysed(model);
    const wire = model.quality.fromPercent(quality);
    const key = `${model.tune} ${wire}`;
    const known = this.coded.get({ photo: this.key, tune: model.tune, quality: wire });
    return this.#decoded.get(key, async () => new DecodedPhoto(analysed, wire, undefined, known));
  }

  /** Another codec's decoded pixels. */
  baseline(name: string, decode: () => Promise<Uint8Array>): Promise<Pyramid> {
    const { width, height } = this.photo;
    return this.#pyramids.get(
      name,
      async () => new Pyramid({ width, height, rgb: await decode() }),
    );
  }

  async blockBits(model: RdaModel, quality: number, check?: Checkpoint): Promise<BlockBits> {
    const decoded = await this.decoded(model, quality);
    return this.#bits.get(
      `${model.tune} ${decoded.quality}`,
      async () => new BlockBits(model, decoded.analysed.grid, await decoded.coded(check)),
    );
  }

  /** Mean squared error of a rectangle of decoded pixels. */
  async errorOf(
    model: RdaModel,
    quality: number,
    rectangle: { x: number; y: number; w: number; h: number },
  ): Promise<number> {
    const part = await (await this.decoded(model, quality)).part(rectangle);
    return mse(cropRgb(this.photo, rectangle), part.rgb);
  }
}

/** The photos opened last: the one that is shown and the one before it. */
export class OpenedPhotos {
  readonly #photos = new LruCache<OpenedPhoto>(2);

  /** @param make what becomes of a photo as soon as it is read, such as `inSrgb` */
  constructor(
    readonly codec: () => Promise<Codec>,
    readonly make: (photo: Photo) => Photo | Promise<Photo> = (photo) => photo,
    readonly coded = new CodedPhotos(),
  ) {}

  /** @throws LaviError as reading a photo or decoding a .lavi file does. */
  async get(file: string): Promise<OpenedPhoto> {
    const key = await photoKey(file);
    return this.#photos.get(key, async () => {
      const photo = await this.make(await this.#read(file));
      return new OpenedPhoto(photo, key, this.coded);
    });
  }

  async #read(file: string): Promise<Photo> {
    if (!file.toLowerCase().endsWith('.lavi')) return readPhoto(file);
    const bytes = await readInput(file);
    return (await this.codec()).decompress(bytes);
  }
}
