import { mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { BlockBits } from '../../../src-main/engine/common/block-bits';
import type { JobInput, JobKind, JobResult } from '../../../src-main/api/jobs/contract';
import { jobKinds } from '../../../src-main/api/jobs/contract';
import type { JobArgs } from '../../../src-main/api/jobs/contract';
import { Engine } from '../../../src-main/engine/engine';
import { mse, psnr } from '../../../src-main/image/metrics';
import { encodePhoto } from '../../../src-main/image/output';
import { decodePhoto, readPhoto } from '../../../src-main/image/photo';
import { AnalysedPicture } from '../../../src-main/rda/analysed';
import { contentBits } from '../../../src-main/rda/bits';
import { readPhotoFile, writePhotoFile } from '../../../src-main/rda/file';
import { cropRgb, halveRgb } from '../../../src-main/image/tile';
import { renderScene } from '../../photos';

const modelsDir = join(dirname(fileURLToPath(import.meta.url)), '../../../models');
const width = 1100;
const height = 700;

let folder: string;
let file: string;
let engine: Engine;

function run<Kind extends JobKind>(
  kind: Kind,
  args: JobInput<Kind>,
  signal = new AbortController().signal,
): Promise<JobResult<Kind>> {
  const parsed = jobKinds[kind].args.parse(args) as JobArgs<Kind>;
  return engine.run(kind, parsed, { signal, onProgress: () => {} });
}

const pixelsOf = async (name: string) => decodePhoto(await readFile(join(folder, name)));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lavi-pictures-'));
  file = join(folder, 'city.png');
  await writeFile(file, await encodePhoto(renderScene('city', { width, height }), 'png'));
  engine = new Engine({ modelsDir, provider: 'cpu' });
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

describe('a photo in the window', () => {
  it('peeks: upright size and a thumbnail', async () => {
    const { thumb, ...size } = await run('peek', { file, folder });
    expect(size).toEqual({ width, height });
    const small = await pixelsOf(thumb!.name);
    expect(Math.max(small.width, small.height)).toBe(160);
  });

  it('makes a thumbnail of a coded file', async () => {
    const output = join(folder, 'thumb.lavi');
    await run('save', { file, output, quality: 10, metadata: false });
    const { width, height } = await pixelsOf(
      (await run('laviThumb', { file: output, folder })).name,
    );
    expect([width, height]).toEqual([160, 102]);
  });

  it('takes the thumbnail that a coded file carries, without decoding it', async () => {
    const output = join(folder, 'carries.lavi');
    await run('save', { file, output, quality: 10, metadata: true });
    const parts = readPhotoFile(await readFile(output));
    expect(parts.thumbnail!.length).toBeLessThanOrEqual(Math.min(2000, (width * height) / 1000));
    const { thumb, ...size } = await run('peek', { file: output, folder });
    expect(size).toEqual({ width, height });
    const shown = await pixelsOf(thumb!.name);
    const scale = Math.max(shown.width, shown.height) / width;
    expect(shown.height).toBe(Math.round(height * scale));
    const original = await sharp(file).resize(shown.width, shown.height).raw().toBuffer();
    expect(psnr(mse(original, shown.rgb))).toBeGreaterThan(22);

    const bare = join(folder, 'bare.lavi');
    const target = { kind: 'quality', value: 10 } as const;
    await run('compress', { file, output: bare, target, thumbnail: false });
    expect(readPhotoFile(await readFile(bare)).thumbnail).toBeUndefined();
    expect((await run('peek', { file: bare, folder })).thumb).toBeUndefined();

    // A thumbnail that does not open is as good as none.
    const damaged = writePhotoFile({ ...parts, thumbnail: new Uint8Array(50).fill(7) });
    await writeFile(join(folder, 'damaged.lavi'), damaged);
    const peeked = await run('peek', { file: join(folder, 'damaged.lavi'), folder });
    expect(peeked).toEqual({ width, height });
  });

  it('codes a photo once for fitting, viewing, saving and viewing again', async () => {
    const own = new Engine({ modelsDir, provider: 'cpu' });
    try {
      const { model } = await own.codec();
      const analysis = vi.spyOn(model, 'analysis');
      const encode = vi.spyOn(model, 'hyperAnalysis');
      const does = <Kind extends JobKind>(kind: Kind, args: JobInput<Kind>) =>
        own.run(kind, jobKinds[kind].args.parse(args) as JobArgs<Kind>, {
          signal: new AbortController().signal,
          onProgress: () => {},
        });
      const fitted = await does('fit', { files: [{ file }], bytes: 40_000, metadata: true });
      const runs = [analysis.mock.calls.length, encode.mock.calls.length];
      expect(runs[0]).toBeGreaterThan(0);
      const { quality } = fitted;
      const measured = await does('measure', { file, quality });
      const layer = { what: 'decoded', quality } as const;
      const place = { level: 0, x: 0, y: 0, w: 300, h: 200 };
      await does('tiles', { file, folder, layer, ...place });
      const output = join(folder, 'once.lavi');
      const saved = await does('save', { file, output, quality, metadata: true });
      const again = await does('measure', { file, quality });
      expect([analysis.mock.calls.length, encode.mock.calls.length]).toEqual(runs);
      expect(again).toEqual(measured);
      expect(saved).toMatchObject({ bytes: measured.bytes, psnr: measured.psnr });
      expect(measured.bytes).toBe(fitted.bytes);
      const fresh = join(folder, 'fresh.lavi');
      await run('save', { file, output: fresh, quality, metadata: true });
      expect(await readFile(output)).toEqual(await readFile(fresh));
    } finally {
      await own.close();
    }
  });

  it('measures exactly what saving then writes', async () => {
    const output = join(folder, 'city.lavi');
    const date = new Date('2020-05-04T03:02:01Z');
    await utimes(file, date, date);
    const measured = await run('measure', { file, quality: 30 });
    const saved = await run('save', { file, output, quality: 30, metadata: true });
    expect(saved).toMatchObject({ output, kept: false, bytes: measured.bytes });
    expect(saved.psnr).toBe(measured.psnr);
    expect(saved.modelBits).toBe(measured.modelBits);
    expect((await stat(output)).size).toBe(measured.bytes);
    expect((await stat(output)).mtime).toEqual(date);
    expect(measured.hyperBits + measured.latentBits).toBeCloseTo(measured.modelBits, 6);
    const back = join(folder, 'back.png');
    await run('decompress', { file: output, output: back, format: 'png' });
    const decoded = await readPhoto(back);
    expect(psnr(mse((await readPhoto(file)).rgb, decoded.rgb))).toBeCloseTo(measured.psnr!, 9);
  });

  it('glimpses a rate near to what the whole takes', async () => {
    const glimpse = await run('glimpse', { file, quality: 30 });
    const measured = await run('measure', { file, quality: 30 });
    expect(glimpse.bytes).not.toBe(measured.bytes);
    expect(Math.abs(glimpse.bytes / measured.bytes - 1)).toBeLessThan(0.3);
    expect(Math.abs(glimpse.psnr! - measured.psnr!)).toBeLessThan(1.5);
  });

  it('shows the original in tiles that join without a gap', async () => {
    const original = await readPhoto(file);
    const { levels } = await run('open', { file });
    expect(levels).toBe(2);
    const all = { layer: { what: 'original' }, level: 0, x: 0, y: 0, w: width, h: height } as const;
    const tiles = await run('tiles', { file, folder, ...all });
    expect(tiles.map(({ x, y, w, h }) => [x, y, w, h])).toEqual([
      [0, 0, 1024, 700],
      [1024, 0, 76, 700],
    ]);
    for (const tile of tiles) {
      const { rgb } = await pixelsOf(tile.name);
      for (let y = 0; y < tile.h; y += 97) {
        const row = ((tile.y + y) * width + tile.x) * 3;
        expect(rgb.subarray(y * tile.w * 3, (y + 1) * tile.w * 3)).toEqual(
          original.rgb.subarray(row, row + tile.w * 3),
        );
      }
    }
  });

  it('shows a part, and smaller scales, as the whole decodes there', async () => {
    // Not measured at this quality before; across the border of two coding tiles, which lies at 576.
    const layer = { what: 'decoded', quality: 42 } as const;
    const place = { x: 500, y: 301, w: 161, h: 119 };
    const [tile] = await run('tiles', { file, folder, layer, level: 0, ...place });
    expect(tile).toMatchObject(place);
    const smaller = { layer, level: 1, x: 530, y: 340, w: 9, h: 9 };
    const [small] = await run('tiles', { file, folder, ...smaller });
    expect(small).toMatchObject({ x: 512, y: 0, w: 38, h: 350 });
    const output = join(folder, 'part.lavi');
    await run('save', { file, output, quality: 42, metadata: true });
    const back = join(folder, 'part.png');
    await run('decompress', { file: output, output: back, format: 'png' });
    const whole = await readPhoto(back);
    const { rgb } = await pixelsOf(tile!.name);
    const wanted = cropRgb(whole, place);
    const differences = rgb.map((value, i) => Math.abs(value - wanted[i]!));
    expect(differences.reduce((most, one) => Math.max(most, one))).toBeLessThanOrEqual(1);
    expect((await pixelsOf(small!.name)).rgb).toEqual(cropRgb(halveRgb(whole), small!));
  });

  it('shares all bits out over the blocks', async () => {
    const { model } = await engine.codec();
    const picture = renderScene('flowers', { width: 200, height: 150 });
    const analysed = await AnalysedPicture.of(model, picture);
    const coded = await analysed.quantise(500);
    const blocks = new BlockBits(model, analysed.grid, coded);
    const { hyper, latents } = contentBits(model, coded.tiles);
    const sum = blocks.bits.reduce((total, bits) => total + bits, 0);
    expect(sum / (hyper + latents)).toBeCloseTo(1, 5);
  });

  it('finds the worst spots and paints overlays', async () => {
    const measured = await run('measure', { file, quality: 30 });
    const spots = await run('worst', { file, quality: 30, n: 4 });
    expect(spots).toHaveLength(4);
    expect(spots.map(({ mse }) => mse)).toEqual(spots.map(({ mse }) => mse).sort((a, b) => b - a));
    const whole = 255 ** 2 / 10 ** (measured.psnr! / 10);
    expect(spots[0]!.mse).toBeGreaterThan(whole);
    const { x, y } = spots[0]!;
    const { bits, mse: blockError } = await run('probe', { file, quality: 30, x, y });
    expect(bits).toBeGreaterThan(0);
    expect(blockError).toBeGreaterThan(0);
    const overlay = { level: 1, x: 0, y: 0, w: 550, h: 350 };
    for (const what of ['bits', 'error'] as const) {
      const [tile] = await run('tiles', { file, folder, layer: { what, quality: 30 }, ...overlay });
      expect((await pixelsOf(tile!.name)).alpha?.some((alpha) => alpha > 0)).toBe(true);
    }
  });

  it('refuses a rectangle outside the level', async () => {
    const outside = { layer: { what: 'original' }, level: 1, x: 550, y: 0, w: 1, h: 1 } as const;
    await expect(run('tiles', { file, folder, ...outside })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
  });

  it('keeps the original where the coded file would not be smaller', async () => {
    const tiny = join(folder, 'tiny.jpg');
    const scene = renderScene('flowers', { width: 200, height: 150 });
    await writeFile(tiny, await encodePhoto(scene, 'jpeg', { quality: 3 }));
    const names = { output: join(folder, 'tiny.lavi'), copy: join(folder, 'kept.jpg') };
    const saved = await run('save', { file: tiny, ...names, quality: 100, metadata: true });
    expect(saved).toMatchObject({ kept: true, output: names.copy });
    expect(await readFile(names.copy)).toEqual(await readFile(tiny));
    await expect(stat(names.output)).rejects.toThrow();
  });

  it('finds the setting of another codec nearest to a size', async () => {
    const point = await run('match', { file, codec: 'jpeg', by: 'bytes', value: 60_000 });
    const next = (step: number) =>
      run('match', { file, codec: 'jpeg', by: 'bytes', value: point.bytes + step });
    expect((await next(0)).setting).toBe(point.setting);
    expect(Math.abs(point.bytes - 60_000)).toBeLessThan(6_000);
  });

  it('goes on for others when the job that began the work is cancelled', async () => {
    const controller = new AbortController();
    const quality = 77;
    const first = run('measure', { file, quality }, controller.signal);
    const second = run('worst', { file, quality, n: 1 });
    setTimeout(() => controller.abort(), 5);
    await expect(first).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await second).toHaveLength(1);
  });
});
