import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appContract } from '../../src-main/api/calls/contract';
import { serveChannel } from '../../src-main/api/channel/channel';
import { portTransport } from '../../src-main/api/channel/transports';
import { Session } from '../../src-main/session/session';
import { encodePhoto } from '../../src-main/image/output';
import { engineProcesses } from '../../src-main/shell/process/engine-processes';
import type { EngineCrash } from '../../src-main/shell/process/launch';
import { readModelCard } from '../../src-main/shell/process/model-card';
import { defaultSettings } from '../../src-main/shell/process/user-folders';
import { renderScene } from '../photos';
import { TestPage } from './app';
import { bundle } from './bundle';

const modelsDir = join(import.meta.dirname, '../../models');

let root: string;
let script: string;
let session: Session;
let page: TestPage;
let ports: InstanceType<typeof MessageChannel>;
const crashes: EngineCrash[] = [];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lavi-app-'));
  script = await bundle('app-worker');
  const onCrash = (crash: EngineCrash) => {
    crashes.push(crash);
    session.crashed('It ended.', crash.jobs.length);
  };
  session = await Session.open({
    engines: engineProcesses({ script, modelsDir, onCrash }),
    model: () => readModelCard(modelsDir),
    ...{ platform: 'web', version: '0', home: root },
    configDir: join(root, 'config'),
    cacheDir: join(root, 'cache'),
    defaults: { ...defaultSettings(root), provider: 'cpu', outputFolder: join(root, 'saved') },
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

describe('the app over engines that compute', () => {
  it('shows, measures and saves; kill -9 in a batch costs one job, which can be tried again', async () => {
    const paths: string[] = [];
    for (const seed of [1, 2, 3]) {
      const path = join(root, `flowers ${seed}.png`);
      const scene = renderScene('flowers', { width: 480, height: 320, seed });
      await writeFile(path, await encodePhoto(scene, 'png'));
      paths.push(path);
    }
    const { added } = await page.call('files.add', { paths });
    const [a, b, c] = added.map(({ id }) => id) as [string, string, string];

    expect(await page.call('photo.open', { id: a })).toEqual({
      width: 480,
      height: 320,
      levels: 1,
    });
    const place = { id: a, level: 0, x: 0, y: 0, w: 480, h: 320 };
    for (const layer of [
      { what: 'original' },
      { what: 'decoded', quality: 50 },
      { what: 'bits', quality: 50 },
    ] as const) {
      const tiles = await page.call('photo.tiles', { ...place, layer });
      for (const { url } of tiles) {
        const file = await readFile((await session.picture(url.slice('/px/'.length)))!);
        expect(file.subarray(1, 4).toString()).toBe('PNG');
      }
    }
    const measured = await page.call('photo.measure', { id: a, quality: 50 });

    let killed: number | undefined;
    const engine = session.options.engines.main as unknown as { pid: number | undefined };
    await page.call('queue.save', { ids: [a, b, c] });
    await page.until(({ files }) => {
      const coding = files.some(({ changed }) =>
        changed.some((entry) => entry.id === b && entry.state === 'coding'),
      );
      if (coding && killed === undefined) {
        killed = engine.pid!;
        process.kill(killed, 'SIGKILL');
      }
      return coding;
    });
    await page.until(({ queue }) => queue.at(-1)?.state === 'idle');
    await page.until(() => page.file(c)?.state === 'saved');
    expect(page.heard.queue.at(-1)).toMatchObject({ total: 3, saved: 2, failed: [b] });
    expect(page.file(b)).toMatchObject({ state: 'failed', error: { code: 'ENGINE_CRASHED' } });
    expect(crashes).toMatchObject([{ pid: killed, signal: 'SIGKILL' }]);
    expect(page.heard.crashed).toHaveLength(1);
    expect(page.file(a)!.result).toMatchObject({ bytes: measured.bytes, psnr: measured.psnr });

    await page.call('queue.save', { ids: [b] });
    await page.until(() => page.file(b)?.state === 'saved');
    expect((await readFile(page.file(b)!.result!.output)).length).toBe(page.file(b)!.result!.bytes);

    const lavi = (await page.call('files.add', { paths: [page.file(a)!.result!.output] }))
      .added[0]!;
    expect(await page.call('files.info', { id: lavi.id })).toMatchObject({
      width: 480,
      quality: 50,
    });
    expect(await page.call('photo.open', { id: lavi.id })).toMatchObject({ width: 480 });
    await page.call('queue.save', { ids: [lavi.id], format: 'png' });
    await page.until(() => page.file(lavi.id)?.state === 'saved');
    expect(page.file(lavi.id)!.result!.output).toBe(join(root, 'saved', 'flowers 1.png'));
  });
});
