import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appContract, cropSide } from '../../src-main/api/calls/contract';
import { serveChannel } from '../../src-main/api/channel/channel';
import { portTransport } from '../../src-main/api/channel/transports';
import { Session } from '../../src-main/session/session';
import { encodePhoto } from '../../src-main/image/output';
import { decodePhoto } from '../../src-main/image/photo';
import { cropOf } from '../../src-main/latents/crop';
import { readModelCard } from '../../src-main/shell/process/model-card';
import { defaultSettings } from '../../src-main/shell/process/user-folders';
import { renderScene } from '../photos';
import { TestPage } from './app';
import { oneProcess } from './one-process';

const modelsDir = join(import.meta.dirname, '../../models');
const scene = renderScene('landscape', { width: 200, height: 140 });

let root: string;
let session: Session;
let page: TestPage;
let ports: InstanceType<typeof MessageChannel>;
let id: string;
let tiny: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lavi-readings-'));
  await writeFile(join(root, 'a.png'), await encodePhoto(scene, 'png'));
  const small = renderScene('flowers', { width: 60, height: 80 });
  await writeFile(join(root, 'b.png'), await encodePhoto(small, 'png'));
  session = await Session.open({
    engines: oneProcess(modelsDir),
    model: () => readModelCard(modelsDir),
    ...{ platform: 'web', version: '0', home: root },
    configDir: join(root, 'config'),
    cacheDir: join(root, 'cache'),
    defaults: { ...defaultSettings(root), outputFolder: join(root, 'saved') },
  });
  ports = new MessageChannel();
  const channel = serveChannel(appContract, portTransport(ports.port1), session.handlers);
  session.listen(channel.emit);
  page = new TestPage(portTransport(ports.port2));
  const paths = [join(root, 'a.png'), join(root, 'b.png')];
  const { added } = await page.call('files.add', { paths });
  [id, tiny] = added.map((file) => file.id) as [string, string];
});
afterAll(async () => {
  ports.port1.close();
  ports.port2.close();
  await session.close();
  await rm(root, { recursive: true, force: true });
});

const fileOf = async (url: string) => (await session.picture(url.slice('/px/'.length)))!;
const pixelsAt = async (url: string) => (await decodePhoto(await readFile(await fileOf(url)))).rgb;
const plain = { samples: 2, seed: 1 };
const still = { moved: [], temperature: 0, seed: 1 };

describe('the calls about the Gaussian VAE', () => {
  it('read a crop, the same for a seed, and show the pixels that were read', async () => {
    const at = { x: 20, y: 30 };
    const found = await page.call('latents.encode', { id, at, ...plain });
    expect(found).toMatchObject({ width: 200, height: 140, at, samples: 2, dims: 12288 });
    expect(await pixelsAt(found.crop)).toEqual(cropOf(scene, at));
    expect(await page.call('latents.encode', { id, at, ...plain })).toEqual(found);
    const more = await page.call('latents.encode', { id, at, ...plain, seed: 2 });
    expect(more.rate).toBe(found.rate);
    expect(more.distortion).not.toBe(found.distortion);
    const middle = await page.call('latents.encode', { id, at: null, ...plain });
    expect(middle.at).toEqual({ x: 68, y: 38 });
    // A picture that is gone is made again.
    await rm(await fileOf(found.crop));
    expect(await pixelsAt(found.crop)).toEqual(cropOf(scene, at));
  });

  it('decode what a reading found, and what was moved', async () => {
    const { reconstruction } = await page.call('latents.encode', { id, at: null, ...plain });
    const mean = await page.call('latents.decode', { id, at: null, ...still });
    expect(mean.url).toBe(reconstruction);
    const moved = [{ index: 1, value: -4 }];
    const other = await page.call('latents.decode', { id, at: null, ...still, moved });
    expect(await pixelsAt(other.url)).not.toEqual(await pixelsAt(mean.url));
    expect(other.error).not.toBe(mean.error);
  });

  it('go from crop to crop, ends included', async () => {
    const from = { id, at: { x: 0, y: 0 } };
    const { ends, urls } = await page.call('latents.between', {
      from,
      to: { id, at: null },
      count: 4,
    });
    expect(new Set(urls).size).toBe(4);
    expect(ends.map(({ at }) => at)).toEqual([from.at, { x: 68, y: 38 }]);
    const first = await page.call('latents.decode', { ...from, ...still });
    expect(urls[0]).toBe(first.url);
  });

  it('sample by seed', async () => {
    const { latents, urls } = await page.call('latents.samples', {
      ...{ seed: 4, count: 2, temperature: 1 },
    });
    const next = await page.call('latents.samples', { seed: 5, count: 1, temperature: 1 });
    expect(next).toEqual({ latents, urls: [urls[1]] });
  });

  it('end a reading that a later one replaces', async () => {
    const long = page.call('latents.encode', { id, at: null, samples: 64, seed: 9 });
    const failure = expect(long).rejects.toMatchObject({ code: 'CANCELLED' });
    const at = { x: 1, y: 1 };
    expect((await page.call('latents.encode', { id, at, ...plain })).at).toEqual(at);
    await failure;
  });

  it('refuse photos smaller than a crop, crops beside a photo, and wrong arguments', async () => {
    const refused = { code: 'BAD_REQUEST' };
    await expect(
      page.call('latents.encode', { id: tiny, at: null, ...plain }),
    ).rejects.toMatchObject(refused);
    for (const at of [
      { x: 200 - cropSide + 1, y: 0 },
      { x: -1, y: 0 },
    ]) {
      await expect(page.call('latents.encode', { id, at, ...plain })).rejects.toMatchObject(
        refused,
      );
    }
    await expect(
      page.call('latents.encode', { id, at: null, samples: 0, seed: 1 }),
    ).rejects.toMatchObject(refused);
    const moved = [{ index: 600, value: 1 }];
    await expect(
      page.call('latents.decode', { id, at: null, ...still, moved }),
    ).rejects.toMatchObject(refused);
    const place = { id: 'nobody', at: null };
    await expect(
      page.call('latents.between', { from: place, to: place, count: 2 }),
    ).rejects.toMatchObject(refused);
  });
});
