// Runs in a process of its own, since a graphics driver reads its settings from the environment at start:
// decodes a golden file with the float transforms on WebGPU and on the CPU and prints how they agree.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tryProvider } from '../../../src-main/onnx/providers';
import { Codec } from '../../../src-main/rda/codec';
import { renderScene } from '../../photos';
import { symbolHash } from '../../golden/rda/cases';

const root = process.cwd();
const modelsDir = join(root, 'models');
const file = new Uint8Array(await readFile(join(root, 'test/golden/rda/page-high.lavi')));
const gpu = await Codec.load({ modelsDir, provider: 'webgpu' });
const cpu = await Codec.load({ modelsDir, provider: 'cpu' });

const a = (await gpu.decompress(file)).rgb;
const b = (await cpu.decompress(file)).rgb;
let largest = 0;
a.forEach((v, i) => (largest = Math.max(largest, Math.abs(v - b[i]!))));

const photo = renderScene('landscape', { width: 64, height: 64, seed: 5 });
const target = { kind: 'quality', value: 60 } as const;
const coded = await gpu.compress(photo, { target });
const trial = await tryProvider('webgpu', { modelsDir });
const report = {
  trial,
  provider: gpu.model.provider,
  symbols: await symbolHash(gpu.model, file),
  largest,
  // A file coded on the GPU must decode to the same symbols on the CPU.
  gpuFile: await symbolHash(gpu.model, coded.file),
  cpuReading: await symbolHash(cpu.model, coded.file),
};
console.log(JSON.stringify(report));
await Promise.all([gpu.close(), cpu.close()]);
