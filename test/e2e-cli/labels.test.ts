import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeLabels } from '../../src-main/labels/file';
import { readLabelPng } from '../../src-main/labels/png-map';
import { writeLabelPng } from '../../src-main/labels/png-write';
import { cells, discs, noise } from '../unit/labels/maps';
import { lavi } from './lavi';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lavi-labels-'));
  await mkdir(join(folder, 'maps', 'sub'), { recursive: true });
  await writeFile(join(folder, 'maps', 'a.png'), writeLabelPng(maps.a));
  await writeFile(join(folder, 'maps', 'sub', 'b.png'), writeLabelPng(maps.b));
  await writeFile(join(folder, 'maps', 'sub', 'c.png'), writeLabelPng(maps.c));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const palette = Uint8Array.from({ length: 4 * 7 }, (_, i) => (i % 4 === 3 ? 255 : (i * 9) & 255));
const maps = { a: { ...cells(90, 70, 7), palette }, b: discs(64, 50, 4), c: noise(40, 30, 900) };

describe('lavi labels', () => {
  it('encodes folders and decodes them to PNGs of the same indices and colours', async () => {
    const encoded = await lavi(['labels', 'encode', 'maps', '-o', 'out', '--json'], folder);
    expect(encoded.stderr).toBe('');
    expect(encoded.code).toBe(0);
    const lines = encoded.json();
    expect(lines.length).toBe(3);
    for (const line of lines) {
      expect(Object.keys(line)).toEqual([
        ...['file', 'output', 'width', 'height', 'labels', 'points', 'bytes'],
      ]);
    }
    const { file, points } = encodeLabels(maps.a);
    expect(lines[0]).toEqual({
      ...{ file: 'maps/a.png', output: 'out/a.lavi', width: 90, height: 70 },
      ...{ labels: 7, points, bytes: file.length },
    });
    const decoded = await lavi(['labels', 'decode', 'out', '-o', 'back'], folder);
    expect(decoded.code).toBe(0);
    for (const [name, map] of [
      ['a', maps.a],
      ['sub/b', maps.b],
      ['sub/c', maps.c],
    ] as const) {
      const back = readLabelPng(await readFile(join(folder, 'back', `${name}.png`)));
      expect(Array.from(back.labels)).toEqual(Array.from(map.labels));
      if ('palette' in map) expect(back.palette).toEqual(map.palette);
    }
  });

  it('says where the bits of a file go', async () => {
    const names = join(folder, 'names.json');
    await writeFile(names, JSON.stringify(['ground', 'wall']));
    const options = ['--names', 'names.json', '--void', '0', '--effort', 'best'];
    expect((await lavi(['labels', 'encode', 'maps/a.png', ...options], folder)).code).toBe(0);
    const { code, json } = await lavi(['labels', 'info', 'maps/a.lavi', '--json'], folder);
    expect(code).toBe(0);
    const [info] = json();
    const bytes = (await readFile(join(folder, 'maps/a.lavi'))).length;
    expect(info).toMatchObject({ width: 90, height: 70, labels: 7, bytes, voidLabel: 0, named: 2 });
    const { points, pointShare, pointBits, boundaryEdges, others } = info as {
      [key in 'points' | 'pointShare' | 'pointBits' | 'boundaryEdges']: number;
    } & { others: { png: number; webp: number } };
    expect(pointShare).toBeCloseTo(points / (90 * 70), 12);
    expect(info!['bitsPerBoundaryEdge']).toBeCloseTo(pointBits / boundaryEdges, 9);
    expect(others.png).toBeGreaterThan(0);
    expect(others.webp).toBeGreaterThan(0);
    const text = (await lavi(['labels', 'info', 'maps/a.lavi'], folder)).stdout;
    expect(text).toContain(`${points} points`);
    expect(text).toMatch(/1 wall/);
  });

  it('compares sizes over a folder', async () => {
    const { code, json } = await lavi(['labels', 'compare', 'maps', '--json'], folder);
    expect(code).toBe(0);
    expect(json().map(({ file }) => file)).toEqual([
      'maps/a.png',
      'maps/sub/b.png',
      'maps/sub/c.png',
    ]);
    const [first] = json() as { bytes: Record<string, number> }[];
    expect(first!.bytes['fast']).toBe(encodeLabels(maps.a, { bare: true }).file.length);
    expect(first!.bytes['fast']).toBeLessThan(first!.bytes['png']!);
    expect((await lavi(['labels', 'compare', 'maps'], folder)).stdout).toMatch(/^total/m);
  });

  it('replaces nothing unasked, and goes on after a bad file', async () => {
    await writeFile(join(folder, 'maps', 'bad.png'), 'no picture');
    await writeFile(join(folder, 'maps', 'a.lavi'), 'mine');
    const { code, json } = await lavi(['labels', 'encode', 'maps', '--json'], folder);
    expect(code).toBe(1);
    const failures = json().filter(({ error }) => error);
    expect(failures.map(({ file }) => file)).toEqual(['maps/a.png', 'maps/bad.png']);
    expect(failures.map(({ error }) => (error as { code: string }).code)).toEqual([
      ...['FILE_EXISTS', 'UNSUPPORTED_IMAGE'],
    ]);
    expect((await readFile(join(folder, 'maps', 'a.lavi'))).toString()).toBe('mine');
    expect((await readdir(join(folder, 'maps', 'sub'))).sort()).toEqual([
      ...['b.lavi', 'b.png', 'c.lavi', 'c.png'],
    ]);
    const broken = await lavi(['labels', 'decode', 'maps/a.lavi', '-o', 'back', '--json'], folder);
    expect(broken.code).toBe(1);
    expect(broken.json()).toMatchObject([{ file: 'maps/a.lavi', error: { code: 'NOT_LAVI' } }]);
  });

  it.each([
    [['labels', 'squash'], /Unknown command "squash"/],
    [['labels', 'encode'], /Expected label PNGs or folders to encode/],
    [['labels', 'encode', 'maps', '--effort', 'most'], /expects one of fast, best/],
    [['labels', 'encode', 'maps', '--void', '70000'], /from 0 to 65535/],
    [['labels', 'encode', 'maps', '--names', 'gone.json'], /gone\.json cannot be read/],
  ])('ends %j with code 2', async (args, message) => {
    const { code, stderr } = await lavi(args, folder);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});
