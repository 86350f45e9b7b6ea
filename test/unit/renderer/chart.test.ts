import { describe, expect, it } from 'vitest';
import {
  axesFor,
  csvOf,
  cutAt,
  scaleFor,
  seriesOf,
  spread,
  valueAt,
} from '../../../src-renderer/components/chart';

const ours = [
  { quality: 0, bytes: 1000, bpp: 0.1, psnr: 30, msssim: 0.9 },
  { quality: 100, bytes: 10_000, bpp: 1, psnr: 42, msssim: 0.99 },
];
const jpeg = [
  { codec: 'jpeg' as const, setting: 90, bytes: 40_000, bpp: 4, psnr: 46, msssim: 0.995 },
  { codec: 'jpeg' as const, setting: 20, bytes: 3000, bpp: 0.3, psnr: 31, msssim: 0.91 },
];

describe('scaleFor', () => {
  it('puts a few round ticks between the bounds', () => {
    expect(scaleFor(0, 1.08).ticks).toEqual([0, 0.5, 1]);
    expect(scaleFor(28.3, 43.1)).toMatchObject({ ticks: [30, 35, 40], digits: 0 });
    expect(scaleFor(0.91, 0.995).digits).toBe(2);
  });

  it('bears a single value', () => {
    const { low, high } = scaleFor(30, 30);
    expect(high).toBeGreaterThan(low);
  });
});

describe('axesFor', () => {
  it('ends a little after our curve, however far the others go', () => {
    const axes = axesFor(seriesOf(ours, jpeg, 'psnr'))!;
    expect(axes.x.high).toBeCloseTo(1.08, 9);
    expect(axes.y.high).toBeLessThan(43);
  });

  it('is nothing without points', () => {
    expect(axesFor(seriesOf([], [], 'psnr'))).toBeNull();
  });
});

describe('seriesOf', () => {
  it('sorts by rate and leaves out lossless points and silent codecs', () => {
    const lossless = { ...jpeg[0]!, psnr: null };
    const series = seriesOf(ours, [...jpeg, lossless], 'psnr');
    expect(series.map(({ name }) => name)).toEqual(['Lavi', 'JPEG']);
    expect(series[1]!.points.map(({ bpp }) => bpp)).toEqual([0.3, 4]);
  });
});

describe('cutAt and valueAt', () => {
  const line = [
    { bpp: 0, value: 0 },
    { bpp: 1, value: 10 },
    { bpp: 3, value: 14 },
  ];

  it('cuts the last piece where the axis ends', () => {
    expect(cutAt(line, 2)).toEqual([...line.slice(0, 2), { bpp: 2, value: 12 }]);
  });

  it('reads between points, and nothing beside the ends', () => {
    expect(valueAt(line, 2)).toBe(12);
    expect(valueAt(line, 0)).toBe(0);
    expect(valueAt(line, 3.5)).toBeNull();
    expect(valueAt(line.slice(1), 0.5)).toBeNull();
  });
});

describe('spread', () => {
  it('keeps order and gaps within the bounds', () => {
    const placed = spread([50, 52, 51, 99], 10, 0, 100);
    const sorted = [...placed].sort((a, b) => a - b);
    expect(placed[0]).toBeLessThan(placed[2]!);
    expect(placed[2]).toBeLessThan(placed[1]!);
    sorted.slice(1).forEach((y, i) => expect(y - sorted[i]!).toBeGreaterThanOrEqual(10 - 1e-9));
    expect(sorted.at(-1)).toBeLessThanOrEqual(100);
  });
});

describe('csvOf', () => {
  it('writes every measured point', () => {
    const lines = csvOf(ours, jpeg).trim().split('\n');
    expect(lines[0]).toBe('codec,setting,bytes,bpp,psnr_db,ms_ssim');
    expect(lines).toHaveLength(5);
    expect(lines[1]).toBe('lavi,0,1000,0.100000,30.0000,0.900000');
  });
});
