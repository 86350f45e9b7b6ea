import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { listSupportedBackends } from 'onnxruntime-node';
import { LaviError } from '../api/errors';
import { Net, type Provider } from './session';

export type ProviderChoice = 'auto' | Provider;

/** What was found on this machine and what is used. */
export interface ProviderReport {
  /** Providers that this build of ONNX Runtime carries. */
  bundled: Provider[];
  choice: Provider;
  /** One sentence for people. */
  why: string;
  /** Each GPU provider that was tried on the warm-up tile. */
  trials: ProviderTrial[];
}

export interface ProviderTrial {
  provider: Provider;
  /** Milliseconds for the warm-up tile, and the CPU's. */
  ms?: number;
  cpuMs?: number;
  /** Largest difference to the CPU's output, as a share of its largest value. */
  difference?: number;
  failure?: string;
}

/** GPU providers worth a try on each platform, best first. */
const platformProviders: Partial<Record<NodeJS.Platform, Provider[]>> = {
  win32: ['directml', 'webgpu', 'cuda'],
  darwin: ['coreml', 'webgpu'],
  linux: ['cuda', 'webgpu'],
};

/** Largest share of the CPU's output by which a provider may differ: float16 arithmetic stays below it. */
const TOLERANCE = 0.01;
const TILE = 256;

/** Says which execution provider the float transforms use. Error PROVIDER_UNAVAILABLE for a named one that fails. */
export async function chooseProvider(options: {
  modelsDir: string;
  provider?: ProviderChoice;
  threads?: number;
}): Promise<ProviderReport> {
  const bundled = bundledProviders();
  const wanted = options.provider ?? 'auto';
  if (wanted !== 'auto') {
    if (!bundled.includes(wanted)) {
      throw new LaviError(
        'PROVIDER_UNAVAILABLE',
        `Expected one of the providers of this build (${bundled.join(', ')}), found ${wanted}.`,
      );
    }
    return { bundled, choice: wanted, why: 'It was asked for.', trials: [] };
  }
  const candidates = (platformProviders[process.platform] ?? []).filter((p) => bundled.includes(p));
  if (candidates.length === 0 || !hasGpu()) {
    return { bundled, choice: 'cpu', why: 'No GPU was found.', trials: [] };
  }
  const trials: ProviderTrial[] = [];
  for (const provider of candidates) {
    const trial = await tryProvider(provider, options);
    trials.push(trial);
    if (isBetter(trial)) {
      const why = `It took ${Math.round(trial.ms!)} ms for a tile, the CPU ${Math.round(trial.cpuMs!)} ms.`;
      return { bundled, choice: provider, why, trials };
    }
  }
  return { bundled, choice: 'cpu', why: 'No GPU provider was both right and faster.', trials };
}

/** The providers in this build of ONNX Runtime, by our names. */
export function bundledProviders(): Provider[] {
  const names = listSupportedBackends().map((b) => (b.name === 'dml' ? 'directml' : b.name));
  const ours: Provider[] = ['cpu', 'webgpu', 'cuda', 'directml', 'coreml'];
  return ours.filter((p) => p === 'cpu' || names.includes(p));
}

/** Runs the analysis of one tile on a provider and on the CPU. A failure is a result, not an error. */
export async function tryProvider(
  provider: Provider,
  options: { modelsDir: string; threads?: number },
): Promise<ProviderTrial> {
  const path = join(options.modelsDir, 'rda-analysis.onnx');
  if (!existsSync(path)) {
    throw new LaviError('MODEL_MISSING', `Expected a model file at ${path}, found none.`);
  }
  const photo = { data: warmUpTile(), shape: [1, 3, TILE, TILE] };
  try {
    const cpu = await timed(await Net.load(path, { threads: options.threads }), photo);
    const gpu = await timed(await Net.load(path, { provider, threads: options.threads }), photo);
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

async function timed(net: Net, photo: { data: Float32Array; shape: number[] }) {
  try {
    await net.run({ photo }); // shaders and memory are made on the first run
    const began = performance.now();
    const out = (await net.run({ photo })).latents!.data;
    return { out, ms: performance.now() - began };
  } finally {
    await net.close();
  }
}

/** Smooth colour with some detail, the same every time. */
function warmUpTile(): Float32Array {
  const out = new Float32Array(3 * TILE * TILE);
  out.forEach((_, i) => (out[i] = 0.5 + 0.3 * Math.sin(i / 37) + 0.2 * Math.sin(i / 2.3)));
  return out;
}

/** On Linux a GPU shows as a device node (or a Vulkan driver is named); elsewhere there always is one. */
function hasGpu(): boolean {
  if (process.platform !== 'linux') return true;
  const nodes = ['/dev/dri/renderD128', '/dev/nvidia0', '/dev/dxg'];
  return nodes.some((node) => existsSync(node)) || process.env.VK_DRIVER_FILES !== undefined;
}
