import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deflateSync } from 'node:zlib';
import { decodePhoto, MAX_PIXELS, readPhoto } from '../../../src-main/image/photo';
import { jpegWithMetadata } from '../../../src-main/image/containers/jpeg';
import { pngWithMetadata } from '../../../src-main/image/containers/png';
import {
  exifBlock,
  fromRaw,
  greyProfile,
  maxDifference,
  pattern,
  profile,
  xmpPacket,
} from './samples';

const W = 96;
const H = 64;
const rgb = pattern(W, H);
const rgba = pattern(W, H, 4);
const image = () => fromRaw(rgb, W, H);
const withAlpha = () => fromRaw(rgba, W, H, 4);

const alphaOf = (pixels: Uint8Array) => pixels.filter((_, i) => i % 4 === 3);
const rgbOf = (pixels: Uint8Array) => pixels.filter((_, i) => i % 4 !== 3);

describe('decodePhoto: formats', () => {
  it.each([
    ['png', () => image().png(), 8],
    ['webp', () => image().webp({ lossless: true }), 8],
    ['tiff', () => image().tiff({ compression: 'lzw' }), 8],
    ['png', () => image().toColourspace('rgb16').png(), 16],
    ['tiff', () => image().toColourspace('rgb16').tiff({ compression: 'deflate' }), 16],
  ] as const)('reads %s without loss (%#)', async (format, make, depth) => {
    const bytes = await make().toBuffer();
    const photo = await decodePhoto(bytes);
    expect([photo.width, photo.height]).toEqual([W, H]);
    expect(Buffer.isBuffer(photo.rgb)).toBe(false);
    expect(Buffer.compare(photo.rgb, rgb)).toBe(0);
    expect(photo.alpha).toBeUndefined();
    expect(photo.icc).toBeUndefined();
    expect(photo.source).toEqual({ format, depth, bytes: bytes.length });
  });

  it.each([
    ['jpeg', () => image().jpeg({ quality: 95, chromaSubsampling: '4:4:4' }), 12],
    ['avif', () => image().avif({ quality: 90, chromaSubsampling: '4:4:4', effort: 0 }), 12],
    ['gif', () => image().gif({ dither: 0 }), 40],
    ['png', () => image().png({ palette: true, dither: 0 }), 40],
  ] as const)('reads %s with its own loss (%#)', async (format, make, limit) => {
    const photo = await decodePhoto(await make().toBuffer());
    expect([photo.width, photo.height, photo.source?.format]).toEqual([W, H, format]);
    expect(maxDifference(photo.rgb, rgb)).toBeLessThanOrEqual(limit);
    expect(photo.alpha).toBeUndefined();
  });

  it('spreads grey over three channels, 8 and 16 bits, with and without alpha', async () => {
    const grey = Uint8Array.from({ length: W * H }, (_, i) => i % 251);
    const expected = Uint8Array.from(rgb, (_, i) => grey[Math.floor(i / 3)]!);
    for (const space of ['b-w', 'grey16'] as const) {
      const file = await fromRaw(grey, W, H, 1).toColourspace(space).png().toBuffer();
      expect((await sharp(file).metadata()).space).toBe(space);
      expect(Buffer.compare((await decodePhoto(file)).rgb, expected)).toBe(0);
    }
    const pairs = Uint8Array.from({ length: 2 * W * H }, (_, i) => (i % 2 ? 77 : grey[i >> 1]!));
    const file = await fromRaw(pairs, W, H, 2).toColourspace('b-w').png().toBuffer();
    const photo = await decodePhoto(file);
    expect(Buffer.compare(photo.rgb, expected)).toBe(0);
    expect(photo.alpha?.every((v) => v === 77)).toBe(true);
  });

  it('keeps alpha only if some pixel is not opaque', async () => {
    const png = await decodePhoto(await withAlpha().png().toBuffer());
    expect(Buffer.compare(png.alpha!, alphaOf(rgba))).toBe(0);
    expect(Buffer.compare(png.rgb, rgbOf(rgba))).toBe(0);
    const opaque = rgba.map((v, i) => (i % 4 === 3 ? 255 : v));
    const plain = await decodePhoto(await fromRaw(opaque, W, H, 4).png().toBuffer());
    expect(plain.alpha).toBeUndefined();
    expect(Buffer.compare(plain.rgb, rgbOf(rgba))).toBe(0);
    const webp = await decodePhoto(
      await withAlpha().webp({ lossless: true, exact: true }).toBuffer(),
    );
    expect(Buffer.compare(webp.alpha!, alphaOf(rgba))).toBe(0);
  });

  it('reads the transparency of a palette', async () => {
    const flat = new Uint8Array(4 * W * H).map((_, i) => [200, 30, 90, 255][i % 4]!);
    for (let i = 0; i < 40 * W; i++) flat[4 * i + 3] = 0;
    for (const file of [
      await fromRaw(flat, W, H, 4).png({ palette: true }).toBuffer(),
      await fromRaw(flat, W, H, 4).gif().toBuffer(),
    ]) {
      expect((await sharp(file).metadata()).isPalette).toBe(true);
      const photo = await decodePhoto(file);
      expect(photo.alpha![0]).toBe(0);
      expect(photo.alpha!.at(-1)).toBe(255);
    }
  });

  it('takes the first frame of an animation and the first page of a TIFF', async () => {
    const frames = [0, 1, 2].map((n) =>
      fromRaw(
        rgb.map((v) => (v + 60 * n) & 255),
        W,
        H,
      )
        .png()
        .toBuffer(),
    );
    const joined = () => sharp(pngs, { join: { animated: true } });
    const pngs = await Promise.all(frames);
    for (const file of [
      await joined().gif({ dither: 0 }).toBuffer(),
      await joined().webp({ lossless: true }).toBuffer(),
      await joined().tiff({ compression: 'lzw' }).toBuffer(),
    ]) {
      expect((await sharp(file).metadata()).pages).toBe(3);
      const photo = await decodePhoto(file);
      expect([photo.width, photo.height]).toEqual([W, H]);
      expect(maxDifference(photo.rgb, rgb)).toBeLessThanOrEqual(40);
    }
  });
});

