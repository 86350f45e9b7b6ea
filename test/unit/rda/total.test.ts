import { describe, expect, it } from 'vitest';
import { searchTotal } from '../../../src-main/rda/total';

const last = 1008;
/** Files whose bytes grow as on real photos, each at its own pace. */
const files = [1, 2, 3, 4, 5].map(
  (n) => (quality: number) => Math.round(900 * n * Math.exp((quality / 300) * (1 - 0.05 * n))),
);
const totalAt = (quality: number) => files.reduce((sum, bytes) => sum + bytes(quality), 0);

describe('searchTotal', () => {
  it('meets targets all along the range in few passes, and never exceeds one', async () => {
    for (let target = totalAt(0) + 1; target < totalAt(last); target += 3001) {
      let passes = 0;
      const measure = async (qualities: number[]) => (passes++, qualities.map(totalAt));
      const { quality, bytes } = await searchTotal(measure, { last, target });
      expect(bytes).toBe(totalAt(quality));
      expect(bytes).toBeLessThanOrEqual(target);
      const next = totalAt(Math.min(last, quality + 1));
      expect(bytes >= target * 0.995 || next > target).toBe(true);
      expect(passes).toBeLessThan(6);
    }
  });

  it('takes the best quality where that fits', async () => {
    const measure = async (qualities: number[]) => qualities.map(totalAt);
    expect(await searchTotal(measure, { last, target: totalAt(last) })).toEqual({
      quality: last,
      bytes: totalAt(last),
    });
  });

  it('says how small the files can be where that is too large', async () => {
    const measure = async (qualities: number[]) => qualities.map(totalAt);
    await expect(searchTotal(measure, { last, target: totalAt(0) - 1 })).rejects.toMatchObject({
      code: 'TARGET_UNREACHABLE',
      detail: { nearest: totalAt(0) },
    });
  });

  it('fits totals that stand still or fall back here and there', async () => {
    const rough = (quality: number) => 10_000 + 100 * (quality - (quality % 7) - 3 * (quality % 2));
    const measure = async (qualities: number[]) => qualities.map(rough);
    for (let target = 10_100; target < 100_000; target += 4999) {
      const { quality, bytes } = await searchTotal(measure, { last, target });
      expect(bytes).toBe(rough(quality));
      expect(bytes).toBeLessThanOrEqual(target);
      expect(bytes).toBeGreaterThan(target - 1000);
    }
  });
});
