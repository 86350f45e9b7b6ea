import { describe, expect, it } from 'vitest';
import { decodePlane, encodePlane } from '../../../src-main/image/plane';

const plane = Uint8Array.from({ length: 61 * 43 }, (_, i) => (i * i) & 255);

describe('encodePlane and decodePlane', () => {
  it('lose nothing', async () => {
    const packed = await encodePlane(plane, 61, 43);
    expect(Buffer.compare(await decodePlane(packed, 61, 43), plane)).toBe(0);
    const flat = new Uint8Array(61 * 43).fill(7);
    const small = await encodePlane(flat, 61, 43);
    expect(small.length).toBeLessThan(150);
    expect(Buffer.compare(await decodePlane(small, 61, 43), flat)).toBe(0);
  });
  it('refuse another size and damaged data', async () => {
    const packed = await encodePlane(plane, 61, 43);
    for (const [bytes, width] of [
      [packed, 60],
      [packed.subarray(0, packed.length >> 1), 61],
      [new Uint8Array(30), 61],
      [new Uint8Array(0), 61],
    ] as const) {
      await expect(decodePlane(bytes, width, 43)).rejects.toMatchObject({ code: 'CORRUPT' });
    }
  });
});
