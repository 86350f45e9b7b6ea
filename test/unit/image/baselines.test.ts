import { describe, expect, it } from 'vitest';
import { encodeBaseline, runBaseline, runBaselines } from '../../../src-main/image/baselines';
import type { BaselineSetting } from '../../../src-main/image/baselines';
import { mse, psnr } from '../../../src-main/image/metrics';
import { sniffFormat } from '../../../src-main/image/sniff';
import { pattern } from './samples';

const photo = { width: 128, height: 96, rgb: pattern(128, 96) };

describe('runBaseline', () => {
  it.each(['jpeg', 'webp', 'avif'] as const)('%s: more quality, more bytes, more dB', async (c) => {
    const low = await runBaseline(photo, { codec: c, quality: 20 });
    const high = await runBaseline(photo, { codec: c, quality: 90 });
    for (const result of [low, high]) {
      expect(sniffFormat(result.file)).toBe(c);
      expect(result.bytes).toBe(result.file.length);
      expect(result.rgb.length).toBe(photo.rgb.length);
      expect(result.encMs).toBeGreaterThan(0);
      expect(result.decMs).toBeGreaterThan(0);
    }
    expect(high.bytes).toBeGreaterThan(low.bytes);
    expect(psnr(mse(photo.rgb, high.rgb))).toBeGreaterThan(psnr(mse(photo.rgb, low.rgb)));
  });

  it('obeys effort and chroma', async () => {
    const avif = (rest: Partial<BaselineSetting>) =>
      runBaseline(photo, { codec: 'avif', quality: 80, ...rest });
    const error = async (rest: Partial<BaselineSetting>) => mse(photo.rgb, (await avif(rest)).rgb);
    expect(await error({ chroma: '4:4:4' })).toBeLessThan(await error({}));
    expect((await avif({ effort: 0 })).file).not.toEqual((await avif({ effort: 6 })).file);
  });
});

describe('encodeBaseline', () => {
  it('names the limit of WebP', async () => {
    const long = { width: 16_400, height: 1, rgb: new Uint8Array(3 * 16_400) };
    await expect(encodeBaseline(long, { codec: 'webp', quality: 50 })).rejects.toMatchObject({
      code: 'IMAGE_TOO_LARGE',
      detail: { expected: 16_383, found: 16_400 },
    });
  });
});

describe('runBaselines', () => {
  it('stops between points when cancelled', async () => {
    const stop = new AbortController();
    const seen: number[] = [];
    const settings = [30, 50, 70].map((quality) => ({ codec: 'jpeg', quality }) as const);
    const run = async () => {
      for await (const { setting } of runBaselines(photo, settings, stop.signal)) {
        seen.push(setting.quality);
        if (seen.length === 2) stop.abort();
      }
    };
    await expect(run()).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(seen).toEqual([30, 50]);
  });
});
