import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { filesOnCommandLine } from '../../../src-main/shell/electron/opened-files';
import { RecentFiles } from '../../../src-main/shell/electron/recent-files';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'lavi-opened-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('files on the command line', () => {
  it('are those that are there, relative ones beside the caller; never options, never the app', async () => {
    await writeFile(join(folder, 'a.lavi'), '');
    await writeFile(join(folder, '-b.lavi'), '');
    const argv = ['--no-sandbox', folder, 'a.lavi', '-b.lavi', join(folder, 'a.lavi'), 'none', ''];
    const path = join(folder, 'a.lavi');
    expect(filesOnCommandLine(argv, folder, `${folder}/`)).toEqual([path, path]);
  });
});

describe('recent files', () => {
  it('are the newest ten, each once, and the next run has them', async () => {
    let changes = 0;
    const recent = new RecentFiles(folder, () => changes++);
    recent.add(['/a', '/b']);
    recent.add(['/b']);
    expect(recent.paths).toEqual(['/b', '/a']);
    recent.add(Array.from({ length: 20 }, (_, n) => `/${n}`));
    expect(recent.paths).toHaveLength(10);
    expect(recent.paths[0]).toBe('/0');
    recent.remove('/0');
    await recent.flushed();
    expect(new RecentFiles(folder).paths).toEqual(recent.paths);
    recent.clear();
    await recent.flushed();
    expect(new RecentFiles(folder).paths).toEqual([]);
    expect(changes).toBe(5);
  });

  it('are none where the list is not understood', async () => {
    await writeFile(join(folder, 'recent.json'), '{"paths": 1}');
    expect(new RecentFiles(folder).paths).toEqual([]);
  });
});
