import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from 'citty';
import type { CommandDef } from 'citty';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { encodePhoto } from '../../../src-main/image/output';
import { readSamples, writeSamplesPng } from '../../../src-main/image/samples';
import { losslessCommand } from '../../../src-main/shell/cli/lossless/lossless';

let folder: string;
let out: string;
let err: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lavi-lossless-'));
  out = err = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((err += String(text)), true));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
  process.exitCode = 0;
});

const lavi = (...rawArgs: string[]) => runCommand(losslessCommand as CommandDef, { rawArgs });

test('encodes and decodes: the PNG holds the same samples of 16 bits', async () => {
  const data = Uint16Array.from({ length: 9 * 7 * 3 }, (_, i) => (i * 40503) & 65535);
  const picture = { width: 9, height: 7, channels: 3, depth: 16 as const, data };
  writeFileSync(join(folder, 'a.png'), await writeSamplesPng(picture, {}));
  await lavi('encode', join(folder, 'a.png'), '-o', join(folder, 'o'), '--json');
  expect(JSON.parse(out)).toMatchObject({ width: 9, height: 7, channels: 3, depth: 16 });
  await lavi('decode', join(folder, 'o', 'a.lavi'), '--quiet');
  expect(err).toBe('');
  expect(await readSamples(join(folder, 'o', 'a.png'))).toMatchObject(picture);
});

test('a bad file fails by name and the next one is coded; an output that exists is kept', async () => {
  const data = new Uint8Array(12).fill(9);
  const png = await writeSamplesPng({ width: 4, height: 3, channels: 1, depth: 8, data }, {});
  writeFileSync(join(folder, 'a.png'), 'no picture');
  writeFileSync(join(folder, 'b.png'), png);
  await lavi('encode', folder, '--quiet');
  expect(err).toContain('a.png');
  expect(process.exitCode).toBe(1);
  expect(readdirSync(folder).sort()).toEqual(['a.png', 'b.lavi', 'b.png']);
  const before = readFileSync(join(folder, 'b.lavi'));
  err = '';
  await lavi('encode', join(folder, 'b.png'), '--quiet');
  expect(err).toContain('FILE_EXISTS');
  expect(readFileSync(join(folder, 'b.lavi'))).toEqual(before);
});

test('a JPEG that is smaller than its pixels is left as it is', async () => {
  const rgb = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 2654435761) >>> 24);
  const jpeg = await encodePhoto({ width: 64, height: 64, rgb }, 'jpeg', { quality: 30 });
  writeFileSync(join(folder, 'a.jpg'), jpeg);
  await lavi('encode', join(folder, 'a.jpg'));
  expect(err).toContain('keep the JPEG');
  expect(readdirSync(folder)).toEqual(['a.jpg']);
});
