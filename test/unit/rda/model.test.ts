import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RdaModel } from '../../../src-main/rda/model';
import { quantise, withLatents } from '../../../src-main/rda/passes';

const modelsDir = join(import.meta.dirname, '../../../models');
let model: RdaModel;
let golden: { point: number; tensors: Record<string, Float32Array> };

beforeAll(async () => {
  model = await RdaModel.load({ modelsDir });
  const head = JSON.parse(await readFile(join(modelsDir, 'golden/rda.json'), 'utf8'));
  const blob = await readFile(join(modelsDir, 'golden/rda.bin'));
  const tensors: Record<string, Float32Array> = {};
  for (const [name, { shape, offset }] of Object.entries<{ shape: number[]; offset: number }>(
    head.tensors,
  )) {
    const count = shape.reduce((a, b) => a * b, 1);
    const bytes = blob.subarray(offset, offset + count * 4);
    tensors[name] = new Float32Array(Uint8Array.from(bytes).buffer);
  }
  golden = { ...head, tensors };
});
afterAll(() => model.close());

function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0);
}

describe('nets against PyTorch', () => {
  it('analysis agrees', async () => {
    const latents = await model.analysis(golden.tensors.photo!, 128, 128);
    expect(largestDifference(latents, golden.tensors.latents!)).toBeLessThan(2e-4);
  });

  it('hyper analysis agrees', async () => {
    const hyper = await model.hyperAnalysis(golden.tensors.steps!, 8, 8);
    expect(largestDifference(hyper, golden.tensors.hyper!)).toBeLessThan(2e-3);
  });

  it('synthesis agrees', async () => {
    const photo = await model.synthesis(golden.tensors.latents!, 8, 8, golden.point);
    expect(largestDifference(photo, golden.tensors.picture!)).toBeLessThan(2e-4);
  });

  const wholeHyper = () =>
    golden.tensors.hyper!.map((z) => Math.max(-63, Math.min(63, Math.floor(z + 0.5))));

  it('rows are the very same numbers', async () => {
    const rows = await model.rows(wholeHyper(), 2, 2, golden.point);
    expect(largestDifference(Float32Array.from(rows), golden.tensors.rows!)).toBe(0);
  });

  it('means of both passes agree', async () => {
    const { features, mean } = await model.meansEven(wholeHyper(), 2, 2, golden.point);
    expect(largestDifference(features.data, golden.tensors.features!)).toBeLessThan(2e-3);
    expect(largestDifference(mean, golden.tensors.even!)).toBeLessThan(2e-3);
    // Round half to even, as PyTorch does.
    const seen = golden.tensors.steps!.map((value) => {
      const floor = Math.floor(value);
      return value - floor === 0.5 ? 2 * Math.round(value / 2) : Math.round(value);
    });
    const odd = await model.meansOdd(features, seen);
    expect(largestDifference(odd, golden.tensors.odd!)).toBeLessThan(2e-2);
  });

  it('symbols decode to the latents that the encoder saw', async () => {
    const tile = { height: 8, width: 8, quality: golden.point * 16 };
    // An infinite weight on the error is plain rounding.
    const plain = new Float32Array(256).fill(Infinity);
    const coded = await quantise(model, tile, golden.tensors.steps!, plain);
    const { decoded } = await withLatents(model, coded);
    expect(largestDifference(decoded, coded.decoded)).toBe(0);
    coded.rows.forEach((row, at) => {
      if (row > 0) expect(Math.abs(decoded[at]! - golden.tensors.steps![at]!)).toBeLessThan(0.5001);
      else expect(coded.residual[at]).toBe(0);
    });
  });
});
