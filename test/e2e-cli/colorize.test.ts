import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { encodePhoto } from '../../src-main/image/output';
import { readPhoto } from '../../src-main/image/photo';
import { readLabelPng } from '../../src-main/labels/png-map';
import { writeLabelPng } from '../../src-main/labels/png-write';
import { renderScene } from '../photos';
import { lavi } from './lavi';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lavi-colour-'));
  const scene = renderScene('landscape', { width: 96, height: 64 });
  await writeFile(join(folder, 'photo.png'), await encodePhoto(scene, 'png'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('colorize writes a picture a sample and says what each costs', async () => {
  const run = await lavi(
    ['colorize', 'photo.png', '--samples', '2', '--seed', '5', '--json'],
    folder,
  );
  expect(run.stderr).toBe('');
  expect(run.code).toBe(0);
  const lines = run.json();
  const keys = 'file output sample seed bitsLabels bitsColour bitsPerSample seconds'.split(' ');
  lines.forEach((line) => expect(Object.keys(line)).toEqual(keys));
  expect(lines.map(({ output, sample, seed }) => [output, sample, seed])).toEqual([
    ['photo.colour-1.png', 1, 5],
    ['photo.colour-2.png', 2, 6],
  ]);
  const samples = 32 * 21 * 16;
  for (const { bitsLabels, bitsColour, bitsPerSample } of lines as Record<string, number>[]) {
    expect(bitsPerSample! * samples).toBeCloseTo(bitsLabels! + bitsColour!, 6);
  }
  const coloured = await readPhoto(join(folder, 'photo.colour-1.png'));
  expect([coloured.width, coloured.height]).toEqual([96, 64]);
  expect(Buffer.from(coloured.xmp!).toString('utf8')).toContain('AI colourised');
  // Outputs are not replaced unasked.
  expect((await lavi(['colorize', 'photo.png', '--samples', '2'], folder)).code).toBe(1);

  // The same seed gives the same file, whatever the number of threads.
  const again = ['colorize', 'photo.png', '--seed', '6', '-o', 'again', '--threads', '1'];
  expect((await lavi(again, folder)).code).toBe(0);
  const [one, two] = await Promise.all(
    ['again/photo.colour.png', 'photo.colour-2.png'].map((name) => readFile(join(folder, name))),
  );
  expect(one!.equals(two!)).toBe(true);
});

it('colorize writes .lavi files that come back in the same colours, with the note', async () => {
  const common = ['colorize', 'photo.png', '--seed', '5', '--vivid', '2'];
  expect((await lavi([...common, '-o', 'png'], folder)).code).toBe(0);
  const run = await lavi(
    [...common, '-o', 'lavi', '--format', 'lavi', '--quality', '99.5', '--json'],
    folder,
  );
  expect(run.stderr).toBe('');
  expect(run.json()[0]).toMatchObject({ output: 'lavi/photo.colour.lavi', seed: 5 });
  expect((await lavi(['decompress', 'lavi', '-o', 'back'], folder)).code).toBe(0);
  const [coloured, back] = await Promise.all(
    ['png/photo.colour.png', 'back/photo.colour.png'].map((name) => readPhoto(join(folder, name))),
  );
  expect(Buffer.from(back!.xmp!)).toEqual(Buffer.from(coloured!.xmp!));
  // The codec's error is far below what the colours themselves come to.
  const chroma = coloured!.rgb.map((_, i, rgb) => Math.abs(rgb[i]! - rgb[i - (i % 3) + 1]!));
  const mean = (values: Uint8Array) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const error = coloured!.rgb.map((value, i) => Math.abs(value - back!.rgb[i]!));
  expect(mean(error)).toBeLessThan(mean(chroma) / 3);

  expect((await lavi([...common, '--format', 'lavi', '--quality', '101'], folder)).code).toBe(2);
});

it('segment writes named labels that colorize can be held to', async () => {
  expect((await lavi(['segment', 'photo.png'], folder)).code).toBe(0);
  const path = join(folder, 'photo.labels.png');
  const map = readLabelPng(await readFile(path));
  expect([map.width, map.height]).toEqual([96, 64]);
  for (const label of new Set(map.labels)) expect(map.names![label]).toBeTruthy();

  // One label over all of the photo: every seed must give the same picture.
  map.labels.fill(12);
  await writeFile(path, writeLabelPng(map));
  const args = [
    'colorize',
    'photo.png',
    '--labels',
    'photo.labels.png',
    '--samples',
    '2',
    '--json',
  ];
  const run = await lavi(args, folder);
  expect(run.stderr).toBe('');
  const [one, two] = run.json();
  expect(one!['bitsLabels']).toBe(two!['bitsLabels']);
  const pictures = await Promise.all(
    [1, 2].map((n) => readFile(join(folder, `photo.colour-${n}.png`))),
  );
  expect(pictures[0]!.equals(pictures[1]!)).toBe(true);
});

it('score prints bits beside the baselines, and refuses another shape', async () => {
  const run = await lavi(['score', 'photo.png', 'photo.png', '--json'], folder);
  expect(run.stderr).toBe('');
  const [result] = run.json();
  expect(Object.keys(result!)).toEqual(['bitsLabels', 'bitsColour', 'bitsPerSample', 'baselines']);
  expect(Object.keys(result!['baselines'] as object)).toEqual(
    expect.arrayContaining(['abHistogram', 'givenL', 'palette', 'one']),
  );
  const tall = renderScene('landscape', { width: 64, height: 96 });
  await writeFile(join(folder, 'tall.png'), await encodePhoto(tall, 'png'));
  const refused = await lavi(['score', 'photo.png', 'tall.png', '--json'], folder);
  expect(refused.code).toBe(1);
  expect(refused.json()[0]).toMatchObject({ error: { code: 'BAD_REQUEST' } });
  expect((await lavi(['score', 'photo.png'], folder)).code).toBe(2);
});
