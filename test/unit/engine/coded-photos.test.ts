import { describe, expect, it } from 'vitest';
import { CodedPhotos } from '../../../src-main/engine/common/coded-photos';

const coded = (bytes: number) => ({
  quality: 10,
  tiles: [{ crc: 0, stream: new Uint8Array(bytes) }],
  bits: { hyper: 1, latents: 2 },
});
const key = (photo: string, quality = 10) => ({ photo, tune: 'psnr' as const, quality });

describe('photos coded before', () => {
  it('are known by photo, tune and quality', () => {
    const photos = new CodedPhotos();
    photos.put(key('a'), coded(5));
    expect(photos.get(key('a'))?.tiles[0]!.stream.length).toBe(5);
    expect(photos.get(key('a', 11))).toBeUndefined();
    expect(photos.get({ ...key('a'), tune: 'ms-ssim' })).toBeUndefined();
    expect(photos.get(key('b'))).toBeUndefined();
  });

  it('keep what was measured of them', () => {
    const photos = new CodedPhotos();
    photos.put(key('a'), { ...coded(5), psnr: 33, msssim: 0.98 });
    photos.put(key('a'), coded(5));
    expect(photos.get(key('a'))).toMatchObject({ psnr: 33, msssim: 0.98 });
  });

  it('are dropped beyond so many bytes, the least recently used first', () => {
    const photos = new CodedPhotos(100);
    photos.put(key('a'), coded(40));
    photos.put(key('b'), coded(40));
    photos.get(key('a'));
    photos.put(key('c'), coded(40));
    expect(photos.get(key('b'))).toBeUndefined();
    expect(photos.get(key('a'))).toBeDefined();
    photos.put(key('c'), coded(60));
    expect(photos.get(key('a'))).toBeDefined();
    photos.put(key('d'), coded(101));
    expect([key('a'), key('c'), key('d')].map((one) => photos.get(one))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
