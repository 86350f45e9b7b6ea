import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mse, psnr } from '../../src-main/image/metrics';
import type { PhotoFormat } from '../../src-main/image/output';
import { encodePhoto } from '../../src-main/image/output';
import { readPhoto } from '../../src-main/image/photo';
import type { SceneName } from '../photos';
import { renderScene } from '../photos';
import { lavi, start } from './lavi';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lavi-cli-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const size = { width: 192, height: 128 };

async function put(
  name: string,
  scene: SceneName = 'landscape',
  format: PhotoFormat = 'png',
): Promise<string> {
  const path = join(folder, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, await encodePhoto(renderScene(scene, size), format));
  return path;
}

async function filesUnder(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

describe('compress and decompress', () => {
  it('go from photo to file and back, and report what is on disk', async () => {
    const original = await put('photo.png');
    const before = await readFile(original);
    const compressed = await lavi(['compress', 'photo.png', '--json'], folder);
    expect(compressed.stderr).toBe('');
    expect(compressed.code).toBe(0);
    const [result] = compressed.json();
    expect(Object.keys(result!)).toEqual(
      'file output width height quality bytes originalBytes bpp modelBits psnr seconds'.split(' '),
    );
    const bytes = (await stat(join(folder, 'photo.lavi'))).size;
    expect(result).toMatchObject({
      ...size,
      file: 'photo.png',
      output: 'photo.lavi',
      quality: 50,
      bytes,
      originalBytes: before.length,
    });
    expect(result!['bpp']).toBeCloseTo((8 * bytes) / (size.width * size.height), 9);

    const back = await lavi(['decompress', 'photo.lavi', '-o', 'back', '--json'], folder);
    expect(back.code).toBe(0);
    expect(Object.keys(back.json()[0]!)).toEqual(['file', 'output', 'width', 'height', 'seconds']);
    const decoded = await readPhoto(join(folder, 'back/photo.png'));
    const measured = psnr(mse((await readPhoto(original)).rgb, decoded.rgb));
    expect(measured).toBeCloseTo(result!['psnr'] as number, 6);
    expect(await readFile(original)).toEqual(before);
  });

  it('keep a folder, take every photo in it, and let one bad file pass by', async () => {
    await put('in/a.jpg', 'city', 'jpeg');
    await put('in/deep/er/b.webp', 'flowers', 'webp');
    await writeFile(join(folder, 'in/deep/broken.png'), 'not a picture');
    const run = await lavi(['compress', 'in', '-o', 'out', '--json'], folder);
    expect(run.code).toBe(1);
    expect(run.json().map(({ file, output }) => [file, output])).toEqual([
      ['in/a.jpg', 'out/a.lavi'],
      ['in/deep/broken.png', undefined],
      ['in/deep/er/b.webp', 'out/deep/er/b.lavi'],
    ]);
    expect(run.json()[1]!['error']).toMatchObject({ code: 'UNSUPPORTED_IMAGE' });
    const back = await lavi(['decompress', 'out', '-o', 'back', '--format', 'jpeg'], folder);
    expect(back.code).toBe(0);
    expect((await readPhoto(join(folder, 'back/deep/er/b.jpg'))).source).toMatchObject({
      format: 'jpeg',
    });
  });

  it('replace nothing unless told to', async () => {
    await put('photo.png');
    await writeFile(join(folder, 'photo.lavi'), 'mine');
    const refused = await lavi(['compress', 'photo.png', '--json'], folder);
    expect(refused.code).toBe(1);
    expect(refused.json()[0]!['error']).toMatchObject({ code: 'FILE_EXISTS' });
    expect(await readFile(join(folder, 'photo.lavi'), 'utf8')).toBe('mine');
    expect((await lavi(['compress', 'photo.png', '--overwrite'], folder)).code).toBe(0);
    expect((await stat(join(folder, 'photo.lavi'))).size).toBeGreaterThan(100);
  });

  it('meet a target, and write nothing for one that cannot be met', async () => {
    await put('photo.png');
    const fitting = await lavi(['compress', 'photo.png', '--max-bytes', '1.5k', '--json'], folder);
    expect(fitting.json()[0]!['bytes']).toBeLessThanOrEqual(1500);
    await rm(join(folder, 'photo.lavi'));
    const hopeless = await lavi(['compress', 'photo.png', '--max-bytes', '30', '--json'], folder);
    expect(hopeless.code).toBe(1);
    expect(hopeless.json()[0]!['error']).toMatchObject({ code: 'TARGET_UNREACHABLE' });
    expect(await filesUnder(folder)).toEqual(['photo.png']);
  });

  it('fit a folder into a total at one quality, and say how small it can be', async () => {
    await put('in/a.jpg', 'city', 'jpeg');
    await put('in/b.png', 'flowers');
    await writeFile(join(folder, 'in/broken.png'), 'not a picture');
    const run = await lavi(['compress', 'in', '--total', '9k', '-o', 'out', '--json'], folder);
    expect(run.code).toBe(1);
    const [total, a, b, broken] = run.json();
    expect(broken).toMatchObject({ error: { code: 'UNSUPPORTED_IMAGE' } });
    const sizes = await Promise.all(
      ['a', 'b'].map(async (name) => (await stat(join(folder, `out/${name}.lavi`))).size),
    );
    expect(sizes).toEqual([a!['bytes'], b!['bytes']]);
    expect(total).toMatchObject({ total: 9000, bytes: sizes[0]! + sizes[1]! });
    expect(total!['bytes']).toBeLessThanOrEqual(9000);
    expect(total!['bytes']).toBeGreaterThan(8900);
    expect([a!['quality'], b!['quality']]).toEqual([total!['quality'], total!['quality']]);

    const hopeless = await lavi(['compress', 'in/b.png', '--total', '100', '--json'], folder);
    expect(hopeless.code).toBe(1);
    expect(hopeless.json()).toMatchObject([
      { file: 'all files', error: { code: 'TARGET_UNREACHABLE' } },
    ]);
  });

  it('code for structure with --tune ms-ssim, and refuse what does not go with it', async () => {
    await put('photo.png');
    const run = await lavi(['compress', 'photo.png', '--tune', 'ms-ssim', '--json'], folder);
    expect(run.code, run.stderr).toBe(0);
    const [info] = (await lavi(['info', 'photo.lavi', '--json'], folder)).json();
    expect(info).toMatchObject({ tune: 'ms-ssim', bytes: run.json()[0]!['bytes'] });
    const both = await lavi(
      ['compress', 'photo.png', '--tune', 'ms-ssim', '--effort', 'best', '--overwrite'],
      folder,
    );
    expect(both.code).toBe(2);
    expect(both.stderr).toContain('--effort best or --tune ms-ssim');
  });

  it('say nothing with --quiet, and lines for people without', async () => {
    await put('photo.png');
    const quiet = await lavi(['compress', 'photo.png', '--quiet'], folder);
    expect([quiet.code, quiet.stdout, quiet.stderr]).toEqual([0, '', '']);
    const loud = await lavi(['compress', 'photo.png', '--overwrite'], folder);
    expect(loud.stdout).toMatch(/^photo\.png → photo\.lavi .*192×128 .* bpp .* dB .* s\n$/);
  });

  it('leave no half files when interrupted', async () => {
    const original = await put('in/0.png');
    for (let i = 1; i < 40; i++) await copyFile(original, join(folder, `in/${i}.png`));
    const { child, end } = start(['compress', 'in', '-o', 'out'], folder);
    const outputs = () => readdir(join(folder, 'out')).catch(() => []);
    while ((await outputs()).length < 3) await sleep(5);
    child.kill('SIGINT');
    expect((await end).code).toBe(130);
    const left = await outputs();
    expect(left.length).toBeLessThan(40);
    expect(left.filter((name) => !/^\d+\.lavi$/.test(name))).toEqual([]);
    expect((await lavi(['info', 'out'], folder)).code).toBe(0);
  });
});

describe('info, compare and models', () => {
  it('print the modelled bits beside the bytes', async () => {
    await put('photo.png');
    const [made] = (await lavi(['compress', 'photo.png', '--json'], folder)).json();
    const [info] = (await lavi(['info', 'photo.lavi', '--json'], folder)).json();
    expect(info).toMatchObject({ ...size, bytes: made!['bytes'], quality: 50 });
    expect(info!['modelBits']).toBeCloseTo(made!['modelBits'] as number, 6);
    const text = (await lavi(['info', 'photo.lavi'], folder)).stdout;
    expect(text).toContain(`${String(made!['bytes'])} bytes`);
    expect(text).toContain(`${(made!['modelBits'] as number).toFixed(1)} bits`);
  });

  it('measure all codecs on one photo', async () => {
    await put('photo.png');
    const points = (await lavi(['compare', 'photo.png', '--json'], folder)).json();
    const codecs = new Set(points.map(({ codec }) => codec));
    expect([...codecs]).toEqual(['Lavi', 'Lavi MS-SSIM', 'mozjpeg', 'WebP', 'AVIF']);
    for (const codec of codecs) {
      const rates = points.filter((point) => point['codec'] === codec).map(({ bytes }) => bytes);
      expect(rates.length).toBeGreaterThanOrEqual(5);
      expect(rates).toEqual([...rates].sort((a, b) => Number(a) - Number(b)));
    }
    expect(await filesUnder(folder)).toEqual(['photo.png']);
  });

  it('say which provider is used and why', async () => {
    const run = await lavi(['models', '--provider', 'cpu', '--json'], folder);
    expect(run.json()).toEqual([
      expect.objectContaining({
        used: 'cpu',
        why: 'It was asked for.',
        providers: expect.anything(),
      }),
    ]);
  });

  it('name a file that is no .lavi file', async () => {
    await writeFile(join(folder, 'x.lavi'), 'hello');
    const run = await lavi(['info', 'x.lavi', '--json'], folder);
    expect(run.code).toBe(1);
    expect(run.json()[0]!['error']).toMatchObject({ code: 'NOT_LAVI' });
  });
});
