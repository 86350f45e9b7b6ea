import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Desk } from '../../../src-main/app/desk/desk';
import { testDesk } from '../../contract/app';

let root: string;
const open: Desk[] = [];

async function start(): Promise<Desk> {
  const { desk } = await testDesk(undefined, root);
  open.push(desk);
  return desk;
}

async function files(desk: Desk) {
  return desk.handlers['files.list']({});
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lavi-journal-'));
  await mkdir(join(root, 'photos'));
  for (const name of ['a', 'b', 'c']) await writeFile(join(root, `photos/${name}.jpg`), 'a photo');
});
afterEach(async () => {
  for (const desk of open.splice(0)) await desk.close();
  await rm(root, { recursive: true, force: true });
});

describe('what a run leaves to the next', () => {
  it('goes on with a batch that was under way when the app was closed', async () => {
    await writeFile(join(root, 'photos/b.jpg'), 'slow');
    const first = await start();
    const { added } = await first.handlers['files.add']({ paths: [join(root, 'photos')] });
    const ids = added.map(({ id }) => id);
    await first.handlers['files.setQuality']({ ids, quality: 33 });
    await first.handlers['queue.save']({ ids, format: 'png' });
    await vi.waitFor(async () => expect((await files(first))[1]!.state).toBe('coding'));
    await open.shift()!.close();

    await writeFile(join(root, 'photos/b.jpg'), 'quick now');
    const second = await start();
    await vi.waitFor(async () => {
      const states = (await files(second)).map(({ name, state }) => [name, state]);
      expect(states).toEqual([
        ['b.jpg', 'saved'],
        ['c.jpg', 'saved'],
      ]);
    });
    expect((await files(second))[0]!.result?.quality).toBe(33);
    expect((await readdir(join(root, 'saved/photos'))).sort()).toEqual([
      'a.lavi',
      'b.lavi',
      'c.lavi',
    ]);
  });

  it('keeps the list without what is gone, was saved, or came without a path', async () => {
    const first = await start();
    const { added } = await first.handlers['files.add']({ paths: [join(root, 'photos')] });
    await first.upload({ name: 'x.jpg' }, Readable.from(['a photo']));
    await first.handlers['queue.save']({ ids: [added[0]!.id], format: 'png' });
    await vi.waitFor(async () => expect((await files(first))[0]!.state).toBe('saved'));
    await open.shift()!.close();
    await rm(join(root, 'photos/b.jpg'));
    expect((await files(await start())).map(({ name }) => name)).toEqual(['c.jpg']);
  });

  it('leaves a batch paused that was', async () => {
    await writeFile(join(root, 'photos/a.jpg'), 'slow');
    const first = await start();
    const { added } = await first.handlers['files.add']({ paths: [join(root, 'photos')] });
    await first.handlers['queue.save']({ ids: added.map(({ id }) => id), format: 'png' });
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
