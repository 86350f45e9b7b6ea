import { appendFile, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { MessageChannel } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LabelEdit, LabelMapState } from '../../src-main/api/calls/contract';
import { appContract } from '../../src-main/api/calls/contract';
import { serveChannel } from '../../src-main/api/channel/channel';
import { portTransport } from '../../src-main/api/channel/transports';
import { Session } from '../../src-main/session/session';
import { encodePhoto } from '../../src-main/image/output';
import { readPhoto } from '../../src-main/image/photo';
import { decodeSeededLabels, encodeLabels } from '../../src-main/labels/file';
import { labelStatistics } from '../../src-main/labels/statistics';
import { readLabelPng } from '../../src-main/labels/png-map';
import { writeLabelPng } from '../../src-main/labels/png-write';
import { lumaOf } from '../../src-main/labels/watershed';
import { readModelCard } from '../../src-main/shell/process/model-card';
import { defaultSettings } from '../../src-main/shell/process/user-folders';
import { renderScene } from '../photos';
import { cells, noise } from '../unit/labels/maps';
import { profile } from '../unit/image/samples';
import { TestPage } from './app';
import { oneProcess } from './one-process';

const modelsDir = join(import.meta.dirname, '../../models');
const size = { width: 120, height: 90 };
const map = { ...cells(120, 90, 5), names: { 1: 'wall' }, voidLabel: 0 };
const scene = renderScene('city', size);

let root: string;
let session: Session;
let page: TestPage;
let ports: InstanceType<typeof MessageChannel>;

async function start() {
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
}

async function stop() {
  ports.port1.close();
  ports.port2.close();
  await session.close();
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lavi-maps-'));
  await writeFile(join(root, 'a.png'), writeLabelPng(map));
  await writeFile(join(root, 'a.jpg'), await encodePhoto(scene, 'jpeg', { quality: 95 }));
  await writeFile(join(root, 'b.jpg'), await encodePhoto(renderScene('wall', size), 'jpeg'));
  await start();
});
afterEach(async () => {
  await stop();
  await rm(root, { recursive: true, force: true });
});

async function open(...names: string[]) {
  return page.call('labels.open', { paths: names.map((name) => join(root, name)) });
}

async function only(...names: string[]): Promise<LabelMapState> {
  const { opened, failures } = await open(...names);
  expect(failures).toEqual([]);
  expect(opened).toHaveLength(1);
  return opened[0]!;
}

/** The map as saving it gives it. */
async function labelsOf(id: string) {
  const { output } = await page.call('labels.save', { id, what: 'map', effort: 'fast' });
  return readLabelPng(await readFile(output));
}

