import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { mse, msSsim, psnr } from '../../../src-main/image/metrics';
import { Codec } from '../../../src-main/rda/codec';
import { renderScene } from '../../photos';

const modelsDir = join(import.meta.dirname, '../../../models');
const photo = renderScene('wall', { width: 384, height: 256, seed: 4 });
let codec: Codec;

beforeAll(async () => {
  codec = await Codec.load({ modelsDir, provider: 'cpu' });
});
afterAll(() => codec.close());

it('each tune is the better one in its own measure, at the same size', async () => {
  const of = async (tune: 'psnr' | 'ms-ssim') => {
    const out = await codec.compress(photo, { target: { kind: 'bpp', value: 0.6 }, tune });
    const { rgb } = await codec.decompress(out.file);
    expect(psnr(mse(photo.rgb, rgb))).toBeCloseTo(out.psnr, 9);
    const { tune: named, model } = await codec.info(out.file);
    expect(named).toBe(tune);
    return { psnr: out.psnr, msssim: msSsim(photo.rgb, rgb, photo.width, photo.height), model };
  };
  const [values, structure] = [await of('psnr'), await of('ms-ssim')];
  expect(values.psnr).toBeGreaterThan(structure.psnr);
  expect(structure.msssim).toBeGreaterThan(values.msssim);
  expect(structure.model).not.toBe(values.model);
});

it('refuses best effort, which lowers another distortion', async () => {
  const target = { kind: 'quality', value: 30 } as const;
  await expect(
    codec.compress(photo, { target, tune: 'ms-ssim', effort: 'best' }),
  ).rejects.toMatchObject({ code: 'BAD_REQUEST' });
});

it('says when a model folder has no such tune, for coding and for decoding', async () => {
  const target = { kind: 'quality', value: 30 } as const;
  const { file } = await codec.compress(photo, { target, tune: 'ms-ssim' });
  const copy = await mkdtemp(join(tmpdir(), 'lavi-models-'));
  await cp(modelsDir, copy, { recursive: true, filter: (path) => !path.includes('ms-ssim') });
  const path = join(copy, 'manifest.json');
  const manifest = JSON.parse(await readFile(path, 'utf8')) as { id: string };
  await writeFile(path, JSON.stringify({ ...manifest, tunes: {} }));
  const plain = await Codec.load({ modelsDir: copy, provider: 'cpu' });
  await expect(plain.compress(photo, { target, tune: 'ms-ssim' })).rejects.toMatchObject({
    code: 'MODEL_MISSING',
  });
  await expect(plain.decompress(file)).rejects.toMatchObject({
    code: 'WRONG_MODEL',
    detail: { found: manifest.id.slice(0, 8) },
  });
  await plain.close();
});
