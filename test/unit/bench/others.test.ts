import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runBaseline } from '../../../src-main/image/baselines';
import { mse, psnr } from '../../../src-main/image/metrics';
import { runJxl } from '../../bench/jxl';
import { ssimulacra2 } from '../../bench/ssimulacra2';
import { renderScene } from '../../photos';

const photo = renderScene('flowers', { width: 320, height: 240, seed: 5 });
const small = renderScene('city', { width: 200, height: 160, seed: 5 });

it('SSIMULACRA2 is 100 for equal pictures and falls as JPEG gets coarser, for photos of several sizes', async () => {
  for (const picture of [photo, small]) {
    expect(await ssimulacra2(picture, picture.rgb)).toBe(100);
    const values: number[] = [];
    for (const quality of [95, 75, 40, 10]) {
      const { rgb } = await runBaseline(picture, { codec: 'jpeg', quality });
      values.push(await ssimulacra2(picture, rgb));
    }
    expect(values).toEqual([...values].sort((a, b) => b - a));
    expect(values[0]).toBeGreaterThan(70);
    expect(values[3]).toBeLessThan(60);
  }
});

it('JPEG XL goes to a file and back', async () => {
  const of = async (quality: number) => {
    const { bytes, rgb } = await runJxl(photo, { codec: 'jxl', quality, effort: 7 });
    return { bytes, psnr: psnr(mse(photo.rgb, rgb)) };
  };
  const [low, high] = [await of(30), await of(90)];
  expect(high.bytes).toBeGreaterThan(low.bytes);
  expect(high.psnr).toBeGreaterThan(low.psnr);
  expect(low.psnr).toBeGreaterThan(20);
});

it('AVIF is better in PSNR where it is tuned for it', async () => {
  const of = async (tune: 'psnr' | 'iq') => {
    const curve: [number, number][] = [];
    for (const quality of [45, 55, 65]) {
      const { bytes, rgb } = await runBaseline(photo, { codec: 'avif', quality, effort: 2, tune });
      curve.push([bytes, psnr(mse(photo.rgb, rgb))]);
    }
    return curve;
  };
  const [values, eyes] = [await of('psnr'), await of('iq')];
  // Decibels at the bytes of the other's middle point, between its neighbours.
  const [bytes, decibels] = eyes[1]!;
  const above = values.findIndex(([size]) => size > bytes);
  const [a, b] = above < 1 ? [values[1]!, values[2]!] : [values[above - 1]!, values[above]!];
  const at = a[1] + ((b[1] - a[1]) * Math.log(bytes / a[0])) / Math.log(b[0] / a[0]);
  expect(at).toBeGreaterThan(decibels - 0.05);
});

it.each(['rd', 'speed', 'labels', 'latents', 'seams', 'color', 'color-memory', 'app', 'lossless'])(
  'bench:%s answers --help, and says which option it does not know',
  (name) => {
    const run = (...args: string[]) =>
      spawnSync(process.execPath, ['test/run.mjs', `bench/${name}.ts`, ...args], {
        cwd: join(import.meta.dirname, '../../..'),
        encoding: 'utf8',
      });
    const help = run('--help');
    expect([help.status, help.stdout]).toEqual([0, expect.stringContaining(`bench:${name}`)]);
    const wrong = run('--nonsense');
    expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringContaining('--nonsense')]);
  },
);
