import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as wasm from 'onnxruntime-web';
import type { RdaModel } from '../src-main/rda/model';

/** A model whose rows are computed by ONNX Runtime's WebAssembly build: another compiler, another instruction set. */
export async function withWasmRows(model: RdaModel, modelsDir: string): Promise<RdaModel> {
  wasm.env.wasm.numThreads = 1;
  const bytes = new Uint8Array(await readFile(join(modelsDir, 'rda-rows.onnx')));
  const session = await wasm.InferenceSession.create(bytes, { executionProviders: ['wasm'] });
  const rows: RdaModel['rows'] = async (hyper, height, width, point) => {
    const shape = [1, model.manifest.decode.hyper, height, width];
    const out = await session.run({
      hyper: new wasm.Tensor('float32', hyper, shape),
      point: new wasm.Tensor('int64', BigInt64Array.of(BigInt(point)), [1]),
    });
    return Uint8Array.from(out.rows!.data as Float32Array);
  };
  return Object.create(model, { rows: { value: rows } }) as RdaModel;
}
