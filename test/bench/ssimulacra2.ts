import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import * as wasm from 'calc-s2-rust/calc_s2_rust.js';
import type { Pixels } from '../../src-main/image/baselines';

let compiled: WebAssembly.Module | undefined;

/**
 * SSIMULACRA2 (Sneyers 2023; the Rust port, compiled to WebAssembly): at most 100 for equal pictures, about 90 where
 * no difference is seen, 70 high, 50 medium, 30 low quality; it may fall below 0.
 */
export async function ssimulacra2(original: Pixels, decoded: Uint8Array): Promise<number> {
  if (!compiled) {
    const path = createRequire(import.meta.url).resolve('calc-s2-rust/calc_s2_rust_bg.wasm');
    compiled = await WebAssembly.compile(await readFile(path));
  }
  // A measurement uses its buffers up: each has an instance of its own.
  const { memory } = wasm.initSync(compiled);
  const { width, height, rgb } = original;
  for (const [name, pixels] of Object.entries({ original: rgb, decoded })) {
    const at = quietly(() => wasm.new_buffer(name, pixels.length));
    new Uint8Array(memory.buffer, at, pixels.length).set(pixels);
  }
  return wasm.calc_s2('original', 'decoded', width, height);
}

/** The package logs each buffer it makes. */
function quietly<T>(work: () => T): T {
  const { log } = console;
  console.log = () => {};
  try {
    return work();
  } finally {
    console.log = log;
  }
}
