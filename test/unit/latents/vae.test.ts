import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LaviError } from '../../../src-main/api/errors';
import { cropOf } from '../../../src-main/latents/crop';
import { logMassOf } from '../../../src-main/latents/gaussian-mass';
import { normals } from '../../../src-main/latents/normals';
import { CROP, rgbOf, Vae } from '../../../src-main/latents/vae';
import { modelsFolder } from '../../../src-main/shell/process/paths';
import { renderScene } from '../../photos';

const massOf = (value: number, mean: number, gamma: number) =>
  Math.exp(logMassOf(value, mean, gamma));

describe('bits of 8-bit values', () => {
  it('are of masses that sum to 1, the end bins open', () => {
    for (const [mean, gamma] of [
      [0.5, 0.1],
      [-0.2, 0.001],
      [0.3, 5],
      [1.01, 0.02],
    ] as const) {
      const logs = Array.from({ length: 256 }, (_, value) => logMassOf(value, mean, gamma));
      expect(logs.reduce((sum, log) => sum + Math.exp(log), 0)).toBeCloseTo(1, 12);
      expect(Math.min(...logs)).toBeGreaterThan(-1e6);
    }
  });

  it('are those of the density where bins are small, and of known tails', () => {
    const density =
      Math.exp(-0.5 * ((100 / 255 - 0.4) / 0.2) ** 2) / (0.2 * Math.sqrt(2 * Math.PI));
    expect(massOf(100, 0.4, 0.2) / (density / 255)).toBeCloseTo(1, 4);
    // Φ(−6) and Φ(−1), from tables.
    expect(massOf(0, 0.5 / 255 + 6 * 0.05, 0.05) / 9.865876450376946e-10).toBeCloseTo(1, 10);
    expect(massOf(255, 254.5 / 255 - 0.05, 0.05)).toBeCloseTo(0.15865525393145707, 12);
  });

  it('stay finite, and those of the density, where masses are too small for doubles', () => {
    // Where one branch ends and the other begins.
    const step = (x: number) => logMassOf(0, 0.5 / 255 - x * 0.05, 0.05);
    expect(step(-6 + 1e-9) - step(-6 - 1e-9)).toBeCloseTo(0, 7);
    for (const mean of [-3, 4]) {
      const [gamma, width] = [0.01, 1 / 255];
      const x = (100 / 255 - mean) / gamma;
      const density = -0.5 * x * x - Math.log(gamma * Math.sqrt(2 * Math.PI));
      // The mean of the density over the bin, where ln of it is as good as a line.
      const slope = (Math.abs(x) * width) / gamma / 2;
      const wanted = density + Math.log(width) + Math.log(Math.sinh(slope) / slope);
      expect(logMassOf(100, mean, gamma) / wanted).toBeCloseTo(1, 5);
    }
  });
});

describe('normal numbers', () => {
  it('have mean 0 and variance 1, and are the same for a seed', () => {
    const next = normals(4);
    const list = Array.from({ length: 20_000 }, next);
    const mean = list.reduce((a, b) => a + b) / list.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(list.reduce((a, b) => a + b * b, 0) / list.length).toBeCloseTo(1, 1);
    expect(normals(4)()).toBe(list[0]);
  });
});

describe('the VAE', () => {
  let vae: Vae;
  beforeAll(async () => {
    vae = await Vae.load(modelsFolder(), 'cpu');
  });
  afterAll(() => vae.close());

  it('brings a crop back, better than one colour does', async () => {
    const crop = cropOf(renderScene('landscape', { width: 300, height: 200 }));
    const q = await vae.encode(crop);
    expect(q.mean.length).toBe(vae.card.latents);
    const back = rgbOf(await vae.decode(q.mean));
    const error = (other: (i: number) => number) =>
      crop.reduce((sum, value, i) => sum + (value - other(i)) ** 2, 0);
    const means = [0, 1, 2].map(
      (c) => crop.filter((_, i) => i % 3 === c).reduce((a, b) => a + b, 0) / (CROP * CROP),
    );
    expect(error((i) => back[i]!)).toBeLessThan(0.5 * error((i) => means[i % 3]!));
  });

  it('refuses crops that a photo has not', () => {
    const small = { width: 60, height: 70, rgb: new Uint8Array(60 * 70 * 3) };
    expect(() => cropOf(small)).toThrow(LaviError);
    const photo = { width: 100, height: 70, rgb: new Uint8Array(100 * 70 * 3) };
    expect(() => cropOf(photo, { x: 37, y: 0 })).toThrow(/at 37, 0/);
  });
});