describe('decodePhoto: orientation', () => {
  // Where each orientation's stored pixel (x, y) stands upright (EXIF 2.32, tag 274).
  const upright: Record<number, (x: number, y: number) => [number, number]> = {
    1: (x, y) => [x, y],
    2: (x, y) => [W - 1 - x, y],
    3: (x, y) => [W - 1 - x, H - 1 - y],
    4: (x, y) => [x, H - 1 - y],
    5: (x, y) => [y, x],
    6: (x, y) => [H - 1 - y, x],
    7: (x, y) => [H - 1 - y, W - 1 - x],
    8: (x, y) => [y, W - 1 - x],
  };
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('turns pixels stored with orientation %i', async (o) => {
    const png = pngWithMetadata(await image().png().toBuffer(), {
      exif: exifBlock({ orientation: o, size: [W, H], little: o % 2 === 0 }),
      xmp: xmpPacket(o),
    });
    const photo = await decodePhoto(png);
    const [w, h] = o >= 5 ? [H, W] : [W, H];
    expect([photo.width, photo.height]).toEqual([w, h]);
    const expected = new Uint8Array(rgb.length);
    for (let y = 0; y < H; y++) {
      for (let x = 0; x < W; x++) {
        const [ux, uy] = upright[o]!(x, y);
        for (let c = 0; c < 3; c++) expected[3 * (uy * w + ux) + c] = rgb[3 * (y * W + x) + c]!;
      }
    }
    expect(Buffer.compare(photo.rgb, expected)).toBe(0);
    const size: [number, number] = o >= 5 ? [H, W] : [W, H];
    const block = Buffer.from(exifBlock({ orientation: 1, size, little: o % 2 === 0 }));
    if (o !== 1) block.fill(0, 58, 62); // the thumbnail is unlinked
    expect(Buffer.from(photo.exif!).equals(block)).toBe(true);
    expect(Buffer.from(photo.xmp!).equals(xmpPacket(1))).toBe(true);
  });

  it('turns a JPEG, a WebP and a TIFF by their own tags', async () => {
    const turned = () => image().withMetadata({ orientation: 6 });
    for (const file of [
      await turned().jpeg().toBuffer(),
      await turned().webp().toBuffer(),
      await turned().tiff().toBuffer(),
    ]) {
      const photo = await decodePhoto(file);
      expect([photo.width, photo.height]).toEqual([H, W]);
    }
  });
});

