import { describe, expect, it } from 'vitest';
import type { MixtureSettings } from '../../../src-main/api/calls/contract';
import { ellipseOf } from '../../../src-renderer/workspaces/latents/ellipse';
import { formulasOf } from '../../../src-renderer/workspaces/latents/formulas';
import { lengthOf, waysOf } from '../../../src-renderer/workspaces/latents/worth';

describe('ellipses', () => {
  const place = { x: (value: number) => 100 * value, y: (value: number) => 50 - 100 * value };

  it('reach two standard deviations along the axes', () => {
    const round = { mean: [9, 0.1, 0.2], covariance: [1, 0, 0, 0, 0.04, 0, 0, 0, 0.01] };
    const { cx, cy, rx, ry, angle } = ellipseOf(round, [1, 2], place);
    [cx, cy, rx, ry, angle].forEach((value, i) =>
      expect(value).toBeCloseTo([10, 30, 40, 20, 0][i]!),
    );
  });

  it('lean as the covariance does, up being up', () => {
    const leaning = { mean: [0, 0], covariance: [0.05, 0.03, 0.03, 0.05] };
    const { rx, ry, angle } = ellipseOf(leaning, [0, 1], place);
    expect(rx).toBeCloseTo(200 * Math.sqrt(0.08));
    expect(ry).toBeCloseTo(200 * Math.sqrt(0.02));
    expect(angle).toBeCloseTo(-45);
  });
});

describe('formulas', () => {
  const settings: MixtureSettings = {
    ...{ k: 3, method: 'em', covariance: 'full', seed: 1, place: 0, start: 'seeds' },
  };
  const step = {
    ...{ step: 1, half: 'm' as const, logLikelihood: 5.5, elbo: 5.25, kl: 0.25, entropy: 0.5 },
  };
  const format = (value: number, digits: number) => value.toFixed(digits);
  const component = {
    ...{ weight: 0.25, mean: [0.5, 0.1, 0], rgb: [1, 2, 3] as [number, number, number] },
    covariance: [0.04, 0, 0, 0, 0.01, 0, 0, 0, 0.01],
  };

  it('hold with the numbers put in', () => {
    for (const method of ['em', 'hard-em'] as const) {
      const entropy = method === 'em' ? 0.5 : 0;
      const [bound, parts] = formulasOf(
        { ...step, entropy },
        { ...settings, method },
        8,
        null,
        format,
      );
      expect(bound!.numbers).toBe('5.500000 = 5.250000 + 0.250000');
      if (method === 'em') expect(parts!.numbers).toBe('5.250000 = 4.750000 + 0.500000');
      else
        expect(parts).toMatchObject({ misprint: 'hardElbo', numbers: '5.250000 = −(-5.250000)' });
    }
  });

  it('name what slides misprint beside the component they are about', () => {
    const list = formulasOf(step, settings, 8, component, format);
    expect(list.map(({ misprint }) => misprint)).toEqual([
      undefined,
      undefined,
      'density',
      'mStep',
    ]);
    expect(list[2]!.numbers).toContain('√diag Σ = (0.2000; 0.1000; 0.1000)');
    expect(list[3]!.numbers).toBe('π = 0.2500, N = 8, N_z = 2.0');
    expect(list[3]!.text).toContain('/ N_z − µµᵀ');
  });
});

describe('worth', () => {
  const worth = {
    ...{ width: 4, height: 2, raw: 24, png: 20, webp: null },
    map: { labels: 2, points: 3, modelBits: 17.5, bytes: 9 },
  };

  it('lists what was measured, in bits', () => {
    expect(waysOf(null, null)).toEqual([]);
    expect(waysOf(worth, null).map(({ key, bits }) => [key, bits])).toEqual([
      ['raw', 192],
      ['png', 160],
      ['mapFile', 72],
      ['map', 17.5],
    ]);
  });

  it('draws more bits longer', () => {
    const ways = waysOf(worth, null);
    const lengths = ways.map(({ bits }) => lengthOf(bits, ways));
    expect(lengths[0]).toBe(1);
    expect(lengths).toEqual([...lengths].sort((a, b) => b - a));
    expect(lengths.at(-1)).toBeGreaterThan(0.1);
  });
});
