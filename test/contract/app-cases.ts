import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Transport } from '../../src-main/api/channel/channel';
import { TestPage } from './app';
import type { Inside } from './inside';

export interface Connection {
  transport: Transport;
  inside: Inside;
  close(): Promise<void>;
}

/**
 * The same cases over every transport that carries the app's calls.
 *
 * @param connect makes a session whose files lie under `root`, and connects to it
 */
export function appCases(name: string, connect: (root: string) => Promise<Connection>): void {
  let root: string;
  let connection: Connection;
  let page: TestPage;
  let inside: Inside;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'lavi-app-'));
    connection = await connect(root);
    ({ inside } = connection);
    page = new TestPage(connection.transport);
  });
  afterEach(async () => {
    await connection.close();
    await rm(root, { recursive: true, force: true });
  });

  const engines = () => inside('engines', {});
  const jobsOf = async (kind: string) =>
    (await engines()).started.filter((job) => job.kind === kind);
  const pictureFile = async (url: string) =>
    (await inside('picture', { name: url.slice('/px/'.length) })).path;
  const savedPaths = (ids: string[]) => inside('saved', { ids });

  async function photos(...names: string[]): Promise<string[]> {
    const paths = names.map((one) => join(root, 'photos', one));
    for (const path of paths) {
      await mkdir(join(path, '..'), { recursive: true });
      await writeFile(path, 'a photo of so many bytes');
    }
    return paths;
  }

  async function add(...paths: string[]) {
    return (await page.call('files.add', { paths })).added;
  }

  describe(`the app's calls over ${name}`, () => {
    it('greets with version, model, settings and files', async () => {
      const [path] = await photos('a.jpg');
      await add(path!);
      const hello = await page.call('app.hello', {});
      expect(hello).toMatchObject({ version: '1.2.3', platform: 'web', queue: { state: 'idle' } });
      // What another platform has is not offered here.
      const elsewhere = process.platform === 'darwin' ? 'directml' : 'coreml';
      expect(hello.providers).toEqual(expect.arrayContaining(['auto', 'cpu']));
      expect(hello.providers).not.toContain(elsewhere);
      expect(hello.files).toMatchObject([
        { name: 'a.jpg', kind: 'photo', state: 'new', bytes: 24 },
      ]);
      expect(JSON.stringify(hello)).not.toContain(path);
    });

    it('has no log where its shell keeps none', async () => {
      expect(await page.call('app.log', {})).toEqual({ file: '', text: '' });
    });

    it('keeps settings, tells every window, hands engines theirs and refuses wrong ones', async () => {
      const next = await page.call('app.setSettings', { theme: 'dark', threads: 2 });
      expect(next).toMatchObject({ theme: 'dark', threads: 2, quality: 50 });
      expect((await engines()).configured).toMatchObject({ threads: 2 });
      await page.until(({ settings }) => settings.at(-1)?.theme === 'dark');
      for (const wrong of [{ quality: 101 }, { suffix: '../up' }, { language: 'xx' as 'en' }]) {
        await expect(page.call('app.setSettings', wrong)).rejects.toMatchObject({
          code: 'BAD_REQUEST',
        });
      }
      await inside('settingsKept', {});
      const kept = JSON.parse(await readFile(join(root, 'config/settings.json'), 'utf8'));
      expect(kept).toEqual(next);
    });

    it('adds folders to their depths, each file once, and names what it could not', async () => {
      await photos('trip/b.png', 'trip/deep/c.webp', 'trip/notes.txt', 'trip/.hidden/d.jpg');
      const paths = [join(root, 'photos'), join(root, 'photos/trip/b.png'), join(root, 'nowhere')];
      const { added, failures } = await page.call('files.add', { paths });
      expect(added.map((entry) => entry.name)).toEqual(['b.png', 'c.webp', 'b.png']);
      expect(failures).toMatchObject([{ code: 'FILE_NOT_FOUND' }]);
      expect(await page.call('files.list', {})).toHaveLength(2);
    });

    it('removes files and puts them back where they were', async () => {
      const files = await add(...(await photos('a.jpg', 'b.jpg', 'c.jpg', 'd.jpg')));
      const ids = [files[1]!.id, files[2]!.id];
      await page.call('files.remove', { ids });
      await page.until(({ files }) => files.flatMap(({ removed }) => removed).length === 2);
      expect(await page.call('files.list', {})).toHaveLength(2);
      await page.call('files.restore', { ids });
      const names = (await page.call('files.list', {})).map((entry) => entry.name);
      expect(names).toEqual(['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg']);
    });

    it('lists folders for people to choose from', async () => {
      await photos('b.png', 'trip/c.webp', 'notes.txt');
      const listed = await page.call('files.browse', { dir: join(root, 'photos') });
      expect(listed).toMatchObject({ parent: root, more: 0 });
      expect(listed.entries.map(({ name, kind }) => [name, kind])).toEqual([
        ['trip', 'folder'],
        ['b.png', 'photo'],
      ]);
      expect((await page.call('files.browse', {})).dir).toBe(root);
    });

    it('makes the thumbnails that are asked for, and says which file is no photo', async () => {
      const [good, bad] = await photos('a.jpg', 'b.jpg');
      await writeFile(bad!, 'bad');
      const [a, b] = await add(good!, bad!);
      await page.call('files.thumbs', { ids: [a!.id, b!.id] });
      await page.until(() => page.file(b!.id)?.state === 'failed');
      expect(page.file(a!.id)).toMatchObject({ state: 'ready', width: 2000, height: 1000 });
      const url = page.file(a!.id)!.thumb!;
      expect(await pictureFile(url)).toBeDefined();
      expect(page.file(b!.id)?.error?.code).toBe('UNSUPPORTED_IMAGE');
    });

    it('opens a photo, measures it, and drops a measure that a later one replaces', async () => {
      const [file] = await add(...(await photos('a.jpg')));
      const { id } = file!;
      expect(await page.call('photo.open', { id })).toEqual({
        width: 2000,
        height: 1000,
        levels: 2,
      });
      const endless = page.call('photo.measure', { id, quality: 99 });
      const failure = expect(endless).rejects.toMatchObject({ code: 'CANCELLED' });
      await page.until(({ progress }) => progress.some(({ what }) => what === 'measure'));
      expect((await page.call('photo.measure', { id, quality: 40 })).bpp).toBeCloseTo(0.9);
      await failure;
      expect((await engines()).held).toBe(2);
      await page.call('photo.close', { id });
      expect((await engines()).held).toBe(0);
    });

    it('gives tiles by address, makes lost ones again, and drops those of an older quality', async () => {
      const [file] = await add(...(await photos('a.jpg')));
      const { id } = file!;
      const place = { id, level: 0, x: 0, y: 0, w: 512, h: 512 };
      const tiles = (quality: number) =>
        page.call('photo.tiles', { ...place, layer: { what: 'decoded', quality } });
      const endless = expect(tiles(99)).rejects.toMatchObject({ code: 'CANCELLED' });
      const [tile] = await tiles(40);
      await endless;
      const path = (await pictureFile(tile!.url))!;
      await rm(path);
      expect(await pictureFile(tile!.url)).toBe(path);
      expect((await stat(path)).size).toBeGreaterThan(0);
    });

    it('measures curves in the background, point by point, and stops with the photo', async () => {
      const [a, b] = await add(...(await photos('a.jpg', 'b.jpg')));
      const { id } = a!;
      await expect(page.call('photo.estimate', { id })).rejects.toMatchObject({
        code: 'BAD_REQUEST',
      });
      await page.call('photo.open', { id });
      await page.call('photo.estimate', { id });
      await page.until(({ curve }) => curve.at(-1)?.done === true);
      const points = page.heard.curve.at(-1)!.points;
      expect(points).toHaveLength(9);
      expect(points.map(({ bpp }) => bpp)).toEqual(
        points.map(({ bpp }) => bpp).sort((x, y) => x - y),
      );
      await page.call('photo.baselines', { id });
      await page.until(({ baselines }) => (baselines.at(-1)?.points.length ?? 0) >= 5);
      await page.call('photo.open', { id: b!.id });
      expect((await engines()).chartsStopped).toBe(1);
      await page.call('photo.open', { id });
      expect((await page.call('photo.estimate', { id })).done).toBe(true);
    });

    it('finds worst spots and what lies under a pixel', async () => {
      const [file] = await add(...(await photos('a.jpg')));
      const { id } = file!;
      await page.call('photo.open', { id });
      expect(await page.call('photo.worst', { id, quality: 10, n: 3 })).toHaveLength(1);
      expect(await page.call('photo.probe', { id, quality: 10, x: 1, y: 2 })).toMatchObject({
        bits: 12,
      });
      await expect(
        page.call('photo.probe', { id, quality: 10, x: 2000, y: 2 }),
      ).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    });

    it('saves a batch: structure kept, nothing replaced, failures listed', async () => {
      const paths = await photos('trip/a.jpg', 'trip/b.jpg', 'trip/c.jpg');
      await writeFile(paths[1]!, 'bad');
      await mkdir(join(root, 'saved/trip'), { recursive: true });
      await writeFile(join(root, 'saved/trip/a.lavi'), 'precious');
      const files = await add(join(root, 'photos/trip'));
      await page.call('queue.save', { ids: files.map(({ id }) => id) });
      await page.until(({ queue }) => queue.at(-1)?.state === 'idle');
      expect(page.heard.queue.at(-1)).toMatchObject({
        ...{
          total: 3,
          saved: 2,
          failed: [files[1]!.id],
          originalBytes: 48,
          bytes: 10,
          fraction: 1,
        },
      });
      const saved = await readdir(join(root, 'saved/trip'));
      expect(saved.sort()).toEqual(['a (2).lavi', 'a.lavi', 'c.lavi']);
      expect(await readFile(join(root, 'saved/trip/a.lavi'), 'utf8')).toBe('precious');
      await page.until(() => page.file(files[1]!.id)?.state === 'failed');
      expect(page.file(files[0]!.id)?.result).toMatchObject({ bytes: 5, psnr: 30, kept: false });
    });

    it('marks a file whose engine crashed, goes on, and saves it when tried again', async () => {
      const paths = await photos('a.jpg', 'b.jpg');
      await writeFile(paths[0]!, 'crash');
      const [a, b] = await add(...paths);
      await page.call('queue.save', { ids: [a!.id, b!.id] });
      await page.until(({ queue }) => queue.at(-1)?.state === 'idle');
      await page.until(() => page.file(b!.id)?.state === 'saved');
      expect(page.file(a!.id)).toMatchObject({
        state: 'failed',
        error: { code: 'ENGINE_CRASHED' },
      });
      await writeFile(paths[0]!, 'a photo');
      await page.call('queue.save', { ids: [a!.id] });
      await page.until(() => page.file(a!.id)?.state === 'saved');
      expect(page.file(a!.id)!.error).toBeUndefined();
    });

    it('pauses, resumes and cancels; what was not saved is as it was', async () => {
      const paths = await photos('a.jpg', 'b.jpg', 'c.jpg');
      await writeFile(paths[0]!, 'slow');
      const ids = (await add(...paths)).map(({ id }) => id);
      await page.call('queue.save', { ids });
      await page.until(() => page.file(ids[0]!)?.state === 'coding');
      expect((await page.call('queue.pause', {})).state).toBe('paused');
      await page.call('files.remove', { ids: [ids[0]!] });
      await page.until(({ queue }) => queue.at(-1)?.total === 2);
      expect(page.file(ids[1]!)?.state).toBe('waiting');
      expect((await page.call('queue.resume', {})).state).toBe('running');
      await page.until(({ queue }) => queue.at(-1)?.state === 'idle');
      expect(page.heard.queue.at(-1)).toMatchObject({ total: 2, saved: 2, failed: [] });

      const more = await photos('d.jpg', 'e.jpg');
      await writeFile(more[0]!, 'slow');
      const late = (await add(...more)).map(({ id }) => id);
      await page.call('queue.save', { ids: late });
      await page.until(() => page.file(late[0]!)?.state === 'coding');
      await page.call('queue.cancel', {});
      await page.until(({ queue }) => queue.at(-1)?.state === 'idle');
      await page.until(() => late.every((id) => page.file(id)?.state === 'new'));
      expect(await readdir(join(root, 'saved'))).toEqual(['b.lavi', 'c.lavi']);
    });

    it('finds one quality for a total, sets it, and holds what is saved at it to what was measured', async () => {
      const files = await add(...(await photos('a.jpg', 'b.jpg', 'c.jpg')));
      const ids = files.map(({ id }) => id);
      const endless = expect(page.call('queue.fit', { ids, bytes: 99 })).rejects.toMatchObject({
        code: 'CANCELLED',
      });
      await page.until(({ fitting }) => fitting.length === 1);
      const fitted = await page.call('queue.fit', { ids, bytes: 20 });
      await endless;
      expect(fitted).toEqual({
        ...{ quality: 43.25, bytes: 15, originalBytes: 72, files: 3, failed: [] },
      });
      await page.until(({ settings }) => settings.at(-1)?.quality === 43.25);
      await page.call('queue.save', { ids });
      await page.until(({ queue }) => queue.at(-1)?.state === 'idle');
      const saves = await jobsOf('save');
      expect(saves.map(({ args }) => args)).toMatchObject(
        Array(3).fill({ quality: 43.25, atMost: 5 }),
      );
      // At another quality nothing was measured.
      await page.call('app.setSettings', { quality: 60 });
      await page.call('queue.save', { ids: [ids[0]!] });
      await page.until(({ queue }) => queue.at(-1)?.state === 'idle' && queue.at(-1)?.total === 1);
      expect((await engines()).started.at(-1)!.args).not.toHaveProperty('atMost');

      await page.call('queue.fit', { ids: ids.slice(0, 2), bytes: 20 });
      await page.until(() => page.file(ids[1]!)?.quality === 43.25);
      expect((await page.call('app.hello', {})).settings.quality).toBe(60);
      await expect(page.call('queue.fit', { ids, bytes: 3 })).rejects.toMatchObject({
        ...{ code: 'TARGET_UNREACHABLE', detail: { nearest: 15 } },
      });
    });

    it('codes photos anyway where that is asked for, for one or for all', async () => {
      const [a, b] = await add(...(await photos('a.jpg', 'b.jpg')));
      const save = async () => {
        const before = page.heard.queue.length;
        await page.call('queue.save', { ids: [a!.id, b!.id] });
        await page.until(({ queue }) => queue.slice(before).at(-1)?.state === 'idle');
        const saves = (await jobsOf('save')).slice(-2);
        return saves.map(({ args }) => (args as { anyway: boolean }).anyway);
      };
      await page.call('files.setAnyway', { ids: [b!.id], anyway: true });
      expect(await save()).toEqual([false, true]);
      await page.call('app.setSettings', { codeAnyway: true });
      expect(await save()).toEqual([true, true]);
    });

    it('exports photos and .lavi files under free names', async () => {
      const files = await add(...(await photos('a.jpg', 'b.lavi')));
      const ids = files.map(({ id }) => id);
      await mkdir(join(root, 'saved'), { recursive: true });
      await writeFile(join(root, 'saved/a.webp'), 'precious');
      await page.call('queue.save', { ids, format: 'webp', formatQuality: 80 });
      await page.until(({ queue }) => queue.at(-1)?.state === 'idle');
      expect((await readdir(join(root, 'saved'))).sort()).toEqual([
        'a (2).webp',
        'a.webp',
        'b.webp',
      ]);
      expect(page.heard.queue.at(-1)).toMatchObject({ saved: 2, verified: false });
      const exports = await jobsOf('export');
      expect(exports.map(({ args }) => args)).toMatchObject(
        Array(2).fill({ format: 'webp', formatQuality: 80, metadata: true }),
      );
      await page.until(() => page.file(ids[0]!)?.state === 'saved');
      expect(page.file(ids[0]!)!.result).toMatchObject({ format: 'webp', bytes: 8 });
    });

    it('saves beside the original, and at the quality set by hand', async () => {
      const [path] = await photos('a.jpg');
      const [file] = await add(path!);
      await page.call('app.setSettings', { outputRule: 'beside', suffix: '-small' });
      await page.call('files.setQuality', { ids: [file!.id], quality: 77 });
      await page.call('queue.save', { ids: [file!.id] });
      await page.until(() => page.file(file!.id)?.state === 'saved');
      expect(page.file(file!.id)!.result).toMatchObject({
        quality: 77,
        output: join(root, 'photos/a-small.lavi'),
      });
      expect((await engines()).started.at(-1)!.args).not.toHaveProperty('copy');
    });

    it('knows where a file was saved, once it was', async () => {
      const [path] = await photos('a.jpg');
      const [file] = await add(path!);
      for (const id of [file!.id, 'nobody']) {
        await expect(savedPaths([id])).rejects.toMatchObject({ code: 'BAD_REQUEST' });
      }
      await page.call('queue.save', { ids: [file!.id] });
      await page.until(() => page.file(file!.id)?.state === 'saved');
      const output = join(root, 'saved/a.lavi');
      expect(await savedPaths([file!.id])).toEqual([output]);
      await rm(output);
      await expect(savedPaths([file!.id])).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    });

    it('takes photos without a path, keeps their place and date, and never leaves its folder', async () => {
      const upload = (path: string) =>
        inside('upload', { path, modified: 1.5e12, text: 'a photo' });
      const entry = await upload('trip/../../../etc/x.jpg');
      expect(entry).toMatchObject({ name: 'x.jpg', folder: '', bytes: 7 });
      await page.call('app.setSettings', { outputRule: 'beside' });
      await page.call('queue.save', { ids: [entry.id] });
      await page.until(() => page.file(entry.id)?.state === 'saved');
      const output = join(root, 'saved/trip/etc/x.lavi');
      expect(page.file(entry.id)!.result?.output).toBe(output);
      expect((await stat(output)).mtimeMs).toBe(1.5e12);
    });

    it('refuses ids that it does not know and arguments that break the schema', async () => {
      for (const id of ['nobody', '']) {
        await expect(page.call('photo.open', { id })).rejects.toMatchObject({
          code: 'BAD_REQUEST',
        });
      }
      const wrong = { id: 'x', level: -1, x: 0, y: 0, w: 0, h: 1, layer: { what: 'original' } };
      await expect(page.call('photo.tiles', wrong as never)).rejects.toMatchObject({
        code: 'BAD_REQUEST',
        message: expect.stringContaining('level'),
      });
      expect(page.refused).toEqual([]);
    });

    it('tells of a crash', async () => {
      await inside('crash', { message: 'The engine’s process ended by SIGKILL.', jobsLost: 2 });
      await page.until(({ crashed }) => crashed.length === 1);
      expect(page.heard.crashed[0]).toMatchObject({ jobsLost: 2 });
    });
  });
}
