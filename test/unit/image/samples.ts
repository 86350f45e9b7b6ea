import sharp from 'sharp';
import type { Sharp } from 'sharp';

/** A small picture with smooth parts, edges and no symmetry, so that turned or swapped ones differ. */
export function pattern(width: number, height: number, channels: 3 | 4 = 3): Uint8Array {
  const out = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * channels;
      out[at] = Math.round((255 * x) / width);
      out[at + 1] = Math.round((255 * y) / height);
      out[at + 2] = (x >> 3) % 3 === 0 ? 200 : 40;
      if (channels === 4) out[at + 3] = x < width / 2 ? 255 : 3 * y;
    }
  }
  return out;
}

export const fromRaw = (
  data: Uint8Array | Uint16Array,
  width: number,
  height: number,
  channels: 1 | 2 | 3 | 4 = 3,
): Sharp => sharp(data, { raw: { width, height, channels } });

/** The profile sharp ships under a name, as bytes. */
export async function profile(name: 'srgb' | 'p3' | 'cmyk'): Promise<Uint8Array> {
  const file = await fromRaw(pattern(8, 8), 8, 8)
    .toColourspace(name === 'cmyk' ? 'cmyk' : 'srgb')
    .withIccProfile(name)
    .jpeg()
    .toBuffer();
  return (await sharp(file).metadata()).icc!;
}

/** A minimal grey profile with a gamma of 1.8: `wtpt` and `kTRC` tags only (ICC.1:2010). */
export function greyProfile(): Uint8Array {
  const out = Buffer.alloc(128 + 4 + 24 + 20 + 16);
  out.writeUInt32BE(out.length, 0);
  out.writeUInt32BE(0x02400000, 8);
  out.write('mntrGRAYXYZ ', 12, 'latin1');
  out.write('acsp', 36, 'latin1');
  [0xf6d6, 0x10000, 0xd32d].forEach((v, i) => out.writeUInt32BE(v, 68 + 4 * i));
  out.writeUInt32BE(2, 128);
  out.write('wtpt', 132, 'latin1');
  out.writeUInt32BE(156, 136);
  out.writeUInt32BE(20, 140);
  out.write('kTRC', 144, 'latin1');
  out.writeUInt32BE(176, 148);
  out.writeUInt32BE(14, 152);
  out.write('XYZ ', 156, 'latin1');
  [0xf6d6, 0x10000, 0xd32d].forEach((v, i) => out.writeUInt32BE(v, 164 + 4 * i));
  out.write('curv', 176, 'latin1');
  out.writeUInt32BE(1, 184);
  out.writeUInt16BE(Math.round(1.8 * 256), 188);
  return out;
}

interface ExifFields {
  orientation?: number;
  /** Written to PixelXDimension and PixelYDimension. */
  size?: [number, number];
  little?: boolean;
}

/** An EXIF block: make, orientation, an EXIF directory with a maker note, GPS, and a thumbnail's directory. */
export function exifBlock({ orientation = 1, size = [96, 64], little = true }: ExifFields = {}) {
  const out = Buffer.alloc(256);
  const u16 = (v: number, at: number) =>
    little ? out.writeUInt16LE(v, at) : out.writeUInt16BE(v, at);
  const u32 = (v: number, at: number) =>
    little ? out.writeUInt32LE(v, at) : out.writeUInt32BE(v, at);
  let at = 0;
  const entry = (tag: number, type: number, count: number, value: number) => {
    u16(tag, at);
    u16(type, at + 2);
    u32(count, at + 4);
    if (type === 3) u16(value, at + 8);
    else u32(value, at + 8);
    at += 12;
  };
  out.write(little ? 'II' : 'MM', 0, 'latin1');
  u16(42, 2);
  u32(8, 4);
  u16(4, 8);
  at = 10;
  entry(0x010f, 2, 12, 200); // make
  entry(0x0112, 3, 1, orientation);
  entry(0x8769, 4, 1, 80);
  entry(0x8825, 4, 1, 140);
  u32(170, at); // the thumbnail's directory
  u16(3, 80);
  at = 82;
  entry(0x927c, 7, 16, 220); // maker note
  entry(0xa002, 4, 1, size[0]);
  entry(0xa003, 4, 1, size[1]);
  u16(1, 140);
  at = 142;
  entry(0x0005, 1, 1, 0);
  u16(1, 170);
  at = 172;
  entry(0x0103, 3, 1, 6);
  out.write('Lavi Camera\0', 200, 'latin1');
  out.write('maker note bytes', 220, 'latin1');
  return new Uint8Array(out);
}

export const xmpPacket = (orientation = 1): Uint8Array =>
  new Uint8Array(
    Buffer.from(
      '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' +
        '<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" ' +
        `tiff:Orientation="${orientation}" dc:title="Grüße, 写真"/></rdf:RDF></x:xmpmeta>`,
    ),
  );

export const maxDifference = (a: Uint8Array, b: Uint8Array): number =>
  a.reduce((max, v, i) => Math.max(max, Math.abs(v - b[i]!)), 0);
