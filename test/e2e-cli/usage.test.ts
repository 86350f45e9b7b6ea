import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lavi } from './lavi';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lavi-cli-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the command line', () => {
  it('prints its help without arguments and with --help, without colours in a pipe', async () => {
    for (const args of [[], ['--help'], ['-h']]) {
      const { code, stdout } = await lavi(args, folder);
      expect(code).toBe(0);
      for (const word of ['compress', 'decompress', 'info', 'compare', 'models']) {
        expect(stdout).toContain(word);
      }
      expect(stdout).not.toContain('\x1b');
    }
    const { code, stdout } = await lavi(['compress', 'x.png', '--help'], folder);
    expect(code).toBe(0);
    expect(stdout).toMatch(/--max-bytes[^]*--no-verify/);
  });

  it('prints its version', async () => {
    expect((await lavi(['--version'], folder)).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each([
    [['shrink', 'a.png'], /Unknown command "shrink"\. Expected one of compress/],
    [['--json'], /Expected a command before --json/],
    [['compress'], /Expected photos or folders to compress, found none/],
    [['compress', 'a.png', '--fast'], /Unknown option --fast/],
    [['compress', 'a.png', '--quality', '101'], /from 0 to 100, found "101"/],
    [['compress', 'a.png', '--bpp', '1', '--psnr', '30'], /Expected one target/],
    [['compress', 'a.png', '--provider', 'gpu'], /expects one of auto, cpu/],
    [['compress', 'a.png', '--threads', '0'], /from 1 to 256/],
    [['decompress', 'a.lavi', '--format', 'bmp'], /expects one of png/],
    [['compare', 'a.png', 'b.png'], /Expected one photo, found 2/],
    [['models', 'x'], /Expected no arguments/],
  ])('ends %j with code 2 and says what was expected', async (args, message) => {
    const { code, stdout, stderr } = await lavi(args, folder);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
  });

  it('ends with code 1 when a file fails, and goes on to the next', async () => {
    await writeFile(join(folder, 'text.png'), 'no picture');
    const { code, stdout, stderr } = await lavi(['compress', 'gone.png', 'text.png'], folder);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^gone\.png: .*\(FILE_NOT_FOUND\)$/m);
    expect(stderr).toMatch(/^text\.png: .*\(UNSUPPORTED_IMAGE\)$/m);
    expect(await readdir(folder)).toEqual(['text.png']);
  });

  it('prints failures as JSON with --json, and nothing else on stdout', async () => {
    const { code, json, stderr } = await lavi(['compress', 'gone.png', '--json'], folder);
    expect(code).toBe(1);
    expect(stderr).toBe('');
    expect(json()).toEqual([
      {
        file: 'gone.png',
        error: { code: 'FILE_NOT_FOUND', message: 'There is no file gone.png.' },
      },
    ]);
  });
});
