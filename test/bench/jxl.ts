import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import decode, { init as initDecoder } from '@jsquash/jxl/decode.js';
import encode, { init as initEncoder } from '@jsquash/jxl/encode.js';
import type { Pixels } from '../../src-main/image/baselines';

/** JPEG XL, lossy, by libjxl compiled to WebAssembly: one thread, so its times say little. */
export interface JxlSetting {
  codec: 'jxl';
  /** 1…100, libjxl's own scale. */
  quality: number;
  /** 1…9 */
  effort: number;
}

let ready: Promise<void> | undefined;

async function load(): Promise<void> {
  const { resolve } = createRequire(import.meta.url);
  const [encoder, decoder] = await Promise.all(
    ['enc/jxl_enc', 'dec/jxl_dec'].map(async (name) =>
      WebAssembly.compile(await readFile(resolve(`@jsquash/jxl/codec/${name}.wasm`))),
    ),
  );
  await initEncoder(encoder!);
  await initDecoder(decoder!);
}

/** Encodes, decodes and times both. */
export async function runJxl({ width, height, rgb }: Pixels, { quality, effort }: JxlSetting) {
  await (ready ??= load());
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let i = 0; i < width * height; i++) rgba.set(rgb.subarray(3 * i, 3 * i + 3), 4 * i);
  const start = performance.now();
  const file = await encode({ data: rgba, width, height, colorSpace: 'srgb' }, { quality, effort });
  const encoded = performance.now();
  const { data } = await decode(file);
  const decMs = performance.now() - encoded;
  const decoded = new Uint8Array(rgb.length);
  for (let i = 0; i < width * height; i++) decoded.set(data.subarray(4 * i, 4 * i + 3), 3 * i);
  return { bytes: file.byteLength, rgb: decoded, encMs: encoded - start, decMs };
}
