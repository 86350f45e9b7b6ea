import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Session } from '../../../src-main/session/session';
import { testSession } from '../../contract/app';

let root: string;
const open: Session[] = [];

async function start(): Promise<Session> {
  const { session } = await testSession({ root });
  open.push(session);
  return session;
}

async function files(session: Session) {
  return session.handlers['files.list']({});
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lavi-journal-'));
  await mkdir(join(root, 'photos'));
  for (const name of ['a', 'b', 'c']) await writeFile(join(root, `photos/${name}.jpg`), 'a photo');
});
afterEach(async () => {
  for (const session of open.splice(0)) await session.close();
  await rm(root, { recursive: true, force: true });
});

describe('what a run leaves to the next', () => {
  it('still knows what was labelled and kept on a photo, a lost one too once it is found', async () => {
    const path = join(root, 'photos/a.jpg');
    const first = await start();
    const { added } = await first.handlers['files.add']({ paths: [path] });
    const { id } = added[0]!;
    expect(await first.handlers['colours.recall']({ id })).toBeNull();
    const look = { temperature: 0.5, follow: 'near' as const };
    const none = { held: [], regions: [], points: [] };
    const point = { x: 0.25, y: 0.5, colour: '#d9a583' };
    const work = {
      ...{ ...look, model: 'abc', vivid: 1.5, at: 1 },
      draw: 'regions' as const,
      steps: [{ ...none }, { ...none, held: [[7, 3]] as [number, number][], points: [point] }],
      kept: [{ ...look, ...none, draw: 'model' as const, seed: 4 }],
    };
    await first.handlers['colours.remember']({ id, work });
    await open.shift()!.close();

    await rename(path, join(root, 'elsewhere.jpg'));
    const second = await start();
    expect((await files(second))[0]!.lost).toBe(true);
    expect(await second.handlers['colours.recall']({ id })).toEqual(work);
    await open.shift()!.close();
    await rename(join(root, 'elsewhere.jpg'), path);
    const third = await start();
    expect(await third.handlers['colours.recall']({ id })).toEqual(work);
  });

  it('goes on with a batch that was under way when the app was closed', async () => {
    await writeFile(join(root, 'photos/b.jpg'), 'slow');
    const first = await start();
    const { added } = await first.handlers['files.add']({ paths: [join(root, 'photos')] });
    const ids = added.map(({ id }) => id);
    await first.handlers['files.setQuality']({ ids, quality: 33 });
    await first.handlers['queue.save']({ ids });
    await vi.waitFor(async () => expect((await files(first))[1]!.state).toBe('coding'));
    await open.shift()!.close();

    await writeFile(join(root, 'photos/b.jpg'), 'quick now');
    const second = await start();
    await vi.waitFor(async () => {
      const states = (await files(second)).map(({ name, state }) => [name, state]);
      expect(states).toEqual([
        ['a.jpg', 'saved'],
        ['b.jpg', 'saved'],
        ['c.jpg', 'saved'],
      ]);
    });
    expect((await files(second))[1]!.result?.quality).toBe(33);
    expect((await readdir(join(root, 'saved/photos'))).sort()).toEqual([
      'a.lavi',
      'b.lavi',
      'c.lavi',
    ]);
  });

  it('keeps the list: saved files as saved, photos without a path with their bytes', async () => {
    const first = await start();
    const { added } = await first.handlers['files.add']({ paths: [join(root, 'photos')] });
    const date = { modified: 1.5e12 };
    const x = await first.upload({ name: 'x.jpg', ...date }, Readable.from(['a photo']));
    await first.upload({ name: 'gone.jpg', ...date }, Readable.from(['a photo']));
    const y = await first.upload({ name: 'y.jpg', ...date }, Readable.from(['a photo']));
    await first.handlers['files.remove']({ ids: [(await files(first))[4]!.id] });
    await first.handlers['queue.save']({ ids: [added[0]!.id, y.id] });
    await vi.waitFor(async () => expect((await files(first)).at(-1)!.state).toBe('saved'));
    await open.shift()!.close();
    await rm(join(root, 'photos/b.jpg'));

    const second = await start();
    const left = (await files(second)).map(({ name, state, lost }) => [name, state, lost]);
    expect(left).toEqual([
      ['a.jpg', 'saved', undefined],
      ['b.jpg', 'new', true],
      ['c.jpg', 'new', undefined],
      ['x.jpg', 'new', undefined],
      // Its bytes are kept until it is saved, no longer.
      ['y.jpg', 'saved', true],
    ]);
    expect((await files(second))[0]!.result?.output).toBe(join(root, 'saved/photos/a.lavi'));
    expect(await readdir(join(root, 'cache/uploads'))).toHaveLength(1);
    await second.handlers['queue.save']({ ids: [x.id] });
    await vi.waitFor(async () => expect((await files(second))[3]!.state).toBe('saved'));
    expect(await readdir(join(root, 'saved'))).toContain('x.lavi');
  });

  it('takes a saved file whose output is gone as not saved', async () => {
    const first = await start();
    const { added } = await first.handlers['files.add']({ paths: [join(root, 'photos/a.jpg')] });
    await first.handlers['queue.save']({ ids: [added[0]!.id] });
    await vi.waitFor(async () => expect((await files(first))[0]!.state).toBe('saved'));
    await open.shift()!.close();
    await rm(join(root, 'saved/a.lavi'));
    const [file] = await files(await start());
    expect(file).toMatchObject({ state: 'new' });
    expect(file!.result).toBeUndefined();
  });

  it('knows a photo whose bytes were lost by name, size and date when it is dropped again', async () => {
    const first = await start();
    const drop = (session: Session, name: string, modified: number, text = 'a photo') =>
      session.upload({ name, modified }, Readable.from([text]));
    const lost = await drop(first, 'x.jpg', 1.5e12);
    await first.handlers['files.setQuality']({ ids: [lost.id], quality: 71 });
    await first.handlers['queue.pause']({});
    await open.shift()!.close();
    await rm(join(root, 'cache/uploads'), { recursive: true });

    const second = await start();
    expect(await files(second)).toMatchObject([{ id: lost.id, lost: true, quality: 71 }]);
    // What stands as lost is not saved, nor does it fail.
    await second.handlers['queue.save']({ ids: [lost.id] });
    expect((await second.handlers['app.hello']({})).queue.total).toBe(0);
    for (const other of [
      await drop(second, 'x.jpg', 1.6e12),
      await drop(second, 'x.jpg', 1.5e12, 'another photo'),
      await drop(second, 'z.jpg', 1.5e12),
    ]) {
      expect(other.id).not.toBe(lost.id);
    }
    const found = await drop(second, 'x.jpg', 1.5e12);
    expect(found).toMatchObject({ id: lost.id, quality: 71 });
    expect(found.lost).toBeUndefined();
    await second.handlers['queue.save']({ ids: [lost.id] });
    await vi.waitFor(async () => expect((await files(second))[0]!.state).toBe('saved'));
    expect((await files(second))[0]!.result?.quality).toBe(71);
  });

  it('knows a file again that was moved meanwhile', async () => {
    const first = await start();
    const { added } = await first.handlers['files.add']({ paths: [join(root, 'photos/a.jpg')] });
    await open.shift()!.close();
    await mkdir(join(root, 'elsewhere'));
    await rename(join(root, 'photos/a.jpg'), join(root, 'elsewhere/a.jpg'));
    const second = await start();
    expect(await files(second)).toMatchObject([{ lost: true }]);
    await second.handlers['files.add']({ paths: [join(root, 'elsewhere')] });
    const [file, ...others] = await files(second);
    expect(others).toEqual([]);
    expect(file).toMatchObject({ id: added[0]!.id, folder: join(root, 'elsewhere') });
    expect(file!.lost).toBeUndefined();
  });

  it('leaves a batch paused that was', async () => {
    await writeFile(join(root, 'photos/a.jpg'), 'slow');
    const first = await start();
    const { added } = await first.handlers['files.add']({ paths: [join(root, 'photos')] });
    await first.handlers['queue.save']({ ids: added.map(({ id }) => id) });
    await first.handlers['queue.pause']({});
    await open.shift()!.close();
    const { queue } = await (await start()).handlers['app.hello']({});
    expect(queue).toMatchObject({ state: 'paused', total: 3, saved: 0 });
  });

  it('begins empty where the journal is damaged, and beside a run that holds it', async () => {
    await mkdir(join(root, 'config'));
    await writeFile(join(root, 'config/journal.json'), '{"files": [');
    const first = await start();
    expect(await files(first)).toEqual([]);
    await first.handlers['files.add']({ paths: [join(root, 'photos')] });
    expect(await files(await start())).toEqual([]);
  });
});
