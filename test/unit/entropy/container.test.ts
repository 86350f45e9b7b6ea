import { describe, expect, it } from 'vitest';
import { LaviError } from '../../../src-main/api/errors';
import { ByteReader, ByteWriter, crc32, maxVarint } from '../../../src-main/entropy/bytes';
import {
  chunkOverhead,
  contentType,
  readContainer,
  signature,
  writeContainer,
} from '../../../src-main/entropy/container';

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof LaviError) return error.code;
    throw error;
  }
  return 'none';
}

const payload = Uint8Array.from({ length: 300 }, (_, i) => (i * 7) & 255);
const sample = () =>
  writeContainer(contentType.labels, [
    { type: 1, data: payload },
    { type: 0x81, data: Uint8Array.of(1, 2, 3) },
    { type: 2, data: new Uint8Array(0) },
  ]);

describe('bytes', () => {
  it('computes the CRC-32 of the standard check string', () => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
  });

  it('writes and reads varints over their whole range', () => {
    const values = [0, 1, 127, 128, 300, 16383, 16384, 2 ** 31, maxVarint];
    const out = new ByteWriter(1);
    for (const value of values) out.varint(value);
    const input = new ByteReader(out.finish());
    for (const value of values) expect(input.varint()).toBe(value);
    expect(input.left).toBe(0);
    expect(() => out.varint(maxVarint + 1)).toThrow(RangeError);
  });

  it('refuses varints that are too large, padded or cut', () => {
    const read = (...bytes: number[]) =>
      codeOf(() => new ByteReader(Uint8Array.from(bytes)).varint());
    expect(read(0xff, 0xff, 0xff, 0xff, 0x1f)).toBe('CORRUPT');
    expect(read(0xff, 0xff, 0xff, 0xff, 0xff, 0x01)).toBe('CORRUPT');
    expect(read(0x80, 0x00)).toBe('CORRUPT');
    expect(read(0x80)).toBe('TRUNCATED');
  });
});

describe('container', () => {
  it('gives back content, version and chunks', () => {
    const read = readContainer(sample());
    expect(read.content).toBe(contentType.labels);
    expect(read.version).toBe(1);
    expect(read.chunks.map((chunk) => chunk.type)).toEqual([1, 0x81, 2]);
    expect(read.chunks[0]!.data).toEqual(payload);
  });

  it('costs 12 bytes a file and 6 a short chunk', () => {
    expect(writeContainer(contentType.photo, []).length).toBe(12);
    expect(writeContainer(contentType.photo, [{ type: 1, data: new Uint8Array(9) }]).length).toBe(
      12 + 6 + 9,
    );
    expect(chunkOverhead(127)).toBe(6);
    expect(chunkOverhead(128)).toBe(7);
  });

  it('skips unknown ancillary chunks and refuses unknown critical ones', () => {
    expect(readContainer(sample(), { known: [1, 2] }).chunks.map((c) => c.type)).toEqual([1, 2]);
    expect(codeOf(() => readContainer(sample(), { known: [1] }))).toBe('UNSUPPORTED_VERSION');
  });

  it('refuses another content than the expected one', () => {
    expect(codeOf(() => readContainer(sample(), { content: contentType.photo }))).toBe(
      'WRONG_CONTENT',
    );
  });

  it('names what it found instead of a Lavi file', () => {
    const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0);
    expect(() => readContainer(png)).toThrow(/PNG/);
    const text = sample();
    text[6] = 0x0d;
    expect(() => readContainer(text)).toThrow(/damaged in transfer/);
    expect(codeOf(() => readContainer(new Uint8Array(20)))).toBe('NOT_LAVI');
  });

  it('names versions and contents it does not know', () => {
    const file = sample();
    file[8] = 2;
    expect(codeOf(() => readContainer(file))).toBe('UNSUPPORTED_VERSION');
    file[8] = 1;
    file[9] = 77;
    expect(codeOf(() => readContainer(file))).toBe('UNSUPPORTED_VERSION');
  });

  it('calls every proper prefix truncated', () => {
    const file = sample();
    for (let length = 0; length < file.length; length++) {
      expect(codeOf(() => readContainer(file.subarray(0, length)))).toBe('TRUNCATED');
    }
  });

  it('calls bytes after the end corrupt', () => {
    expect(codeOf(() => readContainer(Uint8Array.from([...sample(), 0])))).toBe('CORRUPT');
  });

  it('notices every single flipped bit', () => {
    const file = sample();
    for (let bit = 0; bit < file.length * 8; bit++) {
      const damaged = file.slice();
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      const known = { content: contentType.labels, known: [1, 2, 0x81] };
      expect(codeOf(() => readContainer(damaged, known))).not.toBe('none');
    }
  });

  it('checks a length against the file before using it', () => {
    const out = new ByteWriter().bytes(signature).byte(1).byte(2).byte(1).varint(maxVarint);
    expect(codeOf(() => readContainer(out.finish()))).toBe('TRUNCATED');
  });
});
