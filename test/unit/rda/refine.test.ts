import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AnalysedPicture, reconstruct } from '../../../src-main/rda/analysed';
import { contentBits } from '../../../src-main/rda/bits';
import { Codec } from '../../../src-main/rda/codec';
import { quantiseRefined } from '../../../src-main/rda/refine';
import { mse } from '../../../src-main/image/metrics';
import { renderScene } from '../../photos';

const modelsDir = join(import.meta.dirname, '../../../models');
const photo = renderScene('landscape', { width: 150, height: 100, seed: 3 });
let codec: Codec;

beforeAll(async () => {
  codec = await Codec.load({ modelsDir, provider: 'cpu' });
});
afterAll(() => codec.close());

describe('the error gradient', () => {
  it('is the slope of half the squared error along itself', async () => {
    const { model } = codec;
    const [height, width] = [4, 4];
    const waves = (phase: number) =>
      Float32Array.from({ length: 3 * 4096 }, (_, i) => 0.5 + 0.2 * Math.sin(i / 50 + phase));
    const latents = await model.analysis(waves(1), 64, 64);
    const picture = waves(0);
    // The right half does not count.
    const weight = Float32Array.from({ length: 4096 }, (_, i) => (i % 64 < 32 ? 1 : 0));
    const size = { height, width };
    const { gradient } = await model.errorGradient(latents, picture, weight, size, 31);
    const halfError = async (step: number) => {
      const moved = latents.map((y, i) => y + step * gradient[i]!);
      const decoded = await model.synthesis(moved, height, width, 31);
      let sum = 0;
      for (let i = 0; i < decoded.length; i++) {
        const clipped = Math.min(1, Math.max(0, decoded[i]!));
        sum += weight[i % 4096]! * (clipped - picture[i]!) ** 2;
      }
      return sum / 2;
    };
    const slope = gradient.reduce((sum, g) => sum + g * g, 0);
    const measured = ((await halfError(2e-4)) - (await halfError(-2e-4))) / 4e-4;
    expect(Math.abs(slope - measured)).toBeLessThan(0.01 * Math.abs(measured));
  });
});

describe('refined quantisation', () => {
  it('never costs more rate and distortion, and mostly less', async () => {
    const { model } = codec;
    const analysed = await AnalysedPicture.of(model, photo);
    const cost = async (coded: Awaited<ReturnType<typeof quantiseRefined>>) => {
      const bits = contentBits(model, coded.tiles);
      const { rgb } = await reconstruct(model, coded, analysed.grid, photo);
      const distortion = mse(photo.rgb, rgb) * photo.width * photo.height;
      return bits.hyper + bits.latents + model.quality.lambda(coded.quality) * distortion;
    };
    const shares: number[] = [];
    for (const percent of [15, 50, 85]) {
      const quality = model.quality.fromPercent(percent);
      const plain = await cost(await analysed.quantise(quality));
      shares.push((await cost(await quantiseRefined(analysed, quality))) / plain);
    }
    // Choosing is by unrounded pixels, costing here by rounded ones.
    expect(Math.max(...shares)).toBeLessThan(1.0005);
    expect(shares.filter((share) => share < 0.998).length).toBeGreaterThanOrEqual(2);
  });

  it('decodes like any file, and meets its targets', async () => {
    const goal = 2500;
    const target = { kind: 'bytes', value: goal } as const;
    const best = await codec.compress(photo, { target, effort: 'best' });
    expect(best.file.length).toBeLessThanOrEqual(goal);
    expect(best.file.length).toBeGreaterThan(0.97 * goal);
    const plain = await codec.compress(photo, { target });
    expect(best.psnr).toBeGreaterThanOrEqual(plain.psnr);
    const decibels = await codec.compress(photo, {
      target: { kind: 'psnr', value: 30 },
      effort: 'best',
    });
    expect(Math.abs(decibels.psnr - 30)).toBeLessThanOrEqual(0.05);
    const back = await codec.decompress(decibels.file);
    expect(back.width).toBe(150);
  });
});