describe('decodePhoto: colour', () => {
  it('keeps Display P3 values and the profile bit for bit', async () => {
    const icc = await profile('p3');
    for (const make of [
      () => image().toColourspace('srgb').png(),
      () => image().toColourspace('rgb16').png(),
    ]) {
      const photo = await decodePhoto(pngWithMetadata(await make().toBuffer(), { icc }));
      expect(Buffer.from(photo.icc!).equals(icc)).toBe(true);
      expect(Buffer.compare(photo.rgb, rgb)).toBe(0);
    }
  });

  it('leaves out a plain sRGB profile and a profile that does not fit the pixels', async () => {
    const png = await image().png().toBuffer();
    for (const icc of [await profile('srgb'), await profile('cmyk'), greyProfile()]) {
      const photo = await decodePhoto(pngWithMetadata(png, { icc }));
      expect(photo.icc).toBeUndefined();
      expect(Buffer.compare(photo.rgb, rgb)).toBe(0);
    }
  });

  it('converts CMYK to sRGB, with and without a profile', async () => {
    for (const make of [
      () => image().toColourspace('cmyk').jpeg({ quality: 95, chromaSubsampling: '4:4:4' }),
      () => image().withIccProfile('cmyk').toColourspace('cmyk').tiff({ compression: 'lzw' }),
    ]) {
      const file = await make().toBuffer();
      expect((await sharp(file).metadata()).space).toBe('cmyk');
      const photo = await decodePhoto(file);
      expect(photo.icc).toBeUndefined();
      const mean = photo.rgb.reduce((sum, v, i) => sum + Math.abs(v - rgb[i]!), 0) / rgb.length;
      // The press cannot print the brightest colours: near the original, but not equal.
      expect(mean).toBeLessThan(30);
      expect(mean).toBeGreaterThan(0);
    }
  });

  it('converts Lab to sRGB', async () => {
    const file = await image().toColourspace('lab').tiff({ compression: 'lzw' }).toBuffer();
    expect((await sharp(file).metadata()).space).toBe('lab');
    const photo = await decodePhoto(file);
    expect(maxDifference(photo.rgb, rgb)).toBeLessThanOrEqual(4);
  });

  it('converts grey with a profile to sRGB, 8 and 16 bits alike', async () => {
    const grey = Uint8Array.from({ length: W * H }, (_, i) => i % 256);
    for (const space of ['b-w', 'grey16'] as const) {
      const png = await fromRaw(grey, W, H, 1).toColourspace(space).png().toBuffer();
      const photo = await decodePhoto(pngWithMetadata(png, { icc: greyProfile() }));
      expect(photo.icc).toBeUndefined();
      // Gamma 1.8 shows 128 lighter than sRGB's curve does: 1.055·(128/255)^(1.8/2.4) − 0.055.
      const expected = 255 * (1.055 * (128 / 255) ** (1.8 / 2.4) - 0.055);
      expect(Math.abs(photo.rgb[3 * 128]! - expected)).toBeLessThanOrEqual(2);
      expect(photo.rgb[3 * 128 + 1]).toBe(photo.rgb[3 * 128]);
    }
  });
});

