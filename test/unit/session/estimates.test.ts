import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { testSession } from '../../contract/app';

let root: string;
let close: () => Promise<void>;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lavi-estimates-'));
});
afterEach(async () => {
  await close();
  await rm(root, { recursive: true, force: true });
});

async function start(...texts: string[]) {
  const started = await testSession({ root, restMs: 0 });
  ({ close } = started);
  const paths = texts.map((_, i) => join(root, `${i}.jpg`));
  for (const [i, text] of texts.entries()) await writeFile(paths[i]!, text);
  const { added } = await started.session.handlers['files.add']({ paths });
  const files = () => started.session.handlers['files.list']({});
  return { ...started, ids: added.map(({ id }) => id), files };
}

it('estimates every photo once, times the first, and passes over what cannot be read', async () => {
  const { session, engines, files } = await start('a photo', 'bad', 'a photo');
  await vi.waitFor(async () => expect((await files())[2]!.sizes).toHaveLength(5));
  expect((await files()).map(({ sizes }) => sizes?.[2]?.bytes)).toEqual([1050, undefined, 1050]);
  const jobs = engines.started.filter(({ kind }) => kind === 'estimate');
  expect(jobs.map(({ args }) => (args as { timed: boolean }).timed)).toEqual([true, false, false]);
  expect((await session.handlers['app.hello']({})).queue.secondsPerMegapixel).toBe(2);
});

it('stops when somebody waits for the engine, and begins again after', async () => {
  const { session, engines, ids, files } = await start('slow', 'a photo');
  const estimates = () => engines.started.filter(({ kind }) => kind === 'estimate').length;
  await vi.waitFor(() => expect(estimates()).toBe(1));
  await writeFile(join(root, '0.jpg'), 'quick now');
  await session.handlers['photo.measure']({ id: ids[1]!, quality: 40 });
  await vi.waitFor(async () => expect((await files()).every(({ sizes }) => sizes)).toBe(true));
  expect(estimates()).toBe(3);
});
