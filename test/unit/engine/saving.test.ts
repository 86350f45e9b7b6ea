import { mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobArgs, JobInput, JobKind, JobResult } from '../../../src-main/api/jobs/contract';
import { jobKinds } from '../../../src-main/api/jobs/contract';
import { Engine } from '../../../src-main/engine/engine';
import { encodePhoto } from '../../../src-main/image/output';
import { readPhoto } from '../../../src-main/image/photo';
import { readPhotoFile } from '../../../src-main/rda/file';
import type { SceneName } from '../../photos';
import { renderScene } from '../../photos';

const modelsDir = join(import.meta.dirname, '../../../models');
const names: SceneName[] = ['landscape', 'city', 'flowers'];
const date = new Date('2019-08-07T06:05:04Z');

let folder: string;
let files: string[];
let engine: Engine;

function run<Kind extends JobKind>(
  kind: Kind,
  args: JobInput<Kind>,
  signal = new AbortController().signal,
): Promise<JobResult<Kind>> {
  const parsed = jobKinds[kind].args.parse(args) as JobArgs<Kind>;
  return engine.run(kind, parsed, { signal, onProgress: () => {} });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lavi-saving-'));
  files = names.map((name) => join(folder, `${name}.png`));
  for (const [i, name] of names.entries()) {
    const scene = renderScene(name, { width: 128 + 64 * i, height: 128, seed: i });
    await writeFile(files[i]!, await encodePhoto(scene, 'png'));
    await utimes(files[i]!, date, date);
  }
  engine = new Engine({ modelsDir, provider: 'cpu', threads: 1 });
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

describe('a total for all', () => {
  const fit = (bytes: number, paths = files) =>
    run('fit', { files: paths.map((file) => ({ file })), bytes, metadata: true });

  it('is met by the files really written, all at one λ, and never exceeded', async () => {
    const room = { smallest: 0, largest: 0 };
    for (const file of files) {
      const { points } = await run('estimate', { file, metadata: true, timed: false });
      room.smallest += points[0]!.bytes;
      room.largest += points.at(-1)!.bytes;
    }
    for (const share of [0.1, 0.5, 0.9]) {
      const target = Math.round(room.smallest ** (1 - share) * room.largest ** share);
      const fitted = await fit(target);
      let sum = 0;
      const qualities = new Set<number>();
      for (const [i, one] of fitted.files.entries()) {
        const output = join(folder, `${names[i]!} ${share}.lavi`);
        if (!('bytes' in one)) throw new Error(one.error.message);
        await run('save', {
          ...{ file: one.file, output, quality: fitted.quality, metadata: true },
          atMost: one.bytes,
        });
        const written = await readFile(output);
        expect(written.length).toBe(one.bytes);
        sum += written.length;
        qualities.add(readPhotoFile(written).header.quality);
      }
      expect(sum).toBe(fitted.bytes);
      expect(sum).toBeLessThanOrEqual(target);
      expect(sum).toBeGreaterThan(0.99 * target);
      // Quality on the wire is in 1/16 points, and one quality is one λ.
      expect(qualities.size).toBe(1);
    }
  });

  it('says the smallest that is possible', async () => {
    const failure = await fit(500).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'TARGET_UNREACHABLE' });
    const { nearest } = (failure as { detail: { nearest: number } }).detail;
    expect((await fit(nearest)).bytes).toBeLessThanOrEqual(nearest);
    await expect(fit(nearest - 1)).rejects.toMatchObject({ detail: { nearest } });
  });

  it('leaves out a file that it cannot read and says why', async () => {
    const broken = join(folder, 'broken.png');
    await writeFile(broken, 'no photo');
    const fitted = await fit(12_000, [broken, ...files]);
    expect(fitted.files[0]).toMatchObject({ error: { code: 'UNSUPPORTED_IMAGE' } });
    expect(fitted.bytes).toBeLessThanOrEqual(12_000);
    await expect(fit(12_000, [broken])).rejects.toMatchObject({ code: 'UNSUPPORTED_IMAGE' });
  });

  it('writes nothing that has grown since it was measured', async () => {
    const output = join(folder, 'grown.lavi');
    const args = { file: files[0]!, output, quality: 60, metadata: true, atMost: 300 };
    await expect(run('save', args)).rejects.toMatchObject({ code: 'TARGET_UNREACHABLE' });
    await expect(stat(output)).rejects.toThrow();
  });
});

