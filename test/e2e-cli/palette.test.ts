import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodePhoto } from '../../src-main/image/output';
import { renderScene } from '../photos';
import { lavi } from './lavi';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lavi-palette-'));
  const scene = renderScene('flowers', { width: 120, height: 80 });
  await writeFile(join(folder, 'flowers.png'), await encodePhoto(scene, 'png'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Palette {
  k: number;
  steps: { step: number; half: string; logLikelihood: number; elbo: number; kl: number }[];
  colours: { lab: number[]; rgb: number[]; weight: number }[];
}
const palette = async (...args: string[]) => {
  const run = await lavi(['palette', 'flowers.png', ...args, '--json'], folder);
  expect(run.stderr).toBe('');
  expect(run.code).toBe(0);
  const lines = run.json();
  expect(lines.length).toBe(1);
  return lines[0] as unknown as Palette;
};

describe('lavi palette', () => {
  it('prints one object: k, the half-steps, and the colours by weight', async () => {
    const { k, steps, colours, ...more } = await palette('--k', '5');
    expect([k, colours.length, more]).toEqual([5, 5, {}]);
    expect(Object.keys(steps[0]!)).toEqual(['step', 'half', 'logLikelihood', 'elbo', 'kl']);
    expect(steps.slice(0, 3).map(({ step, half }) => `${step}${half}`)).toEqual(['1e', '1m', '2e']);
    for (const { logLikelihood, elbo, kl } of steps) {
      expect(Math.abs(elbo + kl - logLikelihood)).toBeLessThan(1e-9 * Math.abs(logLikelihood));
    }
    expect(Object.keys(colours[0]!)).toEqual(['lab', 'rgb', 'weight']);
    const weights = colours.map(({ weight }) => weight);
    expect(weights).toEqual([...weights].sort((a, b) => b - a));
    expect(weights.reduce((a, b) => a + b)).toBeCloseTo(1, 9);
    expect(await palette('--k', '5')).toEqual({ k, steps, colours });
  });

  it('fits hard where asked, with KL left over', async () => {
    const { steps } = await palette('--k', '4', '--hard', '--covariance', 'spherical');
    expect(steps.at(-1)!.half).toBe('e');
    expect(steps.at(-1)!.kl).toBeGreaterThan(0);
  });

  it('writes palettes, and replaces none unasked', async () => {
    const { colours } = await palette('--k', '3', '-o', 'p.css');
    const css = await readFile(join(folder, 'p.css'), 'utf8');
    expect(css.match(/#[0-9a-f]{6}/g)).toEqual(
      colours.map(({ rgb }) => `#${Buffer.from(rgb).toString('hex')}`),
    );
    const again = await lavi(['palette', 'flowers.png', '-o', 'p.css', '--json'], folder);
    expect(again.code).toBe(1);
    expect(again.json()).toMatchObject([{ error: { code: 'FILE_EXISTS' } }]);
    expect(
      (await lavi(['palette', 'flowers.png', '-o', 'p.css', '--overwrite'], folder)).code,
    ).toBe(0);
  });

  it.each([
    [['palette'], /Expected one photo/],
    [['palette', 'flowers.png', '--k', '0'], /from 1 to 256/],
    [['palette', 'flowers.png', '-o', 'p.txt'], /ending in \.aco, \.gpl, \.css, \.png/],
    [
      ['palette', 'flowers.png', '--covariance', 'round'],
      /expects one of full, diagonal, spherical/,
    ],
  ])('ends %j with code 2', async (args, message) => {
    const { code, stderr } = await lavi(args, folder);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});
