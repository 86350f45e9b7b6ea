import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { appContract } from '../../src-main/api/calls/contract';
import { serveChannel } from '../../src-main/api/channel/channel';
import { portTransport } from '../../src-main/api/channel/transports';
import { Session } from '../../src-main/session/session';
import { engineProcesses } from '../../src-main/shell/process/engine-processes';
import { defaultSettings } from '../../src-main/shell/process/user-folders';
import { TestPage } from './app';
import { bundle } from './bundle';

let root: string;
let script: string;
let session: Session;
let page: TestPage;
let ports: InstanceType<typeof MessageChannel>;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lavi-settings-'));
  script = await bundle('settings-worker');
  session = await Session.open({
    engines: engineProcesses({ script, modelsDir: root, onCrash: () => {} }),
    model: async () => ({ id: '0', card: '' }),
    ...{ platform: 'web', version: '0', home: root },
    configDir: join(root, 'config'),
    cacheDir: join(root, 'cache'),
    defaults: { ...defaultSettings(root), threads: 1, outputFolder: join(root, 'saved') },
    restMs: 2 ** 30,
  });
  ports = new MessageChannel();
  const channel = serveChannel(appContract, portTransport(ports.port1), session.handlers);
  session.listen(channel.emit);
  page = new TestPage(portTransport(ports.port2));
});
afterAll(async () => {
  ports.port1.close();
  ports.port2.close();
  await session.close();
  await rm(root, { recursive: true, force: true });
  await rm(dirname(script), { recursive: true, force: true });
});

interface Noted {
  kind: string;
  threads: number;
  pid: number;
}

/** The last job of a kind that an engine ran. */
async function last(kind: string): Promise<Noted> {
  const lines = (await readFile(join(root, 'jobs.jsonl'), 'utf8')).trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Noted).findLast((job) => job.kind === kind)!;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

it('runs the next preview and the next saved photo with threads that were changed while a photo is shown', async () => {
  await writeFile(join(root, 'a.png'), 'a photo');
  const { added } = await page.call('files.add', { paths: [join(root, 'a.png')] });
  const id = added[0]!.id;
  await page.call('photo.open', { id });
  await page.call('photo.measure', { id, quality: 40 });
  const before = await last('measure');
  expect(before.threads).toBe(1);

  await page.call('app.setSettings', { threads: 3 });
  await page.call('photo.measure', { id, quality: 50 });
  const after = await last('measure');
  expect(after.threads).toBe(3);
  const layer = { what: 'decoded', quality: 50 } as const;
  await page.call('photo.tiles', { id, layer, level: 0, x: 0, y: 0, w: 10, h: 10 });
  expect(await last('tiles')).toEqual({ kind: 'tiles', threads: 3, pid: after.pid });
  await page.call('queue.save', { ids: [id] });
  await page.until(() => page.file(id)?.state === 'saved');
  expect(await last('save')).toEqual({ kind: 'save', threads: 3, pid: after.pid });

  // One process runs nets: the one of the old settings has gone.
  await expect.poll(() => isAlive(before.pid)).toBe(false);
  expect(isAlive(after.pid)).toBe(true);
});
