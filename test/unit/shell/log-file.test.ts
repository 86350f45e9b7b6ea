import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LogFile, oldLog, readLog } from '../../../src-main/shell/process/log-file';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lavi-log-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('the log', () => {
  it('is lines of JSON, each with its time, in a folder that need not be there', async () => {
    const log = new LogFile(join(root, 'deep', 'web.log'));
    log.write('engine crashed', { pid: 7, lastWords: 'two\nlines', jobs: [{ job: 'a' }] });
    log.write('stopped');
    const lines = (await readFile(log.file, 'utf8')).trim().split('\n');
    const [first, second] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(first).toMatchObject({ event: 'engine crashed', pid: 7, lastWords: 'two\nlines' });
    expect(Math.abs(Date.now() - Date.parse(String(first!['at'])))).toBeLessThan(60_000);
    expect(second).toMatchObject({ event: 'stopped' });
    expect(lines).toHaveLength(2);
  });

  it('keeps one old log, and is read over both, oldest first', async () => {
    const log = new LogFile(join(root, 'web.log'), 100);
    for (let i = 0; i < 9; i++) log.write('entry', { i });
    expect((await readFile(log.file, 'utf8')).length).toBeLessThan(200);
    expect(await readFile(oldLog(log.file), 'utf8')).not.toBe('');
    const read = (await readLog(log.file, root)).trim().split('\n');
    const numbers = read.map((line) => (JSON.parse(line) as { i: number }).i);
    expect(numbers.at(-1)).toBe(8);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(numbers.length).toBeGreaterThan(1);
  });

  it('is copied from a whole line on, without the name of the home folder', async () => {
    const log = new LogFile(join(root, 'web.log'));
    log.write('first');
    log.write('job failed', { message: `${root}/photos/a.jpg is no photo.` });
    const tail = await readLog(log.file, root, 120);
    expect(JSON.parse(tail)).toMatchObject({ message: '~/photos/a.jpg is no photo.' });
    const windows = 'C:\\Users\\me';
    log.write('job failed', { message: `${windows}\\a.jpg` });
    const all = await readLog(log.file, windows);
    expect(JSON.parse(all.trim().split('\n').at(-1)!)).toMatchObject({ message: '~\\a.jpg' });
  });

  it('is empty where none is, and stops no work where it cannot be written', async () => {
    await writeFile(join(root, 'file'), '');
    const log = new LogFile(join(root, 'file', 'web.log'));
    log.write('lost');
    expect(await readLog(log.file, root)).toBe('');
  });
});
