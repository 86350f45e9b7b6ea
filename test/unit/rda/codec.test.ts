import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LaviError } from '../../../src-main/api/errors';
import { mse, psnr } from '../../../src-main/image/metrics';
import { Codec } from '../../../src-main/rda/codec';
import { renderScene } from '../../photos';

const modelsDir = join(import.meta.dirname, '../../../models');
const photo = renderScene('landscape', { width: 300, height: 200, seed: 1 });
let codec: Codec;

beforeAll(async () => {
  codec = await Codec.load({ modelsDir, provider: 'cpu' });
});
afterAll(() => codec.close());

describe('compress and decompress', () => {
  it('gives the size back and the PSNR it promised', async () => {
    const out = await codec.compress(photo, { target: { kind: 'quality', value: 50 } });
    const back = await codec.decompress(out.file);
    expect([back.width, back.height]).toEqual([300, 200]);
    expect(psnr(mse(photo.rgb, back.rgb))).toBeCloseTo(out.psnr, 9);
    expect(out.psnr).toBeGreaterThan(25);
    expect(out.bpp).toBeCloseTo((8 * out.file.length) / 60000, 9);
  });

  it('spends more bits for more quality', async () => {
    const sizes: number[] = [];
    const ratios: number[] = [];
    for (const value of [0, 25, 50, 75, 100]) {
      const out = await codec.compress(photo, { target: { kind: 'quality', value } });
      sizes.push(out.file.length);
      ratios.push(out.psnr);
    }
    expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
    expect(ratios).toEqual([...ratios].sort((a, b) => a - b));
  });

  it.each([
    [1, 1],
    [1, 64],
    [65, 63],
    [17, 130],
  ])('codes %i×%i pixels', async (width, height) => {
    const small = renderScene('wall', { width, height, seed: 2 });
    const { file } = await codec.compress(small, { target: { kind: 'quality', value: 60 } });
    const back = await codec.decompress(file);
    expect(back.rgb.length).toBe(width * height * 3);
  });

  it('keeps profile, metadata and opacity', async () => {
    const alpha = Uint8Array.from({ length: 60000 }, (_, i) => i % 251);
    const icc = Uint8Array.from({ length: 600 }, (_, i) => (i * 7) & 255);
    const rich = { ...photo, alpha, icc, exif: Uint8Array.of(1, 2, 3), xmp: Uint8Array.of(4) };
    const target = { kind: 'quality', value: 20 } as const;
    const back = await codec.decompress((await codec.compress(rich, { target })).file);
    expect(back.alpha).toEqual(alpha);
    expect(Uint8Array.from(back.icc!)).toEqual(icc);
    expect(Uint8Array.from(back.exif!)).toEqual(rich.exif);
    expect(Uint8Array.from(back.xmp!)).toEqual(rich.xmp);
    const bare = await codec.compress(rich, { target, metadata: false });
    const plain = await codec.decompress(bare.file);
    expect(plain.exif).toBeUndefined();
    expect(plain.icc).toBeDefined();
  });

  it('cancels', async () => {
    const target = { kind: 'quality', value: 20 } as const;
    const attempt = codec.compress(photo, { target, signal: AbortSignal.abort() });
    await expect(attempt).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('rate control', () => {
  it('meets bytes within 1 % and never exceeds them', async () => {
    for (const value of [2500, 5000, 9000]) {
      const { file } = await codec.compress(photo, { target: { kind: 'bytes', value } });
      expect(file.length).toBeLessThanOrEqual(value);
      expect(file.length).toBeGreaterThanOrEqual(value * 0.99 - 8);
    }
  });

  it('meets bits per pixel within 1 %', async () => {
    const out = await codec.compress(photo, { target: { kind: 'bpp', value: 0.8 } });
    expect(Math.abs(out.bpp / 0.8 - 1)).toBeLessThan(0.01);
  });

  it('meets PSNR within 0.05 dB', async () => {
    const out = await codec.compress(photo, { target: { kind: 'psnr', value: 32 } });
    expect(Math.abs(out.psnr - 32)).toBeLessThan(0.05);
  });

  it(
    'meets PSNR on a photo of many tiles, searching on some of them',
    { timeout: 240_000 },
    async () => {
      const large = renderScene('gradient', { width: 2060, height: 1030, seed: 6 });
      const progress: number[] = [];
      const target = { kind: 'psnr', value: 35 } as const;
      const onProgress = (fraction: number) => progress.push(fraction);
      const out = await codec.compress(large, { target, verify: false, onProgress });
      expect((await codec.info(out.file)).tiles).toBe(6);
      expect(Math.abs(out.psnr - 35)).toBeLessThanOrEqual(0.05);
      expect(progress).toEqual([...progress].sort((a, b) => a - b));
    },
  );

  it('names the nearest reachable value', async () => {
    for (const target of [
      { kind: 'bytes', value: 10 },
      { kind: 'psnr', value: 90 },
    ] as const) {
      const error = await codec.compress(photo, { target }).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(LaviError);
      expect(error).toMatchObject({ code: 'TARGET_UNREACHABLE' });
      expect((error as LaviError).detail?.nearest).toBeGreaterThan(0);
    }
  });
});

describe('bits', () => {
  it('writes a payload within 1 % or 16 bytes of the modelled bits, and a small container', async () => {
    for (const value of [10, 30, 50, 70, 90]) {
      const { file, modelBits } = await codec.compress(photo, {
        target: { kind: 'quality', value },
      });
      const info = await codec.info(file);
      expect(info.modelBits).toBeCloseTo(modelBits, 6);
      const difference = Math.abs(info.payloadBytes - modelBits / 8);
      expect(difference).toBeLessThanOrEqual(Math.max(16, (0.01 * modelBits) / 8));
      expect(file.length - info.payloadBytes).toBeLessThanOrEqual(40);
    }
  });
});
