import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Colouring } from '../../src-main/api/calls/contract';
import { appContract } from '../../src-main/api/calls/contract';
import { serveChannel } from '../../src-main/api/channel/channel';
import { portTransport } from '../../src-main/api/channel/transports';
import { Session } from '../../src-main/session/session';
import { encodePhoto } from '../../src-main/image/output';
import { decodePhoto, readPhoto } from '../../src-main/image/photo';
import { readModelCard } from '../../src-main/shell/process/model-card';
import { defaultSettings } from '../../src-main/shell/process/user-folders';
import { renderScene } from '../photos';
import { greyScene } from '../photos/grey';
import { TestPage } from './app';
import { oneProcess } from './one-process';

const modelsDir = join(import.meta.dirname, '../../models');
const size = { width: 160, height: 120 };
const plain: Colouring = {
  ...{ seed: 1, temperature: 1, draw: 'regions', follow: 'near' },
  ...{ held: [], regions: [], points: [] },
};

let root: string;
let session: Session;
let page: TestPage;
let ports: InstanceType<typeof MessageChannel>;
let id: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lavi-colours-'));
  await writeFile(join(root, 'a.png'), await encodePhoto(greyScene('landscape', size), 'png'));
  await writeFile(join(root, 'b.png'), 'no photo');
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
  const { added } = await page.call('files.add', { paths: [join(root, 'a.png')] });
  id = added[0]!.id;
});
afterAll(async () => {
  ports.port1.close();
  ports.port2.close();
  await session.close();
  await rm(root, { recursive: true, force: true });
});

const pixelsAt = async (url: string) =>
  (await decodePhoto(await readFile((await session.picture(url.slice('/px/'.length)))!))).rgb;

