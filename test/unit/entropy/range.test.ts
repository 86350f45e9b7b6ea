import { describe, expect, it } from 'vitest';
import { RangeDecoder, RangeEncoder } from '../../../src-main/entropy/range';
import { SymbolTables } from '../../../src-main/entropy/tables';

/** A small linear congruential generator: the same numbers every time. */
function random(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

describe('range coder', () => {
  it('gives back every symbol of skewed, rare and certain intervals', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const next = random(seed);
      const intervals = Array.from({ length: 3000 }, () => {
        const kind = next();
        const freq = kind < 0.2 ? 1 : kind < 0.4 ? 65536 : 1 + Math.floor(next() ** 6 * 65535);
        return [Math.floor(next() * (65537 - freq)), freq] as const;
      });
      const encoder = new RangeEncoder(16);
      for (const [cum, freq] of intervals) encoder.encode(cum, freq);
      const decoder = new RangeDecoder(encoder.finish());
      for (const [cum, freq] of intervals) {
        const count = decoder.peek();
        if (count < cum || count >= cum + freq) throw new Error(`seed ${seed}: ${count}`);
        decoder.consume(cum, freq);
      }
    }
  });

  it('carries through runs of 255', () => {
    // Always the highest count: low climbs to the top and stays there.
    const encoder = new RangeEncoder();
    for (let i = 0; i < 500; i++) encoder.encode(65535, 1);
    encoder.encode(0, 1);
    const decoder = new RangeDecoder(encoder.finish());
    for (let i = 0; i < 500; i++) {
      expect(decoder.peek()).toBe(65535);
      decoder.consume(65535, 1);
    }
    expect(decoder.peek()).toBe(0);
  });

  it('spends what the frequencies say', () => {
    const next = random(9);
    const encoder = new RangeEncoder();
    let bits = 0;
    for (let i = 0; i < 100_000; i++) {
      const freq = next() < 0.98 ? 64225 : 1311;
      encoder.encode(freq === 64225 ? 0 : 64225, freq);
      bits -= Math.log2(freq / 65536);
    }
    expect(encoder.finish().length * 8).toBeLessThan(bits + 16);
  });

  it('codes plain bits', () => {
    const encoder = new RangeEncoder();
    encoder.bits(0xdeadbeef, 32);
    encoder.bits(5, 3);
    encoder.bits(0, 0);
    const decoder = new RangeDecoder(encoder.finish());
    expect(decoder.bits(32)).toBe(0xdeadbeef);
    expect(decoder.bits(3)).toBe(5);
  });
});

describe('symbol tables', () => {
  const tables = new SymbolTables([
    { shift: 0, low: -1, freq: [1000, 63000, 1000, 536] },
    { shift: 3, low: -2, freq: [10000, 22000, 22000, 10000, 1536] },
  ]);

  it('gives back symbols within and far outside the table', () => {
    const symbols = [0, 1, -1, 2, -2, 3, -17, 100, -100, 32767, -32767];
    for (const index of [0, 1]) {
      const encoder = new RangeEncoder();
      for (const symbol of symbols) tables.encode(encoder, index, symbol);
      const decoder = new RangeDecoder(encoder.finish());
      for (const symbol of symbols) expect(tables.decode(decoder, index)).toBe(symbol);
    }
  });

  it('refuses frequencies that do not sum to 65,536', () => {
    const broken = [{ shift: 0, low: 0, freq: [65535] }];
    expect(() => new SymbolTables(broken)).toThrow(/65,536, found the sum 65535/);
  });

  it('says what a symbol costs: as many bits as it takes', () => {
    expect(tables.modelBits(0, 0)).toBeCloseTo(16 - Math.log2(63000), 9);
    expect(tables.modelBits(1, 5)).toBeCloseTo(16 - Math.log2(22000) + 3, 9);
    for (const [index, symbol] of [
      [0, 200],
      [0, -3],
      [1, 300],
      [1, -17],
    ] as const) {
      const encoder = new RangeEncoder();
      for (let i = 0; i < 1000; i++) tables.encode(encoder, index, symbol);
      expect((8 * encoder.finish().length) / 1000).toBeCloseTo(tables.modelBits(index, symbol), 0);
    }
  });
});