describe('opening', () => {
  it('puts the photo of the same size and name under a map', async () => {
    const { opened, failures } = await open('b.jpg', 'a.jpg', 'a.png');
    expect(failures).toMatchObject([{ name: 'b.jpg', code: 'SIZE_MISMATCH' }]);
    const state = opened[0]!;
    expect(state).toMatchObject({ name: 'a.png', ...size, line: 0, undo: 0, changed: false });
    expect(state.photo).not.toBeNull();
    expect(state.voidLabel).toBe(0);
    expect(state.classes.map(({ label, name }) => [label, name])).toEqual([
      [0, undefined],
      [1, 'wall'],
      [2, undefined],
      [3, undefined],
      [4, undefined],
    ]);
  });

  it('makes a map of a photo alone, again with other numbers of colours as one step', async () => {
    const { id, classCount, undo } = await only('a.jpg');
    expect(classCount).toBe(8);
    expect(undo).toBe(0);
    for (const count of [4, 3]) {
      const edit = { what: 'segment', count, method: 'em' } as const;
      const state = await page.call('labels.edit', { id, edit });
      expect(state).toMatchObject({
        classCount: count,
        segmented: { count, method: 'em' },
        undo: 0,
      });
    }
  });

  it('takes uploads and does not put them on the list of photos', async () => {
    const bytes = Readable.from([await readFile(join(root, 'a.png'))]);
    const { id } = await session.upload({ name: 'up.png', room: 'labels' }, bytes);
    const { opened } = await page.call('labels.open', { uploads: [id] });
    expect(opened).toMatchObject([{ name: 'up.png', classCount: 5 }]);
    expect(await page.call('files.list', {})).toEqual([]);
  });

  it('names what is no map, damaged or of another size', async () => {
    await writeFile(join(root, 'text.png'), 'text');
    await writeFile(join(root, 'cut.png'), writeLabelPng(noise(50, 50, 9)).subarray(0, 300));
    const small = renderScene('city', { width: 60, height: 45 });
    await writeFile(join(root, 'small.jpg'), await encodePhoto(small, 'jpeg'));
    const { opened, failures } = await open(
      'a.png',
      'text.png',
      'cut.png',
      'small.jpg',
      'gone.png',
    );
    expect(opened).toHaveLength(1);
    expect(Object.fromEntries(failures.map(({ name, code }) => [name, code]))).toEqual({
      'text.png': 'UNSUPPORTED_IMAGE',
      'cut.png': 'TRUNCATED',
      'small.jpg': 'SIZE_MISMATCH',
      'gone.png': 'FILE_NOT_FOUND',
    });
    const under = await page.call('labels.open', {
      ...{ paths: [join(root, 'small.jpg')], under: opened[0]!.id, photoOnly: true },
    });
    expect(under).toMatchObject({ opened: [], failures: [{ code: 'SIZE_MISMATCH' }] });
  });

  it('refuses a map that is too large by its header', async () => {
    const png = Buffer.from(writeLabelPng({ width: 1, height: 1, labels: new Uint16Array(1) }));
    png.writeUInt32BE(60_000, 16);
    png.writeUInt32BE(60_000, 20);
    const { crc32 } = await import('../../src-main/entropy/bytes');
    png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
    await writeFile(join(root, 'huge.png'), png);
    expect((await open('huge.png')).failures).toMatchObject([{ code: 'IMAGE_TOO_LARGE' }]);
  });
});

describe('counting', () => {
  it('counts what a file of the map holds, and the sizes beside it', async () => {
    const { id } = await only('a.png');
    const facts = await page.call('labels.facts', { id, effort: 'fast' });
    // As read from its PNG, which has colours.
    const read = readLabelPng(await readFile(join(root, 'a.png')));
    const { file, points, modelledBits } = encodeLabels(read);
    expect(facts).toMatchObject({ line: 0, bytes: file.length, points });
    expect(facts.modelBits).toBeCloseTo(modelledBits, 6);
    expect(facts.pointBits).toBeCloseTo(labelStatistics(file).pixelBits, 6);
    expect(facts.classes.reduce((sum, { pixels }) => sum + pixels, 0)).toBe(120 * 90);
    const { png, webp } = await page.call('labels.sizes', { id });
    expect(png).toBeGreaterThan(facts.bytes);
    expect(webp).toBeGreaterThan(0);
  });

  it('keeps to a .lavi file as it is until it is edited', async () => {
    const best = encodeLabels(map, { effort: 'best', bare: true }).file;
    await writeFile(join(root, 'best.lavi'), best);
    const { id } = await only('best.lavi');
    const facts = await page.call('labels.facts', { id, effort: 'fast' });
    expect(facts.bytes).toBe(best.length);
    const { output } = await page.call('labels.save', { id, what: 'lavi', effort: 'fast' });
    expect(new Uint8Array(await readFile(output))).toEqual(best);
  });

  it('of counts that wait makes the newest alone', async () => {
    const { id } = await only('a.png');
    const counts = [1, 2, 3].map(() => page.call('labels.facts', { id, effort: 'fast' }));
    const ends = await Promise.allSettled(counts);
    expect(ends.at(-1)!.status).toBe('fulfilled');
    expect(ends[1]).toMatchObject({ status: 'rejected', reason: { code: 'CANCELLED' } });
  });
});

