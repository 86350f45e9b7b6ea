import { describe, expect, it, test } from 'vitest';
import sharp from 'sharp';
import { UncoveredSpan } from '../../bench/bd-rate';
import { bdTable, inMsSsim, meanCurve, sharedSpan } from '../../bench/curves';
import { belongs, lavi, otherLadders } from '../../bench/ladders';
import { plotCurves } from '../../bench/plot';
import { fixed, percent, table } from '../../bench/table';

const psnr = [26, 29, 32, 35, 38.5];
const curve = (factor: number) => ({ psnr, bpp: psnr.map((v) => factor * 2 ** ((v - 32) / 5)) });

describe('meanCurve', () => {
  it('averages over photos, setting by setting', () => {
    const point = (k: number) => ({
      bytes: k,
      bpp: k,
      psnr: 30 + k,
      msssim: 0.9,
      ssimulacra2: 70,
      encMs: 2 * k,
      decMs: k,
    });
    const mean = meanCurve(
      [10, 90],
      [
        [point(1), point(3)],
        [point(2), { ...point(5), cached: true }],
      ],
    );
    expect(mean).toMatchObject({ bpp: [1.5, 4], psnr: [31.5, 34], encMs: [3, 8], cached: true });
  });
});

test('a curve in decibels of MS-SSIM', () => {
  const point = (bpp: number, msssim: number) => ({
    bytes: 1,
    bpp,
    psnr: 30,
    msssim,
    ssimulacra2: 70,
    encMs: 1,
    decMs: 1,
  });
  const curve = meanCurve([10, 90], [[point(0.5, 0.9), point(1, 0.99)]]);
  const { bpp, psnr } = inMsSsim(curve);
  expect(bpp).toEqual([0.5, 1]);
  expect(psnr[0]).toBeCloseTo(10, 9);
  expect(psnr[1]).toBeCloseTo(20, 9);
});

describe('bdTable', () => {
  it('compares every curve with every other and with outside anchors', () => {
    const outside = {
      short: { psnr: [30, 31, 32, 33], bpp: [1, 2, 3, 4] },
      double: curve(2),
      a: curve(4),
    };
    const bd = bdTable({ a: curve(1), b: curve(0.8) }, outside, [28, 38]);
    expect(bd['b']!['a']).toBeCloseTo(-20, 8);
    expect(bd['a']!['b']).toBeCloseTo(25, 8);
    expect(bd['a']!['double']).toBeCloseTo(-50, 8);
    expect(bd['a']!['short']).toBeNull();
    expect(bd['a']!['a (given)']).toBeCloseTo(-75, 8);
  });
  it('refuses a measured curve that does not cover the span', () => {
    expect(() => bdTable({ a: curve(1), b: curve(1) }, {}, [28, 39])).toThrow(UncoveredSpan);
    expect(() => bdTable({ a: curve(1) }, {}, [25, 38])).toThrow(/a to cover/);
    expect(() => bdTable({ a: curve(1) }, { double: curve(2) }, [28, 39])).toThrow(/a to cover/);
  });
});

describe('sharedSpan', () => {
  const from = (...levels: number[]) => ({ psnr: levels, bpp: levels });
  it('is what was asked for where all curves reach it, else the part that they share', () => {
    expect(sharedSpan([from(10, 25), from(9, 21)], [11, 20])).toEqual([11, 20]);
    expect(sharedSpan([from(11.13, 25), from(9, 19.57)], [11, 20])).toEqual([11.2, 19.5]);
    expect(sharedSpan([from(18.5, 25), from(9, 20)], [11, 20])).toBeNull();
  });
});

describe('ladders', () => {
  it('put AVIF into the table of what it is tuned for, other codecs into all', () => {
    expect(belongs('avif-e4-420-psnr', 'psnr')).toBe(true);
    expect(belongs('avif-e4-420-iq', 'psnr')).toBe(false);
    expect(belongs('avif-e4-444-ssim', 'msssim')).toBe(true);
    expect(belongs('avif-e4-444-iq', 'ssimulacra2')).toBe(true);
    expect(belongs('jxl-e7', 'msssim')).toBe(true);
  });

  it('rise, with at least 8 points a curve, AVIF at another effort on demand', () => {
    const ladders = otherLadders(6);
    expect(Object.keys(ladders)).toContain('avif-e6-444-ssim');
    for (const rungs of [lavi, ...Object.values(ladders).map((l) => l.map((s) => s.quality))]) {
      expect(rungs.length).toBeGreaterThanOrEqual(8);
      expect([...rungs].sort((x, y) => x - y)).toEqual(rungs);
    }
  });
});

describe('plotCurves', () => {
  it('draws a picture that an SVG reader takes, a line a curve', async () => {
    const svg = plotCurves({ ours: curve(1), 'a<b': curve(2) }, { title: 'R & D', span: [28, 36] });
    expect(svg.match(/<polyline/g)).toHaveLength(2);
    const { width, height } = await sharp(Buffer.from(svg)).metadata();
    expect([width, height]).toEqual([900, 560]);
  });
});

describe('table', () => {
  it('aligns columns and marks what is missing', () => {
    const text = table(
      ['name', 'x'],
      [
        ['a', fixed(1.25, 1)],
        ['long name', percent(null)],
      ],
    );
    expect(text.split('\n')).toEqual([
      'name         x',
      '---------  ---',
      'a          1.3',
      'long name    –',
    ]);
    expect([percent(-12.34), percent(3), percent(0)]).toEqual(['−12.3 %', '+3.0 %', '0.0 %']);
  });
});
