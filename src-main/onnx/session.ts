import { existsSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { LaviError } from '../api/errors';
import { takeTurn } from './turns';

export type Provider = 'cpu' | 'webgpu' | 'cuda' | 'directml' | 'coreml';

/** ONNX Runtime's own names. */
const runtimeNames: Record<Provider, string> = {
  cpu: 'cpu',
  webgpu: 'webgpu',
  cuda: 'cuda',
  directml: 'dml',
  coreml: 'coreml',
};

/** A dense float32 array with its shape; whole-number nets carry their numbers in it too. */
export interface Floats {
  data: Float32Array;
  shape: readonly number[];
}

export interface NetOptions {
  provider?: Provider;
  threads?: number;
  /** Off only in tests: results must not depend on it. */
  optimize?: boolean;
}

/** One ONNX net. `run` blocks its thread while it computes. */
export class Net {
  private constructor(private readonly session: InferenceSession) {}

  /** Loads a net. Errors: MODEL_MISSING, PROVIDER_UNAVAILABLE. */
  static async load(path: string, options: NetOptions = {}): Promise<Net> {
    if (!existsSync(path)) {
      throw new LaviError('MODEL_MISSING', `Expected a model file at ${path}, found none.`);
    }
    const provider = options.provider ?? 'cpu';
    try {
      const session = await InferenceSession.create(path, {
        executionProviders: [runtimeNames[provider]],
        intraOpNumThreads: options.threads ?? 0,
        interOpNumThreads: 1,
        graphOptimizationLevel: options.optimize === false ? 'disabled' : 'all',
        // Shapes differ from photo to photo: an arena would keep the largest of each for good.
        enableCpuMemArena: false,
        enableMemPattern: false,
        logSeverityLevel: 4,
      });
      return new Net(session);
    } catch (cause) {
      throw new LaviError(
        provider === 'cpu' ? 'MODEL_MISMATCH' : 'PROVIDER_UNAVAILABLE',
        `${provider} could not load ${path}: ${(cause as Error).message}`,
        undefined,
        { cause },
      );
    }
  }

  /** Input and output names of the net. */
  get names(): { inputs: readonly string[]; outputs: readonly string[] } {
    return { inputs: this.session.inputNames, outputs: this.session.outputNames };
  }

  /** Runs the net; `point` inputs of whole numbers are given as bigint arrays. */
  async run(inputs: Record<string, Floats | BigInt64Array>): Promise<Record<string, Floats>> {
    const feeds: Record<string, Tensor> = {};
    for (const [name, value] of Object.entries(inputs)) {
      feeds[name] =
        value instanceof BigInt64Array
          ? new Tensor('int64', value, [value.length])
          : new Tensor('float32', value.data, value.shape);
    }
    const results = await takeTurn(() => this.session.run(feeds));
    const out: Record<string, Floats> = {};
    for (const [name, tensor] of Object.entries(results)) {
      out[name] = { data: tensor.data as Float32Array, shape: tensor.dims };
    }
    return out;
  }

  async close(): Promise<void> {
    await this.session.release();
  }
}