describe('editing', () => {
  const paint: LabelEdit = { what: 'paint', label: 3, size: 9, points: [20, 20, 90, 60] };
  const heal: LabelEdit = { what: 'heal', size: 15, points: [60, 40] };
  const fill: LabelEdit = { what: 'fill', label: 4, x: 5, y: 5 };

  it('undoes and redoes every edit exactly, and a new one ends what could be redone', async () => {
    const { id } = await only('a.png', 'a.jpg');
    const segment = { what: 'segment', count: 6, method: 'hard-em' } as const;
    const name = { what: 'class', label: 9, name: 'new', colour: '#123456' } as const;
    const states = [await labelsOf(id)];
    for (const edit of [paint, heal, segment, fill, name]) {
      await page.call('labels.edit', { id, edit });
      states.push(await labelsOf(id));
    }
    const distinct = new Set(
      states.map(({ labels }) => Buffer.from(labels.buffer).toString('hex')),
    );
    expect(distinct.size).toBe(5);
    for (let i = states.length - 2; i >= 0; i--) {
      expect(await page.call('labels.undo', { id })).toMatchObject({ undo: i });
      expect(await labelsOf(id)).toEqual(states[i]);
    }
    expect(await page.call('labels.undo', { id })).toMatchObject({ undo: 0, redo: 5 });
    for (const state of states.slice(1)) {
      await page.call('labels.redo', { id });
      expect(await labelsOf(id)).toEqual(state);
    }
    await page.call('labels.undo', { id });
    expect(await page.call('labels.edit', { id, edit: paint })).toMatchObject({ redo: 0 });
  });

  it('refuses edits that cannot be', async () => {
    const { id } = await only('a.png');
    const wrong: LabelEdit[] = [
      { what: 'fill', label: 1, x: 120, y: 0 },
      { what: 'segment', count: 4, method: 'em' },
      { ...paint, size: 0 },
      { ...paint, label: 70_000 },
    ];
    for (const edit of wrong) {
      const refused = page.call('labels.edit', { id, edit });
      await expect(refused).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    }
    expect((await page.call('labels.list', {}))[0]).toMatchObject({ line: 0, changed: false });
  });

  it('keeps edits for the next run, also past a line that a crash cut short', async () => {
    const { id } = await only('a.png');
    await page.call('labels.edit', { id, edit: paint });
    const before = await labelsOf(id);
    await page.call('labels.edit', { id, edit: { what: 'void', label: null } });
    await stop();
    await appendFile(join(root, 'config/labels', id, 'log.jsonl'), '{"edit":{"what":"pai');
    await start();
    expect(await page.call('labels.list', {})).toMatchObject([{ id, undo: 2, changed: true }]);
    const state = await page.call('labels.undo', { id });
    expect(state).toMatchObject({ undo: 1, voidLabel: 0 });
    expect(await labelsOf(id)).toEqual(before);
  });

  it('brings back a closed map with its edits, and forgets it with the run', async () => {
    const { id } = await only('a.png');
    await page.call('labels.edit', { id, edit: fill });
    await page.call('labels.close', { id });
    expect(await page.call('labels.list', {})).toEqual([]);
    expect(await page.call('labels.restore', { id })).toMatchObject({ undo: 1 });
    await page.call('labels.close', { id });
    await stop();
    expect(await readdir(join(root, 'config/labels'))).toEqual([]);
    await start();
  });

  it('picks the label under a pixel', async () => {
    const { id } = await only('a.png');
    const label = map.labels[33 * 120 + 44];
    expect(await page.call('labels.pick', { id, x: 44, y: 33 })).toEqual({ label });
    const outside = page.call('labels.pick', { id, x: 120, y: 0 });
    await expect(outside).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });
});