describe('a photo that would grow', () => {
  it('counts and is kept as it is, unless coding it anyway is asked for', async () => {
    const file = join(folder, 'tiny.jpg');
    const scene = renderScene('flowers', { width: 200, height: 150 });
    await writeFile(file, await encodePhoto(scene, 'jpeg', { quality: 3 }));
    const { size } = await stat(file);
    const args = { file, quality: 100, metadata: true };
    const copy = join(folder, 'tiny copy.jpg');
    const kept = await run('save', { ...args, output: join(folder, 'tiny.lavi'), copy });
    expect(kept).toMatchObject({ kept: true, output: copy, bytes: size });
    const fitted = await run('fit', { files: [{ file }], bytes: size, metadata: true });
    expect(fitted.files).toMatchObject([{ bytes: size, kept: true }]);

    const output = join(folder, 'anyway.lavi');
    const coded = await run('save', { ...args, output, copy, anyway: true });
    expect(coded).toMatchObject({ kept: false, output, bytes: (await stat(output)).size });
    expect(coded.bytes).toBeGreaterThanOrEqual(size);
    const decoded = await run('export', {
      ...{ file: output, output: join(folder, 'anyway.png'), format: 'png', metadata: true },
    });
    expect((await readPhoto(decoded.output)).width).toBe(200);
  });
});

describe('an export', () => {
  it.each(['png', 'jpeg', 'webp', 'avif', 'tiff'] as const)(
    'to %s keeps pixels, metadata and dates, and replaces nothing',
    async (format) => {
      const file = join(folder, `camera for ${format}.png`);
      const scene = renderScene('city', { width: 96, height: 64 });
      const exif = Uint8Array.from(
        Buffer.from('49492a000800000001000e010200050000001a0000000000000061626364000000', 'hex'),
      );
      const xmp = new TextEncoder().encode('<x:xmpmeta xmlns:x="adobe:ns:meta/"></x:xmpmeta>');
      await writeFile(file, await encodePhoto({ ...scene, exif, xmp }, 'png'));
      await utimes(file, date, date);
      const output = join(folder, `out for ${format}`);
      const args = { file, output, format, metadata: true, formatQuality: 90 };
      const saved = await run('export', args);
      expect((await stat(output)).mtime).toEqual(date);
      expect(saved).toMatchObject({ output, bytes: (await stat(output)).size });
      const back = await readPhoto(output);
      expect([back.width, back.height, back.source?.format]).toEqual([96, 64, format]);
      expect(back.exif && Buffer.from(back.exif).includes('abcd')).toBe(true);
      expect(back.xmp?.length).toBeGreaterThan(0);
      if (format === 'png' || format === 'tiff') expect(back.rgb).toEqual(scene.rgb);
      await expect(run('export', args)).rejects.toMatchObject({ code: 'FILE_EXISTS' });
      const bare = await run('export', { ...args, output: `${output} bare`, metadata: false });
      expect((await readPhoto(bare.output)).exif).toBeUndefined();
    },
  );
});

describe('an estimate', () => {
  it('of a small photo is what saving it comes to, and tells how long that takes', async () => {
    const [file] = files;
    const found = await run('estimate', { file: file!, metadata: true, timed: true });
    expect(found).toMatchObject({ width: 128, height: 128 });
    expect(found.secondsPerMegapixel).toBeGreaterThan(0);
    for (const { quality, bytes } of found.points.slice(1, 4)) {
      const measured = await run('measure', { file: file!, quality });
      expect(bytes).toBe(measured.bytes);
    }
  });

  it('of a large one is near it, from some of its pixels', async () => {
    const file = join(folder, 'large.png');
    const scene = renderScene('landscape', { width: 1088, height: 576 });
    await writeFile(file, await encodePhoto(scene, 'png'));
    const { points } = await run('estimate', { file, metadata: true, timed: false });
    const measured = await run('measure', { file, quality: 50 });
    const ratio = points[2]!.bytes / measured.bytes;
    expect(ratio).toBeGreaterThan(0.67);
    expect(ratio).toBeLessThan(1.5);
  });
});
