import type { Photo } from '../image/photo';
import { encodePlane } from '../image/plane';
import { embeddedThumbnail } from '../image/thumbnail';
import { AnalysedPicture, codeTiles, type CodedPicture } from './analysed';
import { contentBits } from './bits';
import type { CodedTile, PhotoFile } from './file';
import { writePhotoFile } from './file';
import type { RdaModel } from './model';
import type { Windows } from './tiles';
import type { Checkpoint } from './transforms';

/** What a file holds beside the picture: opacity, profile, metadata and thumbnail. */
export type SideData = Pick<PhotoFile, 'alpha' | 'icc' | 'exif' | 'xmp' | 'thumbnail'>;

/** What of a photo's side data goes into its file beside opacity and profile, which always do. */
export interface SideDataOptions {
  /** EXIF and XMP. */
  metadata: boolean;
  /** A small WebP, for lists; see `embeddedThumbnail`. */
  thumbnail: boolean;
}

/** A photo's symbols, coded: all of its file but the side data. */
export interface CodedPhoto {
  /** Wire quality. */
  quality: number;
  tiles: CodedTile[];
  /** −Σ log₂ p of the symbols. */
  bits: { hyper: number; latents: number };
  /** Of the decoded pixels, once they were measured: dB on RGB, and MS-SSIM. */
  psnr?: number;
  msssim?: number;
}

export async function sideData(
  photo: Photo,
  { metadata, thumbnail }: SideDataOptions,
): Promise<SideData> {
  const { icc, exif, xmp, alpha } = photo;
  const small = thumbnail ? await embeddedThumbnail(photo) : undefined;
  return {
    ...(alpha && { alpha: await encodePlane(alpha, photo.width, photo.height) }),
    ...(icc && { icc }),
    ...(metadata && exif && { exif }),
    ...(metadata && xmp && { xmp }),
    ...(small && { thumbnail: small }),
  };
}

/** Codes a picture's symbols. */
export function codePhoto(model: RdaModel, picture: CodedPicture): CodedPhoto {
  return {
    quality: picture.quality,
    tiles: codeTiles(model, picture),
    bits: contentBits(model, picture.tiles),
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

/** A photo analysed once, when first needed, to tell how large its whole file is at any quality. */
export class SizedPhoto {
  private constructor(
    private readonly analysed: AnalysedPicture,
    private readonly extras: SideData,
  ) {}

  static async of(
    model: RdaModel,
    photo: Photo,
    side: SideDataOptions,
    windows?: Windows,
  ): Promise<SizedPhoto> {
    const extras = await sideData(photo, side);
    const { width, height, rgb } = photo;
    const analysed = AnalysedPicture.open(model, { width, height, rgb }, windows);
    return new SizedPhoto(analysed, extras);
  }

  /** The photo coded at a wire quality, as compressing codes it. */
  async codedAt(quality: number, check?: Checkpoint): Promise<CodedPhoto> {
    return codePhoto(this.analysed.model, await this.analysed.quantise(quality, check));
  }

  /** Bytes of the file that compressing writes. */
  bytesOf(coded: CodedPhoto): number {
    const { model, picture } = this.analysed;
    return wholeFile(model, picture, coded, this.extras).length;
  }
}