describe('showing', () => {
  it('gives tiles of every layer, and others after an edit', async () => {
    const { id } = await only('a.png', 'a.jpg');
    const completion = { stride: 64, predictor: 0 };
    const layers = [
      { what: 'map' },
      { what: 'photo' },
      { what: 'edges' },
      { what: 'others', label: 2 },
      { what: 'points', ...completion },
      { what: 'frame', ...completion, unit: 8 },
    ] as const;
    const request = { id, level: 0, x: 0, y: 0, w: 120, h: 90 };
    const tiles = async (line: number) =>
      Promise.all(layers.map((layer) => page.call('labels.tiles', { ...request, line, layer })));
    const first = await tiles(0);
    expect(new Set(first.flat().map(({ url }) => url)).size).toBe(layers.length);
    const [tile] = first[0]!;
    const png = readLabelPng(await readFile((await session.picture(tile!.url.slice(4)))!));
    expect([png.width, png.height]).toEqual([120, 90]);
    // One colour a label: told apart, they are the map.
    expect(new Set(png.labels).size).toBe(5);
    await page.call('labels.edit', { id, edit: { what: 'fill', label: 4, x: 5, y: 5 } });
    const second = await tiles(1);
    expect(second.map(([one], i) => one!.url === first[i]![0]!.url)).toEqual([
      ...[false, true, false, false, false, false],
    ]);
  });
});

describe('showing a photo', () => {
  it('keeps its colour profile, so that it looks here as elsewhere', async () => {
    const icc = await profile('p3');
    await writeFile(join(root, 'a.jpg'), await encodePhoto({ ...scene, icc }, 'jpeg'));
    const { id } = await only('a.png', 'a.jpg');
    const profileOf = async (what: 'photo' | 'map') => {
      const place = { id, line: 0, level: 0, x: 0, y: 0, w: 120, h: 90 };
      const [tile] = await page.call('labels.tiles', { ...place, layer: { what } });
      return (await readPhoto((await session.picture(tile!.url.slice(4)))!)).icc;
    };
    expect(Buffer.from((await profileOf('photo'))!)).toEqual(Buffer.from(icc));
    expect(await profileOf('map')).toBeUndefined();
  });
});

describe('saving', () => {
  it('never replaces a file, and the map is unchanged after it', async () => {
    const { id } = await only('a.png');
    await page.call('labels.edit', { id, edit: { what: 'fill', label: 4, x: 5, y: 5 } });
    const names = [];
    for (let i = 0; i < 2; i++) {
      const { output, map: state } = await page.call('labels.save', {
        ...{ id, what: 'lavi', effort: 'fast' },
      });
      names.push(output);
      expect(state.changed).toBe(false);
    }
    expect(names).toEqual([join(root, 'saved/a.lavi'), join(root, 'saved/a (2).lavi')]);
  });

  it('saves the points, and seeds that bring the map back exactly', async () => {
    const { id } = await only('a.png', 'a.jpg');
    const { output } = await page.call('labels.save', { id, what: 'points', effort: 'fast' });
    const picture = readLabelPng(await readFile(output));
    const { points } = encodeLabels(map);
    expect(picture.labels.filter((label) => label !== picture.voidLabel)).toHaveLength(points);

    const none = page.call('labels.save', { id, what: 'seeds', effort: 'fast' });
    await expect(none).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    const found = await page.call('labels.reduce', { id, agreement: 0.9 });
    expect(found.agreement).toBeGreaterThanOrEqual(0.9);
    expect(page.heard.progress.some(({ what }) => what === 'reduce')).toBe(true);
    const seeded = await page.call('labels.save', { id, what: 'seeds', effort: 'fast' });
    expect(seeded.bytes).toBe(found.exactBytes);
    const photo = await (await import('../../src-main/image/photo')).readPhoto(join(root, 'a.jpg'));
    const decoded = decodeSeededLabels(await readFile(seeded.output), lumaOf(photo.rgb));
    expect(decoded.map.labels).toEqual(map.labels);
    expect(decoded.seeds).toHaveLength(found.seeds.length / 3);

    const { failures } = await page.call('labels.open', { paths: [seeded.output] });
    expect(failures).toMatchObject([{ code: 'WRONG_CONTENT' }]);
    const both = await page.call('labels.open', {
      paths: [seeded.output, join(root, 'a.jpg')],
    });
    expect((await labelsOf(both.opened[0]!.id)).labels).toEqual(map.labels);
  });

  it('gives up looking for seeds when told to', async () => {
    const { id } = await only('a.png', 'a.jpg');
    const looking = page.call('labels.reduce', { id, agreement: 0.99 });
    await page.until(({ progress }) => progress.length > 0);
    await page.call('labels.stopReduce', {});
    await expect(looking).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
