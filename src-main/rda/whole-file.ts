import type { Photo } from '../image/photo';
import { encodePlane } from '../image/plane';
import { AnalysedPicture, codeTiles } from './analysed';
import type { CodedTile, PhotoFile } from './file';
import { writePhotoFile } from './file';
import type { RdaModel } from './model';
import type { Windows } from './tiles';
import type { Checkpoint } from './transforms';

/** What a file holds beside the picture: opacity, profile and metadata. */
export type SideData = Pick<PhotoFile, 'alpha' | 'icc' | 'exif' | 'xmp'>;

/** @param metadata keep EXIF and XMP; the profile always stays */
export async function sideData(photo: Photo, metadata: boolean): Promise<SideData> {
  const { icc, exif, xmp, alpha } = photo;
  return {
    ...(alpha && { alpha: await encodePlane(alpha, photo.width, photo.height) }),
    ...(icc && { icc }),
    ...(metadata && exif && { exif }),
    ...(metadata && xmp && { xmp }),
  };
}

/** The whole .lavi file of a picture's coded tiles. */
export function wholeFile(
  model: RdaModel,
  { width, height }: { width: number; height: number },
  { quality, tiles }: { quality: number; tiles: CodedTile[] },
  extras: SideData,
): Uint8Array {
  return writePhotoFile({
    header: { width, height, model: model.id.slice(0, 8), quality },
    tiles,
    ...extras,
  });
}

/** A photo analysed once, to tell how large its whole file is at any quality. */
export class SizedPhoto {
  private constructor(
    private readonly analysed: AnalysedPicture,
    private readonly extras: SideData,
  ) {}

  static async of(
    model: RdaModel,
    photo: Photo,
    metadata: boolean,
    check?: Checkpoint,
    windows?: Windows,
  ): Promise<SizedPhoto> {
    const extras = await sideData(photo, metadata);
    const { width, height, rgb } = photo;
    const analysed = await AnalysedPicture.of(model, { width, height, rgb }, check, windows);
    return new SizedPhoto(analysed, extras);
  }

  /** Bytes of the file at a wire quality: those that compressing writes. */
  async bytesAt(quality: number, check?: Checkpoint): Promise<number> {
    const { model, picture } = this.analysed;
    const coded = await this.analysed.quantise(quality, check);
    const tiles = codeTiles(model, coded);
    return wholeFile(model, picture, { quality, tiles }, this.extras).length;
  }
}
