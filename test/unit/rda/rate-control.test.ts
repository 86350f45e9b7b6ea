import { describe, expect, it } from 'vitest';
import { search } from '../../../src-main/rda/rate-control';

const goal = { last: 1008, below: 10, above: 0, unit: 'bytes' };
/** Bytes that grow as on real photos. */
const bytes = (quality: number) => Math.round(2000 * Math.exp(quality / 300));

describe('search', () => {
  it('meets targets all along the range in few measurements', async () => {
    for (let target = 2100; target < 55000; target += 733) {
      let count = 0;
      const measure = async (quality: number) => (count++, bytes(quality));
      const found = await search(measure, { ...goal, target, below: target * 0.01 });
      expect(found.value).toBeLessThanOrEqual(target);
      expect(found.value).toBeGreaterThanOrEqual(target * 0.99);
      expect(found.value).toBe(bytes(found.quality));
      expect(count).toBeLessThan(10);
    }
  });

  it('ends at the best that fits when steps are coarse', async () => {
    const coarse = async (quality: number) => 1000 * (1 + Math.floor(quality / 100));
    const found = await search(coarse, { ...goal, target: 3900, below: 39 });
    expect(found.value).toBe(3000);
  });

  it('looks beyond the bracket where values dip', async () => {
    // Below 500 only multiples of 10 occur; from there on the value falls back and 502 gives 5945.
    const dip = async (quality: number) =>
      quality < 500 ? 1000 + 10 * quality : 1005 + 10 * (quality - 8);
    const found = await search(dip, { ...goal, target: 5948, below: 5 });
    expect(found).toEqual({ quality: 502, value: 5945 });
  });

  it('takes an end of the range that meets the target', async () => {
    expect((await search(async (q) => bytes(q), { ...goal, target: 2003 })).quality).toBe(0);
  });

  it.each([
    [1500, 2000],
    [90000, bytes(1008)],
  ])('refuses %i and names %i', async (target, nearest) => {
    await expect(search(async (q) => bytes(q), { ...goal, target })).rejects.toMatchObject({
      code: 'TARGET_UNREACHABLE',
      detail: { nearest },
    });
  });
});