describe('the calls of the workspace "Colorize"', () => {
  it('describe a photo, and refuse what is none', async () => {
    const scene = await page.call('colours.open', { id });
    expect(scene).toMatchObject({ ...size, levels: 1, columns: 32, rows: 24 });
    expect(scene.labels.length).toBeGreaterThan(1);
    expect(scene.confidence).toHaveLength(32 * 24);
    const { added } = await page.call('files.add', { paths: [join(root, 'b.png')] });
    await expect(page.call('colours.open', { id: added[0]!.id })).rejects.toMatchObject({
      code: 'UNSUPPORTED_IMAGE',
    });
    expect(scene.segments).toHaveLength(4 * 32 * 4 * 24);
    const segments = [1 + Math.max(...scene.segments)];
    await expect(page.call('colours.options', { id, segments })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
  });

  it('sample the same for a seed, and hold cells in every sample, near ones following', async () => {
    const one = await page.call('colours.sample', { id, colouring: plain, vivid: 1 });
    expect(await page.call('colours.sample', { id, colouring: plain, vivid: 1 })).toEqual(one);
    const sum = one.bitsLabels + one.bitsColour;
    expect(one.bitsPerSample).toBeCloseTo(sum / (16 * 32 * 24), 9);
    const scene = await page.call('colours.open', { id });
    const segment = scene.segments[(4 * 5 + 2) * scene.segmentColumns + 4 * 9 + 2]!;
    const { options } = await page.call('colours.options', { id, segments: [segment] });
    const chances = options.map(({ probability }) => probability);
    expect(chances).toEqual([...chances].sort((a, b) => b - a));
    const inSegment = (cell: number) => {
      const corner = 4 * Math.floor(cell / 32) * scene.segmentColumns + 4 * (cell % 32);
      const own = (i: number) =>
        scene.segments[corner + Math.floor(i / 4) * scene.segmentColumns + (i % 4)] === segment;
      return Array.from({ length: 16 }, (_, i) => own(i)).filter(Boolean).length;
    };
    const whole = one.labels.flatMap((_, cell) => (inSegment(cell) === 16 ? [cell] : []));
    expect(whole.length).toBeGreaterThan(0);
    const other = options.at(-1)!.label;
    for (const draw of ['regions', 'model'] as const) {
      for (const seed of [1, 2]) {
        const colouring = {
          ...plain,
          draw,
          seed,
          regions: [[segment, other]] as [number, number][],
        };
        const { labels } = await page.call('colours.sample', { id, colouring, vivid: 1 });
        expect(whole.map((cell) => labels[cell])).toEqual(whole.map(() => other));
        if (seed !== 1 || draw !== 'regions') continue;
        const elsewhere = one.labels.flatMap((_, cell) => (inSegment(cell) === 0 ? [cell] : []));
        expect(elsewhere.map((cell) => labels[cell])).toEqual(
          elsewhere.map((cell) => one.labels[cell]),
        );
      }
    }
  });

  it('hold colour points, and painted cells, in every sample', async () => {
    const points = [{ x: 0.5, y: 0.8, colour: '#a03020' }];
    const held = [[5 * 32 + 9, 12]] as [number, number][];
    for (const seed of [1, 2]) {
      const colouring = { ...plain, seed, held, points };
      const { labels, thumb } = await page.call('colours.sample', { id, colouring, vivid: 1 });
      expect(labels[5 * 32 + 9]).toBe(12);
      const rgb = await pixelsAt(thumb);
      const at = 3 * (Math.floor(0.8 * size.height) * size.width + Math.floor(0.5 * size.width));
      expect(rgb[at]!).toBeGreaterThan(rgb[at + 1]! + 30);
      expect(rgb[at]!).toBeGreaterThan(rgb[at + 2]! + 30);
    }
  });

  it('show tiles of the colours, and of the lightness alone', async () => {
    const place = { id, level: 0, x: 0, y: 0, w: size.width, h: size.height };
    const layer = { what: 'colour' as const, colouring: plain, vivid: 1 };
    const [coloured] = await page.call('colours.tiles', { ...place, layer });
    const [grey] = await page.call('colours.tiles', { ...place, layer: { what: 'grey' } });
    const rgb = await pixelsAt(grey!.url);
    for (let i = 0; i < rgb.length; i += 3) {
      expect(Math.max(rgb[i]!, rgb[i + 1]!, rgb[i + 2]!)).toBeLessThanOrEqual(
        Math.min(rgb[i]!, rgb[i + 1]!, rgb[i + 2]!) + 1,
      );
    }
    const { thumb } = await page.call('colours.sample', { id, colouring: plain, vivid: 1 });
    expect(await pixelsAt(coloured!.url)).toEqual(await pixelsAt(thumb));
  });

  it('score the colours of a photo that has any, the simpler models beside', async () => {
    expect(await page.call('colours.score', { id })).toBeNull();
    const path = join(root, 'colour.png');
    await writeFile(path, await encodePhoto(renderScene('landscape', size), 'png'));
    const { added } = await page.call('files.add', { paths: [path] });
    const score = (await page.call('colours.score', { id: added[0]!.id }))!;
    const { one, ...others } = score;
    // A model without the net of one label has no such baseline.
    for (const bits of [...Object.values(others), ...(one === null ? [] : [one])]) {
      expect(bits).toBeGreaterThan(0);
      expect(bits).toBeLessThan(30);
    }
  });

  it('save several at once, each coloured in its own way, and a failed one again as it was', async () => {
    const paths = ['c.png', 'd.png'].map((name) => join(root, name));
    for (const path of paths)
      await writeFile(path, await encodePhoto(greyScene('landscape', size), 'png'));
    const { added } = await page.call('files.add', { paths });
    const [c, d] = added.map((entry) => entry.id) as [string, string];
    const colours = { ...plain, vivid: 1, note: false };
    const order = { format: 'png' as const, colours, colourings: { [d]: { ...plain, seed: 5 } } };
    const batch = async (args: { ids: string[]; again?: boolean } & Partial<typeof order>) => {
      const before = page.heard.queue.length;
      await page.call('queue.save', args);
      await page.until(({ queue }) =>
        queue.slice(before).some(({ state, saved }) => state === 'idle' && saved > 0),
      );
    };
    await batch({ ids: [c, d], ...order });
    const saved = async (name: string) => (await readPhoto(join(root, 'saved', name))).rgb;
    expect(await saved('c.colour.png')).not.toEqual(await saved('d.colour.png'));

    await rm(paths[1]!);
    const before = page.heard.queue.length;
    await page.call('queue.save', { ids: [c, d], ...order });
    await page.until(({ queue }) =>
      queue.slice(before).some(({ state, failed }) => state === 'idle' && failed.includes(d)),
    );
    expect(await saved('c (2).colour.png')).toEqual(await saved('c.colour.png'));
    await writeFile(paths[1]!, await encodePhoto(greyScene('landscape', size), 'png'));
    await batch({ ids: [d], again: true });
    expect(await saved('d (2).colour.png')).toEqual(await saved('d.colour.png'));
    for (const name of await readdir(join(root, 'saved'))) await rm(join(root, 'saved', name));
  });

  it('save with the note, without it, and as .lavi; nothing is replaced', async () => {
    const colours = { ...plain, vivid: 1, note: true };
    const ways = [
      { format: 'png' as const, colours },
      { format: 'png' as const, colours: { ...colours, note: false } },
      { colours },
    ];
    for (const [n, way] of ways.entries()) {
      await page.call('queue.save', { ids: [id], ...way });
      await page.until(({ queue }) => queue.filter(({ saved }) => saved === 1).length > n);
      await page.until(({ queue }) => queue.at(-1)?.state === 'idle');
    }
    const folder = join(root, 'saved');
    expect((await readdir(folder)).sort()).toEqual([
      'a (2).colour.png',
      'a.colour.lavi',
      'a.colour.png',
    ]);
    const noted = await readPhoto(join(folder, 'a.colour.png'));
    expect(Buffer.from(noted.xmp!).toString('utf8')).toContain('AI colourised');
    const bare = await readPhoto(join(folder, 'a (2).colour.png'));
    expect(bare.xmp).toBeUndefined();
    expect(bare.rgb).toEqual(noted.rgb);
    const { added } = await page.call('files.add', { paths: [join(folder, 'a.colour.lavi')] });
    const again = added[0]!.id;
    expect(await page.call('files.info', { id: again })).toMatchObject({
      ...size,
      metadata: ['xmp'],
    });
    const { w, h } = { w: size.width, h: size.height };
    const layer = { what: 'original' as const };
    const [tile] = await page.call('photo.tiles', { id: again, layer, level: 0, x: 0, y: 0, w, h });
    // What was coded is the coloured photo: the codec's error is below what the colours come to.
    const back = await pixelsAt(tile!.url);
    const mean = (of: (i: number) => number) =>
      back.reduce((sum, _, i) => sum + of(i), 0) / back.length;
    const { rgb } = noted;
    const error = mean((i) => Math.abs(rgb[i]! - back[i]!));
    expect(error).toBeLessThan(mean((i) => Math.abs(rgb[i]! - rgb[i - (i % 3) + 1]!)));
  });

  it('hand the labels to the Labels workspace, the photo under them', async () => {
    const { labels } = await page.call('colours.sample', { id, colouring: plain, vivid: 1 });
    const names = ['Null'];
    const { map } = await page.call('colours.toLabels', { id, colouring: plain, names });
    const [state] = await page.call('labels.list', {});
    // No label means "not labelled", the first one neither.
    expect(state).toMatchObject({ id: map, ...size, photo: 'photo.png', voidLabel: null });
    const scene = await page.call('colours.open', { id });
    expect(state!.classes).toEqual(
      scene.labels.map(({ name, colour }, label) => ({
        ...{ label, colour, name: names[label] ?? name },
        pixels: 25 * labels.filter((one) => one === label).length,
      })),
    );
    expect((await page.call('labels.pick', { id: map, x: 47, y: 27 })).label).toBe(
      labels[5 * 32 + 9],
    );
  });
});
