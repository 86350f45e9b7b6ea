import { describe, expect, it } from 'vitest';
import { BinaryDecoder, BinaryEncoder, maxOverrun } from '../../../src-main/entropy/binary';
import { mulberry32 } from '../../../src-main/latents/k-means-plus-plus';

interface Bit {
  bit: number;
  p1: number;
}

/** Bits drawn from their own probabilities, certain and even ones mixed. */
function draw(count: number, next: () => number): Bit[] {
  return Array.from({ length: count }, () => {
    const wanted = next() < 0.5 ? next() : next() ** 12;
    const p1 = Math.min(65_535, Math.max(1, Math.floor(65_536 * wanted)));
    return { bit: next() * 65_536 < p1 ? 1 : 0, p1 };
  });
}

function encode(bits: Bit[]) {
  const encoder = new BinaryEncoder(4);
  for (const { bit, p1 } of bits) expect(encoder.code(bit, p1)).toBe(bit);
  return { bytes: encoder.finish(), bits: encoder.bits };
}

function expectDecoded(bytes: Uint8Array, bits: Bit[]): BinaryDecoder {
  const decoder = new BinaryDecoder(bytes);
  let wrong = 0;
  for (const { bit, p1 } of bits) if (decoder.code(1 - bit, p1) !== bit) wrong++;
  expect(wrong).toBe(0);
  expect(decoder.unread).toBe(0);
  expect(decoder.overrun).toBeLessThanOrEqual(maxOverrun);
  return decoder;
}

describe('binary coder', () => {
  it('gives bits back, in no more bytes than the probabilities ask for and one', () => {
    const next = mulberry32(1);
    for (let round = 0; round < 300; round++) {
      const bits = draw(Math.floor(next() * 1500), next);
      const coded = encode(bits);
      expect(coded.bytes.length).toBeLessThanOrEqual(coded.bits / 8 + 1.01);
      expect(expectDecoded(coded.bytes, bits).bits).toBeCloseTo(coded.bits, 6);
    }
  });

  it('counts −log₂ p', () => {
    const encoder = new BinaryEncoder();
    encoder.code(1, 16_384);
    encoder.code(0, 32_768);
    encoder.code(0, 65_535);
    expect(encoder.bits).toBeCloseTo(2 + 1 + 16, 12);
  });

  it('survives the least likely bits throughout, which is where carries run far', () => {
    for (const [bit, p1] of [
      [1, 1],
      [0, 65_535],
      [1, 65_535],
      [0, 1],
    ] as const) {
      const bits = Array.from({ length: 5000 }, () => ({ bit, p1 }));
      expectDecoded(encode(bits).bytes, bits);
    }
    const next = mulberry32(3);
    const edges = Array.from({ length: 20_000 }, () => ({
      bit: next() < 0.5 ? 1 : 0,
      p1: next() < 0.5 ? 1 : 65_535,
    }));
    expectDecoded(encode(edges).bytes, edges);
  });

  it('takes nothing for nothing and next to nothing for the certain', () => {
    expect(encode([]).bytes.length).toBe(0);
    const certain = Array.from({ length: 100_000 }, () => ({ bit: 0, p1: 1 }));
    expect(encode(certain).bytes.length).toBeLessThan(3);
  });

  it('knows when a stream was cut', () => {
    const bits = draw(20_000, mulberry32(5));
    const { bytes } = encode(bits);
    const decoder = new BinaryDecoder(bytes.subarray(0, bytes.length - 20));
    for (const { p1 } of bits) decoder.code(0, p1);
    expect(decoder.overrun).toBeGreaterThan(maxOverrun);
  });
});
