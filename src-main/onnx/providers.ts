import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { listSupportedBackends } from 'onnxruntime-node';
import type { ProviderChoice } from '../api/choices';
import { providersOf } from '../api/choices';
import { LaviError } from '../api/errors';
import type { Floats, Provider } from './session';
import { Net } from './session';

export type { ProviderChoice };

/** What was found on this machine and what is used. */
export interface ProviderReport {
  /** Providers whose libraries are here. */
  present: Provider[];
  choice: Provider;
  /** One sentence for people. */
  why: string;
  /** Each GPU provider that was tried on the warm-up. */
  trials: ProviderTrial[];
}

export interface ProviderTrial {
  provider: Provider;
  /** Milliseconds for the warm-up, and the CPU's. */
  ms?: number;
  cpuMs?: number;
  /** Largest difference to the CPU's output, as a share of its largest value. */
  difference?: number;
  failure?: string;
}

/** A net, and what it is run on, to tell whether a provider computes it right and faster than the CPU. */
export interface WarmUp {
  /** Its file in the models' folder, without `.onnx`. */
  net: string;
  inputs: () => Record<string, Floats>;
  /** The output that is compared. */
  output: string;
}

/** Largest share of the CPU's output by which a provider may differ: float16 arithmetic stays below it. */
const TOLERANCE = 0.01;
const TILE = 256;

/** The codec's analysis of one tile. */
export const codecWarmUp: WarmUp = {
  net: 'rda-analysis',
  inputs: () => ({ photo: { data: wave(3 * TILE * TILE), shape: [1, 3, TILE, TILE] } }),
  output: 'latents',
};

export interface TrialOptions {
  modelsDir: string;
  threads?: number;
  /** The codec's when left out. */
  warmUp?: WarmUp;
}

/**
 * Says which execution provider float nets use: the one that is named, or, for `auto`, the first of the
 * platform's that is both right and faster than the CPU on the warm-up.
 *
 *     const { choice, why } = await chooseProvider({ modelsDir, provider: 'auto', warmUp });
 *
 * @throws LaviError PROVIDER_UNAVAILABLE where the library of a named one is not here
 */
export async function chooseProvider(
  options: TrialOptions & { provider?: ProviderChoice },
): Promise<ProviderReport> {
  const present = presentProviders();
  const wanted = options.provider ?? 'auto';
  if (wanted !== 'auto') {
    if (!present.includes(wanted)) {
      const found = `Expected one of the providers that are here (${present.join(', ')}), found ${wanted}.`;
      throw new LaviError('PROVIDER_UNAVAILABLE', `${found}${wayTo(wanted)}`);
    }
    return { present, choice: wanted, why: 'It was asked for.', trials: [] };
  }
  const candidates = providersOf(`${process.platform}-${process.arch}`).filter(
    (one): one is Provider => one !== 'auto' && one !== 'cpu' && present.includes(one),
  );
  if (candidates.length === 0 || !hasGpu()) {
    return { present, choice: 'cpu', why: 'No GPU was found.', trials: [] };
  }
  const trials: ProviderTrial[] = [];
  for (const provider of candidates) {
    const trial = await tryProvider(provider, options);
    trials.push(trial);
    if (isBetter(trial)) {
      const why = `It took ${Math.round(trial.ms!)} ms for a trial run, the CPU ${Math.round(trial.cpuMs!)} ms.`;
      return { present, choice: provider, why, trials };
    }
  }
  return { present, choice: 'cpu', why: 'No GPU provider was both right and faster.', trials };
}

const cudaLibrary = /^(lib)?onnxruntime_providers_cuda\.(so|dll)$/;

/**
 * The providers whose libraries are here, by our names. ONNX Runtime supports some (CUDA) whose library
 * does not come with its package; those count once that has been installed.
 */
export function presentProviders(): Provider[] {
  const names = listSupportedBackends()
    .filter(({ name, bundled }) => bundled || (name === 'cuda' && hasLibrary(cudaLibrary)))
    .map(({ name }) => (name === 'dml' ? 'directml' : name));
  const ours: Provider[] = ['cpu', 'webgpu', 'cuda', 'directml', 'coreml'];
  return ours.filter((p) => p === 'cpu' || names.includes(p));
}

/** Whether a library lies beside ONNX Runtime's own. */
function hasLibrary(name: RegExp): boolean {
  const entry = createRequire(import.meta.url).resolve('onnxruntime-node');
  const bin = join(dirname(entry), '..', 'bin');
  if (!existsSync(bin)) return false;
  return readdirSync(bin).some((abi) => {
    const folder = join(bin, abi, process.platform, process.arch);
    return existsSync(folder) && readdirSync(folder).some((file) => name.test(file));
  });
}

/** How to get the library of a provider that ONNX Runtime supports but does not bring along. */
function wayTo(provider: Provider): string {
  const supported = listSupportedBackends().some(({ name }) => name === provider);
  if (provider !== 'cuda' || !supported) return '';
  return (
    " ONNX Runtime's CUDA 12 library is not part of its package; this fetches it: " +
    'ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node'
  );
}

/** Runs a net's warm-up on a provider and on the CPU. A failure is a result, not an error. */
export async function tryProvider(
  provider: Provider,
  { modelsDir, threads, warmUp = codecWarmUp }: TrialOptions,
): Promise<ProviderTrial> {
  const path = join(modelsDir, `${warmUp.net}.onnx`);
  if (!existsSync(path)) {
    throw new LaviError('MODEL_MISSING', `Expected a model file at ${path}, found none.`);
  }
  try {
    const cpu = await timed(await Net.load(path, { threads }), warmUp);
    const gpu = await timed(await Net.load(path, { provider, threads }), warmUp);
    let largest = 0;
    let difference = 0;
    cpu.out.forEach((value, i) => {
      largest = Math.max(largest, Math.abs(value));
      difference = Math.max(difference, Math.abs(value - gpu.out[i]!));
    });
    // A NaN must count as wrong, not slip through the maximum.
    const wrong = gpu.out.some((value) => !Number.isFinite(value));
    return {
      provider,
      ms: gpu.ms,
      cpuMs: cpu.ms,
      difference: wrong ? Infinity : difference / largest,
    };
  } catch (error) {
    return { provider, failure: (error as Error).message };
  }
}

function isBetter({ ms, cpuMs, difference }: ProviderTrial): boolean {
  return ms !== undefined && difference! <= TOLERANCE && ms < cpuMs!;
}

async function timed(net: Net, { inputs, output }: WarmUp) {
  try {
    const feeds = inputs();
    await net.run(feeds); // shaders and memory are made on the first run
    const began = performance.now();
    const out = (await net.run(feeds))[output]!.data;
    return { out, ms: performance.now() - began };
  } finally {
    await net.close();
  }
}

/** Numbers of 0…1 for a warm-up: smooth with some detail, the same every time. */
export function wave(length: number): Float32Array {
  const out = new Float32Array(length);
  out.forEach((_, i) => (out[i] = 0.5 + 0.3 * Math.sin(i / 37) + 0.2 * Math.sin(i / 2.3)));
  return out;
}

/** On Linux a GPU shows as a device node (or a Vulkan driver is named); elsewhere there always is one. */
function hasGpu(): boolean {
  if (process.platform !== 'linux') return true;
  const nodes = ['/dev/dri/renderD128', '/dev/nvidia0', '/dev/dxg'];
  return nodes.some((node) => existsSync(node)) || process.env.VK_DRIVER_FILES !== undefined;
}
