import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { crc32 } from '../../../src-main/entropy/bytes';
import type { LabelMap } from '../../../src-main/labels/map';
import { readLabelPng } from '../../../src-main/labels/png-map';
import { readPng } from '../../../src-main/labels/png-read';
import { writeLabelPng } from '../../../src-main/labels/png-write';
import { cells, codeOf, noise, random } from './maps';

function pngOf(header: number[], idat: Uint8Array, ...others: [string, Uint8Array][]): Uint8Array {
  const ihdr = Buffer.alloc(13);
  ihdr.writeUInt32BE(header[0]!, 0);
  ihdr.writeUInt32BE(header[1]!, 4);
  ihdr.set(header.slice(2), 8);
  const chunks: [string, Uint8Array][] = [['IHDR', ihdr], ...others, ['IDAT', idat]];
  const framed = [...chunks, ['IEND', new Uint8Array()] as const].map(([type, data]) => {
    const out = Buffer.alloc(data.length + 12);
    out.writeUInt32BE(data.length, 0);
    out.write(type, 4, 'latin1');
    out.set(data, 8);
    out.writeUInt32BE(crc32(out.subarray(4, data.length + 8)), data.length + 8);
    return out;
  });
  return Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), ...framed]);
}

const same = (a: LabelMap, b: LabelMap) => {
  expect([a.width, a.height]).toEqual([b.width, b.height]);
  expect(Buffer.compare(Buffer.from(a.labels.buffer), Buffer.from(b.labels.buffer))).toBe(0);
};

