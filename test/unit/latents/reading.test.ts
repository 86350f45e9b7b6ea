import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cropOf } from '../../../src-main/latents/crop';
import {
  type Decoder,
  klBits,
  klNats,
  likelihoodsOf,
  readingOf,
  squaredError,
  tradeoffOf,
} from '../../../src-main/latents/reading';
import { CROP, DIMS, type Posterior, Vae } from '../../../src-main/latents/vae';
import { modelsFolder } from '../../../src-main/shell/process/paths';
import { renderScene } from '../../photos';
import { vaePattern } from '../../photos/vae-pattern';

const once = { samples: 1, seed: 1 };

/** One latent of values near 0.5: y = 0.5 + slope · z, the same everywhere, with γ as told. */
function linear(slope: number, gamma: number): Decoder {
  const logGamma = Math.log(gamma);
  return {
    card: { logGamma },
    decode: async (z) => ({
      mean: new Float32Array(DIMS).fill(0.5 + slope * z[0]!),
      logGamma: new Float32Array(DIMS).fill(logGamma),
    }),
  };
}

/** The linear decoder's own posterior of a crop: Gaussian, so that the bounds can be tight. */
function posteriorOf(rgb: Uint8Array, slope: number, gamma: number): Posterior {
  const variance = 1 / (1 + (DIMS * slope * slope) / (gamma * gamma));
  const sum = rgb.reduce((total, value) => total + value / 255 - 0.5, 0);
  return {
    mean: Float64Array.of((variance * slope * sum) / (gamma * gamma)),
    sigma: Float64Array.of(Math.sqrt(variance)),
  };
}

describe('KL of a latent', () => {
  it('is 0 for the prior itself, and what the integral gives elsewhere', () => {
    const q = { mean: Float64Array.of(0, 0.7), sigma: Float64Array.of(1, 0.3) };
    let integral = 0;
    const step = 1e-3;
    for (let z = -8; z < 8; z += step) {
      const density = Math.exp(-0.5 * ((z - 0.7) / 0.3) ** 2) / (0.3 * Math.sqrt(2 * Math.PI));
      const ratio = -0.5 * ((z - 0.7) / 0.3) ** 2 - Math.log(0.3) + 0.5 * z * z;
      integral += step * density * ratio;
    }
    expect(klNats(q)[0]).toBe(0);
    expect(klNats(q)[1]).toBeCloseTo(integral, 9);
    expect(klBits(q)[1]).toBeCloseTo(integral / Math.LN2, 9);
  });
});

describe('the reading of a crop', () => {
  const [slope, gamma] = [0.2, 0.1];
  const decoder = linear(slope, gamma);
  const rgb = cropOf(renderScene('landscape', { width: 100, height: 90 }));

  it('has ELBO = E ln P(y|z) − KL, and −ELBO = KL + λD + n ln(γ√2π) where read continuously', async () => {
    const q = posteriorOf(rgb, slope, gamma);
    const reading = await readingOf(decoder, rgb, q, { samples: 5, seed: 2 });
    const { rate, distortion, density } = reading;
    expect(reading.global.elbo).toBe(reading.global.logLikelihood - rate);
    expect(reading.predicted.elbo).toBeCloseTo(reading.global.elbo, 2);
    const { lambda, loss, constant } = tradeoffOf(reading, Math.log(gamma));
    expect(lambda).toBeCloseTo(50, 9);
    expect(loss).toBe(rate + lambda * distortion);
    expect((loss + constant) / (rate - density)).toBeCloseTo(1, 9);
    // γ is many bins wide: the mass is the density times a bin's width.
    const continuous = density - DIMS * Math.log(255);
    expect(reading.global.logLikelihood / continuous).toBeCloseTo(1, 2);
  });

  it('is tight with the true posterior: every z says the same ln P(y)', async () => {
    const smooth = rgb.map((value) => Math.round(0.2 * value + 100));
    const q = posteriorOf(smooth, slope, gamma);
    const { global } = await readingOf(decoder, smooth, q, { samples: 30, seed: 2 });
    expect(global.bound - global.elbo).toBeLessThan(0.5);
    const wrong = { ...q, sigma: q.sigma.map((sigma) => 3 * sigma) };
    const loose = await readingOf(decoder, smooth, wrong, { samples: 30, seed: 2 });
    expect(loose.global.elbo).toBeLessThan(global.elbo - 1);
    // The importance-weighted bound makes good for the wrong posterior.
    expect(Math.abs(loose.global.bound - global.bound)).toBeLessThan(0.5);
  });

  it('counts errors of the crop against the decoded mean', () => {
    const mean = new Float32Array(DIMS).fill(0.5);
    const wanted = rgb.reduce((sum, value) => sum + (value / 255 - 0.5) ** 2, 0);
    expect(squaredError(rgb, { mean })).toBeCloseTo(wanted, 9);
  });

  it('ends where it is told to', async () => {
    let calls = 0;
    const stop = () => {
      if (++calls === 3) throw new Error('enough');
    };
    const q = posteriorOf(rgb, slope, gamma);
    await expect(readingOf(decoder, rgb, q, { samples: 9, seed: 1 }, stop)).rejects.toThrow(
      'enough',
    );
    expect(calls).toBe(3);
  });
});

describe('the reading with the committed VAE', () => {
  let vae: Vae;
  beforeAll(async () => {
    vae = await Vae.load(modelsFolder(), 'cpu');
  });
  afterAll(() => vae.close());

  it('has the rate and the likelihoods that PyTorch found, to 1e-4', async () => {
    const card = JSON.parse(await readFile(join(modelsFolder(), 'vae.json'), 'utf8'));
    const rgb = vaePattern();
    const q = await vae.encode(rgb);
    const { rate } = await readingOf(vae, rgb, q, once);
    expect(Math.abs(rate / card.check.kl - 1)).toBeLessThan(1e-4);
    const { global, predicted } = await likelihoodsOf(vae, rgb, q.mean);
    expect(Math.abs(-global / card.check.global - 1)).toBeLessThan(1e-4);
    expect(Math.abs(-predicted / card.check.predicted - 1)).toBeLessThan(1e-4);
  });

  it('is the same for a seed, tighter with more samples, and better with a predicted γ', async () => {
    const crop = cropOf(renderScene('landscape', { width: 300, height: 200 }));
    const q = await vae.encode(crop);
    const one = await readingOf(vae, crop, q, once);
    expect(await readingOf(vae, crop, q, once)).toEqual(one);
    expect(one.global.bound).not.toBe(one.global.elbo);
    const many = await readingOf(vae, crop, q, { samples: 12, seed: 1 });
    expect(many.predicted.bound).toBeGreaterThan(many.predicted.elbo);
    expect(many.predicted.elbo).toBeGreaterThan(many.global.elbo);
    expect(many.rate).toBe(one.rate);
    const middle = squaredError(crop, await vae.decode(q.mean));
    // Noise in z adds error to the mean's.
    expect(many.distortion).toBeGreaterThan(middle);
    expect(CROP * CROP * 3).toBe(DIMS);
  });
});
