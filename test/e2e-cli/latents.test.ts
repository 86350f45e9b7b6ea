import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodePhoto } from '../../src-main/image/output';
import { readPhoto } from '../../src-main/image/photo';
import { renderScene } from '../photos';
import { lavi } from './lavi';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lavi-latents-'));
  for (const name of ['flowers', 'city'] as const) {
    const scene = renderScene(name, { width: 160, height: 120 });
    await writeFile(join(folder, `${name}.png`), await encodePhoto(scene, 'png'));
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('lavi latents', () => {
  it('encodes a crop, says what it costs, and decodes it', async () => {
    const run = await lavi(['latents', 'encode', 'flowers.png', '-o', 'out', '--json'], folder);
    expect(run.stderr).toBe('');
    const [said] = run.json() as [
      {
        alive: number;
        latents: number;
        bits: Record<string, number>;
        bitsPerDimension: { predicted: number };
      },
    ];
    const file = JSON.parse(await readFile(join(folder, 'out/flowers.latents.json'), 'utf8'));
    const sum = (file.klBits as number[]).reduce((a, b) => a + b);
    expect(said.bits['kl']).toBeCloseTo(sum, 6);
    expect(said.alive).toBeLessThanOrEqual(said.latents);
    const perDim = (said.bits['kl']! + said.bits['predicted']!) / 12_288;
    expect(said.bitsPerDimension.predicted).toBeCloseTo(perDim, 9);
    const back = await lavi(['latents', 'decode', 'out/flowers.latents.json', '-o', 'out'], folder);
    expect(back.code).toBe(0);
    expect((await readPhoto(join(folder, 'out/flowers.png'))).width).toBe(64);
    const wrong = await lavi(['latents', 'decode', 'flowers.png', '--json'], folder);
    expect(wrong.code).toBe(1);
    expect(wrong.json()).toMatchObject([{ error: { code: 'FILE_UNREADABLE' } }]);
  });

  it('samples by seed and replaces nothing unasked', async () => {
    const sample = (...more: string[]) =>
      lavi(
        ['latents', 'sample', '--seed', '5', '--count', '2', '-o', 's', '--json', ...more],
        folder,
      );
    expect((await sample()).json()).toEqual([
      { seed: 5, output: join('s', 'sample-5.png') },
      { seed: 6, output: join('s', 'sample-6.png') },
    ]);
    const first = await readFile(join(folder, 's/sample-5.png'));
    expect(first).not.toEqual(await readFile(join(folder, 's/sample-6.png')));
    expect((await sample()).json()).toMatchObject([{ error: { code: 'FILE_EXISTS' } }]);
    expect((await sample('--overwrite')).code).toBe(0);
    expect(await readFile(join(folder, 's/sample-5.png'))).toEqual(first);
  });

  it('interpolates from one photo to the other', async () => {
    const run = await lavi(
      ['latents', 'interpolate', 'flowers.png', 'city.png', '--count', '3', '-o', 'i', '--json'],
      folder,
    );
    expect(run.json().map(({ share }) => share)).toEqual([0, 0.5, 1]);
    const pictures = await Promise.all(
      [1, 2, 3].map(async (n) => (await readPhoto(join(folder, `i/between-${n}.png`))).rgb),
    );
    const far = (a: Uint8Array, b: Uint8Array) =>
      a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0);
    const [a, middle, b] = pictures as [Uint8Array, Uint8Array, Uint8Array];
    expect(far(a, middle)).toBeLessThan(far(a, b));
    expect(far(middle, b)).toBeLessThan(far(a, b));
  });

  it.each([
    [['latents', 'interpolate', 'flowers.png'], /Expected two photos, found 1/],
    [['latents', 'sample', '--count', '0'], /from 1 to 10000/],
    [['latents', 'encode', 'flowers.png', '--x', '3'], /--x and --y go together/],
  ])('ends %j with code 2', async (args, message) => {
    const { code, stderr } = await lavi(args, folder);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});
