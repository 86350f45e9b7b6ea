import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodePhoto } from '../../../src-main/image/photo';
import type { Photo } from '../../../src-main/image/photo';
import { webpWithMetadata } from '../../../src-main/image/containers/webp';
import { encodePhoto, formatOfPath } from '../../../src-main/image/output';
import type { PhotoFormat } from '../../../src-main/image/output';
import { exifBlock, fromRaw, maxDifference, pattern, profile, xmpPacket } from './samples';

const formats: PhotoFormat[] = ['png', 'jpeg', 'webp', 'avif', 'tiff'];
const W = 97;
const H = 61;
const plain: Photo = { width: W, height: H, rgb: pattern(W, H) };
// Soft alpha: a lossy format must not be blamed for edges.
const alpha = Uint8Array.from({ length: W * H }, (_, i) => 100 + (i % W));
const limit = { png: 0, jpeg: 16, webp: 60, avif: 25, tiff: 0 };

const mean = (a: Uint8Array, b: Uint8Array) =>
  a.reduce((sum, v, i) => sum + Math.abs(v - b[i]!), 0) / a.length;

describe('encodePhoto', () => {
  it.each(formats)('writes %s that reads back, without metadata', async (format) => {
    const file = await encodePhoto(plain, format);
    expect(Buffer.isBuffer(file)).toBe(false);
    const photo = await decodePhoto(file);
    expect([photo.width, photo.height]).toEqual([W, H]);
    expect(photo.source?.format).toBe(format);
    expect(maxDifference(photo.rgb, plain.rgb)).toBeLessThanOrEqual(limit[format]);
    expect(mean(photo.rgb, plain.rgb)).toBeLessThanOrEqual(limit[format] / 8);
    expect([photo.alpha, photo.icc, photo.exif, photo.xmp]).toEqual(Array(4).fill(undefined));
  });

  it.each(formats)('keeps profile, EXIF and XMP in %s byte for byte', async (format) => {
    const icc = new Uint8Array(await profile('p3'));
    for (const little of [true, false]) {
      const exif = exifBlock({ little });
      const file = await encodePhoto({ ...plain, icc, exif, xmp: xmpPacket() }, format);
      const seen = await sharp(file).metadata();
      expect(new Uint8Array(seen.icc!)).toEqual(icc);
      expect(new Uint8Array(seen.xmp!)).toEqual(xmpPacket());
      const photo = await decodePhoto(file);
      expect(photo.icc).toEqual(icc);
      expect(photo.xmp).toEqual(xmpPacket());
      // A TIFF holds the block's directories as its own; the others hold the block.
      if (format !== 'tiff') expect(photo.exif).toEqual(exif);
      else expect(Buffer.from(photo.exif!).includes('maker note bytes')).toBe(true);
      // The profile was attached, not converted to.
      const bare = await decodePhoto(await encodePhoto(plain, format));
      expect(Buffer.compare(photo.rgb, bare.rgb)).toBe(0);
    }
  });

  it('begins a TIFF with the EXIF block itself, and reads its fields back', async () => {
    const exif = exifBlock({ little: false });
    const file = await encodePhoto({ ...plain, exif }, 'tiff');
    expect(file.subarray(8, exif.length)).toEqual(exif.subarray(8));
    const photo = await decodePhoto(file);
    const again = await decodePhoto(await encodePhoto(photo, 'tiff'));
    expect(again.exif).toEqual(photo.exif);
    expect(Buffer.from(photo.exif!).includes('Lavi Camera')).toBe(true);
  });

  it.each(['png', 'webp', 'avif', 'tiff'] as const)('keeps alpha in %s', async (format) => {
    const icc = new Uint8Array(await profile('p3'));
    for (const extra of [{}, { icc, exif: exifBlock(), xmp: xmpPacket() }]) {
      const file = await encodePhoto({ ...plain, alpha, ...extra }, format);
      const photo = await decodePhoto(file);
      // Lossy formats round alpha too (AVIF), but only so much.
      expect(maxDifference(photo.alpha!, alpha)).toBeLessThanOrEqual(format === 'avif' ? 6 : 0);
      expect(mean(photo.rgb, plain.rgb)).toBeLessThanOrEqual(limit[format] / 8);
      expect(photo.icc).toEqual('icc' in extra ? icc : undefined);
      expect((await sharp(file).metadata()).hasAlpha).toBe(true);
    }
  });

  it('lays a photo with alpha on white for JPEG', async () => {
    const clear = { ...plain, alpha: new Uint8Array(W * H) };
    const photo = await decodePhoto(await encodePhoto(clear, 'jpeg'));
    expect(photo.alpha).toBeUndefined();
    expect(Math.min(...photo.rgb)).toBeGreaterThanOrEqual(254);
    const half = { ...plain, alpha: new Uint8Array(W * H).fill(128) };
    const mixed = await decodePhoto(await encodePhoto(half, 'jpeg'));
    const expected = plain.rgb.map((v) => Math.round((v * 128 + 255 * 127) / 255));
    expect(maxDifference(mixed.rgb, expected)).toBeLessThanOrEqual(limit.jpeg);
  });

  it('splits a long profile over JPEG segments and leaves out EXIF too long for one', async () => {
    const icc = Buffer.alloc(200_000, 3);
    Buffer.from(await profile('p3')).copy(icc);
    icc.writeUInt32BE(icc.length, 0);
    const exif = new Uint8Array(70_000);
    exif.set(exifBlock());
    const photo = await decodePhoto(await encodePhoto({ ...plain, icc, exif }, 'jpeg'));
    expect(Buffer.from(photo.icc!).equals(icc)).toBe(true);
    expect(photo.exif).toBeUndefined();
  });

  it('obeys quality', async () => {
    for (const format of ['jpeg', 'webp', 'avif'] as const) {
      const low = await encodePhoto(plain, format, { quality: 20 });
      const high = await encodePhoto(plain, format, { quality: 90 });
      expect(low.length).toBeLessThan(high.length);
    }
  });

  it('writes pictures of one pixel, one row and one column', async () => {
    for (const [width, height] of [
      [1, 1],
      [37, 1],
      [1, 37],
    ] as const) {
      const rgb = pattern(width, height);
      for (const format of formats) {
        const photo = await decodePhoto(await encodePhoto({ width, height, rgb }, format));
        expect([photo.width, photo.height]).toEqual([width, height]);
        if (limit[format] === 0) expect(Buffer.compare(photo.rgb, rgb)).toBe(0);
      }
    }
  });

  it('names the limit of a format that is too small for the photo', async () => {
    const long = { width: 16_400, height: 1, rgb: new Uint8Array(3 * 16_400) };
    for (const format of ['webp', 'avif'] as const) {
      await expect(encodePhoto(long, format)).rejects.toMatchObject({
        code: 'IMAGE_TOO_LARGE',
        detail: { found: 16_400 },
      });
    }
    expect((await decodePhoto(await encodePhoto(long, 'jpeg'))).width).toBe(16_400);
  });

  it('reads EXIF that sharp wrote, for the structure is not only our own', async () => {
    const jpeg = await fromRaw(plain.rgb, W, H)
      .withExif({ IFD0: { Make: 'Lavi' }, IFD2: { LensModel: 'Lens 5' } })
      .jpeg()
      .toBuffer();
    const { exif } = await decodePhoto(jpeg);
    const tiff = await encodePhoto({ ...plain, exif }, 'tiff');
    const read = Buffer.from((await decodePhoto(tiff)).exif!);
    expect(read.includes('Lavi')).toBe(true);
    expect(read.includes('Lens 5')).toBe(true);
  });
});

describe('webpWithMetadata', () => {
  it('announces alpha of a lossless file that has no extended header yet', async () => {
    const rgba = pattern(W, H, 4);
    const bare = await fromRaw(rgba, W, H, 4).webp({ lossless: true, exact: true }).toBuffer();
    expect(bare.toString('latin1', 12, 16)).toBe('VP8L');
    const file = webpWithMetadata(bare, { xmp: xmpPacket() }, { width: W, height: H });
    const photo = await decodePhoto(file);
    expect(photo.xmp).toEqual(xmpPacket());
    expect(Buffer.compare(photo.rgb, pattern(W, H))).toBe(0);
    expect(photo.alpha![W - 1]).toBe(0);
  });
});

describe('formatOfPath', () => {
  it.each([
    ['a/b.PNG', 'png'],
    ['b.jpg', 'jpeg'],
    ['b.jpeg', 'jpeg'],
    ['x.y.tif', 'tiff'],
    ['b.webp', 'webp'],
    ['b.avif', 'avif'],
    ['b.lavi', undefined],
    ['folder.png/b', undefined],
    ['b', undefined],
  ])('%s → %s', (path, format) => expect(formatOfPath(path)).toBe(format));
});