describe('decodePhoto: refusals', () => {
  const makers = {
    jpeg: () => image().jpeg(),
    png: () => image().png(),
    webp: () => image().webp(),
    avif: () => image().avif({ effort: 0 }),
    tiff: () => image().tiff({ compression: 'lzw' }),
    gif: () => image().gif(),
  };
  it.each(Object.keys(makers) as (keyof typeof makers)[])('refuses a %s cut short', async (f) => {
    const file = await makers[f]().toBuffer();
    for (const part of [0.3, 0.6, 0.9]) {
      const cut = file.subarray(0, Math.floor(part * file.length));
      await expect(decodePhoto(cut)).rejects.toMatchObject({
        code: 'FILE_UNREADABLE',
        message: expect.stringContaining(f.toUpperCase()) as string,
      });
    }
  });

  it('refuses damaged data', async () => {
    const png = Buffer.from(await image().png().toBuffer());
    png[png.length - 30]! ^= 0xff;
    await expect(decodePhoto(png)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
  });

  it.each([
    ['', 'FILE_UNREADABLE', 'empty file'],
    ['Dear photo, where are you?', 'UNSUPPORTED_IMAGE', 'text'],
    ['<svg xmlns="http://www.w3.org/2000/svg"/>', 'UNSUPPORTED_IMAGE', 'SVG'],
    ['%PDF-1.7\x01', 'UNSUPPORTED_IMAGE', 'PDF'],
    ['\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'UNSUPPORTED_IMAGE', 'HEIC'],
    ['\x01\x02\x03\x04\x05\x06', 'UNSUPPORTED_IMAGE', '01 02 03 04'],
    ['\x01', 'UNSUPPORTED_IMAGE', '01'],
  ])('refuses %j as %s', async (content, code, words) => {
    await expect(decodePhoto(Buffer.from(content, 'latin1'))).rejects.toMatchObject({
      code,
      message: expect.stringContaining(words) as string,
    });
  });

  it('refuses too many pixels from the header alone, with both numbers', async () => {
    const png = Buffer.from(await image().png().toBuffer());
    const small = pngOfSize(png, 40_000, 40_000);
    await expect(decodePhoto(small)).rejects.toMatchObject({
      code: 'IMAGE_TOO_LARGE',
      detail: { expected: MAX_PIXELS, found: 1_600_000_000 },
    });
  });

  it('lets warnings pass that every viewer ignores', async () => {
    const jpeg = await image().jpeg().toBuffer();
    const odd = Buffer.concat([jpeg.subarray(0, 20), Buffer.alloc(7), jpeg.subarray(20)]);
    expect((await decodePhoto(odd)).width).toBe(W);
  });
});

/** A PNG that claims another size in a header with a right checksum. */
function pngOfSize(png: Buffer, width: number, height: number): Uint8Array {
  const head = Buffer.from(png.subarray(0, 24));
  head.writeUInt32BE(width, 16);
  head.writeUInt32BE(height, 20);
  const ihdr = Buffer.concat([head.subarray(12, 24), png.subarray(24, 29)]);
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crcOf(ihdr));
  return Buffer.concat([head, png.subarray(24, 29), crc, png.subarray(33)]);
}

/** CRC-32 bit by bit (PNG third edition, annex D), independent of zlib's. */
function crcOf(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let i = 0; i < 8; i++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

describe('readPhoto', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lavi-photo-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('reads a file whatever its name says', async () => {
    const path = join(folder, 'Grüße [1] 写真.txt');
    await writeFile(path, await image().png().toBuffer());
    expect(Buffer.compare((await readPhoto(path)).rgb, rgb)).toBe(0);
  });

  it('names a missing file, a folder and an empty file', async () => {
    await expect(readPhoto(join(folder, 'none.jpg'))).rejects.toMatchObject({
      code: 'FILE_NOT_FOUND',
      message: expect.stringContaining('none.jpg') as string,
    });
    await expect(readPhoto(folder)).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
      message: expect.stringContaining('folder') as string,
    });
    const empty = join(folder, 'empty.jpg');
    await writeFile(empty, '');
    await expect(readPhoto(empty)).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
      message: expect.stringContaining('empty') as string,
    });
  });

  it('reads metadata of a JPEG, profile in several segments included', async () => {
    const icc = Buffer.concat([await profile('p3'), deflateSync(Buffer.alloc(10))]);
    const long = Buffer.concat([icc, Buffer.alloc(150_000, 7)]);
    long.writeUInt32BE(long.length, 0);
    const jpeg = jpegWithMetadata(await image().jpeg().toBuffer(), {
      icc: long,
      exif: exifBlock(),
      xmp: xmpPacket(),
    });
    const path = join(folder, 'all.jpg');
    await writeFile(path, jpeg);
    const photo = await readPhoto(path);
    expect(Buffer.from(photo.icc!).equals(long)).toBe(true);
    expect(Buffer.from(photo.exif!).equals(exifBlock())).toBe(true);
    expect(Buffer.from(photo.xmp!).equals(xmpPacket())).toBe(true);
  });
});