describe('label PNG', () => {
  it('writes the smallest depth and reads the same indices back', () => {
    const depths = { 2: 1, 3: 2, 4: 2, 5: 4, 16: 4, 17: 8, 256: 8, 257: 16, 65_536: 16 };
    for (const [labelCount, depth] of Object.entries(depths)) {
      const map = noise(37, 21, Number(labelCount), 3);
      map.labels[0] = Number(labelCount) - 1;
      const file = writeLabelPng(map);
      const png = readPng(file);
      expect([png.depth, png.colorType]).toEqual([depth, depth === 16 ? 'grey' : 'indexed']);
      same(readLabelPng(file), map);
    }
  });

  it('keeps palette, transparency, names and void label', () => {
    const palette = Uint8Array.of(1, 2, 3, 255, 40, 50, 60, 0, 7, 8, 9, 255);
    const map = { ...cells(19, 11, 3), palette, names: { 0: 'Löwe' }, voidLabel: 1 };
    expect(readLabelPng(writeLabelPng(map))).toEqual(map);
    const bare = readLabelPng(writeLabelPng(map, { bare: true }));
    expect(bare.names).toBeUndefined();
    expect(Array.from(bare.palette!.subarray(0, 8))).toEqual([0, 0, 0, 255, 128, 0, 0, 255]);
  });

  it('is read by another decoder with the colours meant', async () => {
    const palette = Uint8Array.of(255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 9, 8, 7, 255);
    const map = { ...cells(33, 17, 4), palette };
    const { data, info } = await sharp(writeLabelPng(map))
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([33, 17, 3]);
    map.labels.forEach((label, i) => {
      expect(Array.from(data.subarray(3 * i, 3 * i + 3))).toEqual(
        Array.from(palette.subarray(4 * label, 4 * label + 3)),
      );
    });
  });

  it('reads another encoder: interlaced and filtered, grey, palette and colour', async () => {
    const next = random(5);
    for (const [width, height] of [
      [1, 1],
      [3, 5],
      [8, 8],
      [31, 18],
      [100, 67],
    ] as const) {
      const grey = Uint8Array.from({ length: width * height }, () => Math.floor(next() * 9) * 28);
      const image = () => sharp(grey, { raw: { width, height, channels: 1 } }).toColourspace('b-w');
      for (const progressive of [false, true]) {
        for (const adaptiveFiltering of [false, true]) {
          const file = await image().png({ progressive, adaptiveFiltering }).toBuffer();
          const png = readPng(file);
          expect(png.colorType).toBe('grey');
          expect(Array.from(png.samples)).toEqual(Array.from(grey));
        }
      }
      const rgb = Uint8Array.from(
        { length: width * height * 3 },
        () => Math.floor(next() * 2) * 255,
      );
      for (const progressive of [false, true]) {
        for (const palette of [false, true]) {
          const file = await sharp(rgb, { raw: { width, height, channels: 3 } })
            .png({ progressive, palette, adaptiveFiltering: !palette })
            .toBuffer();
          const map = readLabelPng(file);
          const colors = Array.from(map.labels, (label) =>
            Array.from(map.palette!.subarray(4 * label, 4 * label + 3)),
          ).flat();
          expect(colors).toEqual(Array.from(rgb));
        }
      }
    }
  });

  it('numbers the distinct colours of a colour picture, and refuses photos', async () => {
    const rgb = Uint8Array.from([9, 9, 9, 1, 2, 3, 9, 9, 9, 1, 2, 3, 0, 0, 0, 255, 0, 0]);
    const file = await sharp(rgb, { raw: { width: 3, height: 2, channels: 3 } })
      .png()
      .toBuffer();
    const map = readLabelPng(file);
    expect(Array.from(map.labels)).toEqual([2, 1, 2, 1, 0, 3]);
    const next = random(1);
    const photo = Uint8Array.from({ length: 100 * 100 * 3 }, () => Math.floor(next() * 256));
    const photoFile = await sharp(photo, { raw: { width: 100, height: 100, channels: 3 } })
      .png()
      .toBuffer();
    expect(() => readLabelPng(photoFile)).toThrow(/more than 4096 colours/);
  });

  it('reads packed samples of odd widths by hand', () => {
    const idat = deflateSync(Uint8Array.of(0, 0b00011011, 0b10000000, 0, 0b11100100, 0b01000000));
    const file = pngOf([5, 2, 2, 0, 0, 0, 0], idat);
    expect(Array.from(readLabelPng(file).labels)).toEqual([0, 1, 2, 3, 2, 3, 2, 1, 0, 1]);
  });

  it('never inflates more than the header announces', () => {
    const bomb = deflateSync(new Uint8Array(50_000_000));
    expect(codeOf(() => readPng(pngOf([4, 4, 8, 0, 0, 0, 0], bomb)))).toBe('CORRUPT');
    const huge = pngOf([65_535, 65_535, 8, 0, 0, 0, 0], deflateSync(new Uint8Array(10)));
    expect(codeOf(() => readPng(huge))).toBe('IMAGE_TOO_LARGE');
  });

  it('names what is wrong with a PNG', () => {
    const file = writeLabelPng(cells(20, 20, 3));
    expect(codeOf(() => readPng(new Uint8Array(30)))).toBe('UNSUPPORTED_IMAGE');
    expect(codeOf(() => readPng(file.subarray(0, 60)))).toBe('TRUNCATED');
    expect(codeOf(() => readPng(pngOf([4, 4, 3, 0, 0, 0, 0], new Uint8Array())))).toBe(
      'UNSUPPORTED_IMAGE',
    );
    expect(
      codeOf(() => readPng(pngOf([1, 1, 8, 3, 0, 0, 0], deflateSync(Uint8Array.of(0, 0))))),
    ).toBe('CORRUPT');
    expect(
      codeOf(() => readPng(pngOf([1, 1, 8, 0, 0, 0, 0], deflateSync(Uint8Array.of(9, 0))))),
    ).toBe('CORRUPT');
    for (let k = 0; k < 300; k++) {
      const damaged = file.slice();
      damaged[(k * 37) % file.length]! ^= 1 << (k % 8);
      expect(codeOf(() => readLabelPng(damaged, 1e6))).not.toBe('none');
    }
  });
});
