import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Decoder, labelsAround, NEAR } from '../../../src-main/colorize/decoder';
import { samplesOf } from '../../../src-main/colorize/frame';
import type { Frame } from '../../../src-main/colorize/frame';
import { FRAME, GRID, SAMPLES } from '../../../src-main/colorize/frame';
import { logLogistic } from '../../../src-main/colorize/logistic';
import type { Scene } from '../../../src-main/colorize/model';
import { ColorModel } from '../../../src-main/colorize/model';
import { Net } from '../../../src-main/onnx/session';

const modelsDir = join(import.meta.dirname, '../../../models');
const place = { columns: GRID, rows: 24, left: 0, top: 4 };
const cells = place.columns * place.rows;
let golden: Record<string, Float32Array>;
let model: ColorModel;
let scene: Scene;
let trunk: Float32Array;

/** The frame, labels and chroma of the export's golden tensors. */
const luma = Float32Array.from({ length: FRAME * FRAME }, (_, i) => {
  const x = i % FRAME;
  const y = Math.floor(i / FRAME);
  if (y < 32 || y >= FRAME - 32) return 0;
  return (Math.floor((x * x + 3 * x * y + y) / 64) % 256) / 127.5 - 1;
});
const inside = Float32Array.from({ length: GRID * GRID }, (_, i) =>
  i >= 4 * GRID && i < 28 * GRID ? 1 : 0,
);
const labelOf = (gridCell: number) => Math.floor((gridCell * 7) / 3) % model.labels;
const labels = () => Int16Array.from({ length: cells }, (_, i) => labelOf(i + 4 * GRID));
const chroma = Float32Array.from({ length: cells * SAMPLES * 2 }, (_, i) => {
  const sample = Math.floor(i / 2) + 16 * 4 * GRID;
  // The second channel goes on counting where the first ends.
  return i % 2 === 0 ? ((sample * 37) % 61) - 30 : ((sample * 53) % 47) - 20;
});

beforeAll(async () => {
  const head = JSON.parse(await readFile(join(modelsDir, 'golden/color.json'), 'utf8'));
  const blob = await readFile(join(modelsDir, 'golden/color.bin'));
  golden = {};
  for (const [name, { shape, offset }] of Object.entries<{ shape: number[]; offset: number }>(
    head,
  )) {
    const count = shape.reduce((a, b) => a * b, 1);
    golden[name] = Float32Array.from({ length: count }, (_, i) => blob.readFloatLE(offset + 4 * i));
  }
  model = await ColorModel.load({ modelsDir, provider: 'cpu' });
  const net = await Net.load(join(modelsDir, 'color-backbone.onnx'));
  const out = await net.run({
    luma: { data: luma, shape: [1, 1, FRAME, FRAME] },
    inside: { data: inside, shape: [1, 1, GRID, GRID] },
  });
  await net.close();
  trunk = out.trunk!.data;
  const frame: Frame = { ...place, luma, inside, light: new Float32Array(0) };
  const decoder = new Decoder(model.tables, place, trunk);
  scene = { frame, decoder, features: out.features!, logits: out.logits! };
});
afterAll(() => model.close());

/** Every `step`th value of planes of `size`², from column `x` and row `y` on. */
function every(data: Float32Array, size: number, step: number, x: number, y: number): number[] {
  const out: number[] = [];
  for (let c = 0; c < data.length / size ** 2; c++) {
    for (let row = y; row < size; row += step) {
      for (let column = x; column < size; column += step) {
        out.push(data[(c * size + row) * size + column]!);
      }
    }
  }
  return out;
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

/** Nets are stored as fp16: they differ in proportion to their largest values. */
function relativeDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const largest = Array.from(b).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return largestDifference(a, b) / largest;
}

describe('nets and decoder against PyTorch', () => {
  it('the backbone agrees', () => {
    const logits = every(scene.logits.data, GRID, 8, 5, 3);
    expect(relativeDifference(logits, golden.logits!)).toBeLessThan(0.004);
    const half = every(trunk, FRAME / 2, 32, 5, 3);
    expect(relativeDifference(half, golden.trunk!)).toBeLessThan(0.006);
  });

  it('the prior agrees with half of the labels known', async () => {
    const known = labels().map((label, i) => (i % 2 === 1 ? label : -1));
    const next = every(await model.next(scene, known), GRID, 8, 5, 3);
    expect(relativeDifference(next, golden.next!)).toBeLessThan(0.004);
  });

  it('mean chroma and log-likelihood agree', () => {
    const mean = scene.decoder.mean(labels());
    const near = new Int16Array(NEAR);
    const y = new Float32Array(2 * SAMPLES);
    for (let cell = 0, n = 0; cell < cells; cell += 7, n++) {
      samplesOf(mean, place, cell, y);
      for (let p = 0; p < SAMPLES; p++) {
        expect(y[2 * p]).toBeCloseTo(golden.mean![(2 * n + 0) * SAMPLES + p]!, 0);
        expect(y[2 * p + 1]).toBeCloseTo(golden.mean![(2 * n + 1) * SAMPLES + p]!, 0);
      }
      labelsAround(labels(), place, cell, near);
      samplesOf(chroma, place, cell, y);
      const ours = scene.decoder.mixture(cell, near).logLikelihood(y);
      const theirs = golden.logLikelihood!.subarray(n * SAMPLES, (n + 1) * SAMPLES);
      const sum = theirs.reduce((total, value) => total + value, 0);
      expect(Math.abs(ours - sum)).toBeLessThan(0.005 * Math.abs(sum));
    }
  });
});

describe('log P', () => {
  it('sums to 1 over all whole numbers', () => {
    for (const [mean, logScale] of [
      [0.3, -2],
      [-7.8, 0.4],
      [20, 2.5],
    ] as const) {
      let total = 0;
      for (let v = -3000; v <= 3000; v++) total += Math.exp(logLogistic(v, mean, logScale));
      expect(total).toBeCloseTo(1, 9);
    }
  });
});
