import type { Tune } from '../../src-main/api/choices';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { runBaseline } from '../../src-main/image/baselines';
import { mse, msSsim, psnr } from '../../src-main/image/metrics';
import type { Photo } from '../../src-main/image/photo';
import type { Codec, Effort } from '../../src-main/rda/codec';
import { runJxl } from './jxl';
import type { OtherSetting } from './ladders';
import { ssimulacra2 } from './ssimulacra2';

/** One codec at one setting on one photo. */
export interface Point {
  bytes: number;
  /** 8 × bytes of the whole file / pixels */
  bpp: number;
  psnr: number;
  msssim: number;
  ssimulacra2: number;
  encMs: number;
  decMs: number;
  /** Times were measured in an earlier run. */
  cached?: boolean;
}

export type BarePhoto = Pick<Photo, 'width' | 'height' | 'rgb'>;

async function measured(
  photo: BarePhoto,
  bytes: number,
  decoded: Uint8Array,
  times: { encMs: number; decMs: number },
): Promise<Point> {
  const { width, height, rgb } = photo;
  return {
    bytes,
    bpp: (8 * bytes) / (width * height),
    psnr: psnr(mse(rgb, decoded)),
    msssim: msSsim(rgb, decoded, width, height),
    ssimulacra2: await ssimulacra2(photo, decoded),
    ...times,
  };
}

/** Our codec on one photo at one quality, through file and back. */
export async function laviPoint(
  codec: Codec,
  photo: BarePhoto,
  quality: number,
  how: { effort?: Effort; tune?: Tune } = {},
): Promise<Point> {
  const { file, seconds } = await codec.compress(photo, {
    target: { kind: 'quality', value: quality },
    ...how,
    measure: false,
  });
  const start = performance.now();
  const decoded = await codec.decompress(file);
  const decMs = performance.now() - start;
  return measured(photo, file.length, decoded.rgb, { encMs: 1000 * seconds, decMs });
}

/** Measured points on disk, by pixels, setting and codec versions: AVIF takes minutes a photo set. */
export class PointCache {
  constructor(
    private readonly folder: string,
    private readonly enabled: boolean,
  ) {}

  /** A key for all points of a photo. */
  keyOf(photo: BarePhoto): string {
    const size = `${photo.width}x${photo.height}`;
    return createHash('sha256').update(size).update(photo.rgb).digest('hex').slice(0, 32);
  }

  async other(photo: BarePhoto, key: string, setting: OtherSetting): Promise<Point> {
    const { aom, mozjpeg, webp, vips } = sharp.versions;
    const what = JSON.stringify({
      setting,
      aom,
      mozjpeg,
      webp,
      vips,
      metrics: 2,
      jxl: '@jsquash/jxl 1.3',
    });
    const name = createHash('sha256').update(key).update(what).digest('hex').slice(0, 40);
    const path = join(this.folder, `${name}.json`);
    if (this.enabled) {
      const found = await readFile(path, 'utf8').catch(() => undefined);
      if (found) return { ...(JSON.parse(found) as Point), cached: true };
    }
    const { bytes, rgb, encMs, decMs } =
      setting.codec === 'jxl' ? await runJxl(photo, setting) : await runBaseline(photo, setting);
    const point = await measured(photo, bytes, rgb, { encMs, decMs });
    await mkdir(this.folder, { recursive: true });
    await writeFile(`${path}.part`, JSON.stringify(point));
    await rename(`${path}.part`, path);
    return point;
  }
}
