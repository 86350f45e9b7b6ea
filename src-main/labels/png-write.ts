import { deflateSync } from 'node:zlib';
import { crc32 } from '../entropy/bytes';
import { defaultPalette } from './palette';
import type { LabelMap } from './map';
import { namesKeyword } from './png-map';

export interface PngWriteOptions {
  /** zlib level 1…9. */
  level?: number;
  /** Leave out colours (default ones then), names and the void label. */
  bare?: boolean;
}

/**
 * Writes a label map as PNG: indexed at the smallest depth that fits the largest label if that is at
 * most 255, else 16-bit grey. Samples equal labels either way. Class names and the void label go
 * into an iTXt chunk, from which `readLabelPng` takes them again.
 */
export function writeLabelPng(map: LabelMap, { level = 6, bare = false }: PngWriteOptions = {}) {
  const { width, height, labels } = map;
  let largest = 0;
  for (let i = 0; i < labels.length; i++) if (labels[i]! > largest) largest = labels[i]!;
  const indexed = largest < 256;
  const depth = !indexed ? 16 : largest < 2 ? 1 : largest < 4 ? 2 : largest < 16 ? 4 : 8;
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([depth, indexed ? 3 : 0, 0, 0, 0], 8);
  const chunks = [chunk('IHDR', header)];
  if (indexed) chunks.push(...paletteChunks(map, largest + 1, bare));
  if (!bare && (map.names || map.voidLabel !== undefined)) {
    const text = JSON.stringify({ names: map.names ?? {}, void: map.voidLabel });
    chunks.push(
      chunk('iTXt', Buffer.concat([Buffer.from(`${namesKeyword}\0\0\0\0\0`), Buffer.from(text)])),
    );
  }
  // Unfiltered: neighbouring indices are equal or unrelated, so differences only add symbols.
  chunks.push(chunk('IDAT', deflateSync(pack(map, depth), { level, memLevel: 9 })));
  chunks.push(chunk('IEND', new Uint8Array(0)));
  return new Uint8Array(
    Buffer.concat([Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a), ...chunks]),
  );
}

function paletteChunks(map: LabelMap, count: number, bare: boolean): Uint8Array[] {
  const rgba = bare || !map.palette ? defaultPalette(count) : fill(map.palette, count);
  const rgb = new Uint8Array(3 * (rgba.length / 4));
  const alpha = new Uint8Array(rgba.length / 4);
  for (let i = 0; i < alpha.length; i++) {
    rgb.set(rgba.subarray(4 * i, 4 * i + 3), 3 * i);
    alpha[i] = rgba[4 * i + 3]!;
  }
  const chunks = [chunk('PLTE', rgb)];
  if (alpha.some((value) => value < 255)) chunks.push(chunk('tRNS', alpha));
  return chunks;
}

/** The palette as it is, lengthened by default colours where labels lie beyond it. */
function fill(palette: Uint8Array, count: number): Uint8Array {
  const entries = Math.min(256, Math.max(count, palette.length / 4));
  const rgba = defaultPalette(entries);
  rgba.set(palette.subarray(0, 4 * entries));
  return rgba;
}

/** Rows of packed samples, each after its filter byte 0. */
function pack({ width, height, labels }: LabelMap, depth: number): Uint8Array {
  const length = Math.ceil((width * depth) / 8);
  const out = new Uint8Array(height * (1 + length));
  for (let y = 0, i = 0; y < height; y++) {
    const start = y * (1 + length) + 1;
    for (let x = 0; x < width; x++, i++) {
      const label = labels[i]!;
      if (depth === 8) {
        out[start + x] = label;
      } else if (depth === 16) {
        out[start + 2 * x] = label >> 8;
        out[start + 2 * x + 1] = label;
      } else {
        out[start + ((x * depth) >> 3)]! |= label << (8 - depth - ((x * depth) & 7));
      }
    }
  }
  return out;
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const out = Buffer.alloc(data.length + 12);
  out.writeUInt32BE(data.length, 0);
  out.write(type, 4, 'latin1');
  out.set(data, 8);
  out.writeUInt32BE(crc32(out.subarray(4, data.length + 8)), data.length + 8);
  return out;
}
