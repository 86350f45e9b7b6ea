import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { Page } from 'playwright-core';
import type {
  AppContract,
  FileEntry,
  LabelMapState,
  Measure,
  Settings,
} from '../../src-main/api/calls/contract';
import { appContract } from '../../src-main/api/calls/contract';
import type { Handlers, ServerChannel } from '../../src-main/api/channel/channel';
import { serveChannel } from '../../src-main/api/channel/channel';
import { LaviError } from '../../src-main/api/errors';
import { socketPath } from '../../src-main/api/channel/page';
import { renderScene } from '../photos';
import { fakeColours } from './fake-colours';
import { fakeMixture } from './fake-mixture';
import { fakeVae } from './fake-vae';
import { encodePhoto } from '../../src-main/image/output';

/** The policy that both shells send. */
export const policy = "default-src 'self'; img-src 'self' blob:";

const origin = 'http://lavi.test';
const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

export interface FakeSession {
  page: Page;
  channel: () => ServerChannel<AppContract>;
  /** Names of the calls so far, with their arguments. */
  calls: { name: string; args: unknown }[];
}

const width = 768;
const height = 512;
let drawn: Promise<Buffer> | undefined;
const draw = async () =>
  Buffer.from(await encodePhoto(renderScene('gradient', { width, height }), 'png'));

const curve = (quality: number): Measure => {
  const bytes = Math.round(4000 * Math.exp(quality / 26));
  return {
    quality,
    bytes,
    bpp: (8 * bytes) / (width * height),
    psnr: 28 + quality / 7,
    msssim: 1 - 0.08 * Math.exp(-quality / 30),
    headerBytes: 120,
    hyperBits: bytes * 0.4,
    latentBits: bytes * 7.5,
    modelBits: bytes * 7.9,
    lambda: 0.0008 * Math.exp(quality / 17),
    step: 40 * Math.exp(-quality / 30),
  };
};

export const fakeSettings: Settings = {
  workspace: 'compress',
  theme: 'system',
  language: 'en',
  outputRule: 'folder',
  outputFolder: '/home/me/Pictures/Lavi',
  suffix: '-small',
  metadata: true,
  effort: 'default',
  tune: 'psnr',
  provider: 'auto',
  threads: null,
  quality: 50,
  codeAnyway: false,
  exportFormat: 'jpeg',
  exportQuality: 90,
  colourFormat: 'png',
  colourNote: true,
};

/**
 * The page with a session that answers from memory: for states that a real one reaches slowly or
 * rarely (thousands of files, failures, a crash). Its numbers are invented; no test compares them
 * with anything measured.
 */
export async function openWithFakeDesk(
  page: Page,
  files: FileEntry[],
  overrides: Partial<Handlers<AppContract>> = {},
): Promise<FakeSession> {
  const picture = await (drawn ??= draw());
  const url = `/px/${'0'.repeat(32)}.png`;
  const bundle = join(import.meta.dirname, '../../out/renderer');
  await page.route(`${origin}/**`, async (route) => {
    const path = new URL(route.request().url()).pathname;
    if (path.startsWith('/px/')) return route.fulfill({ body: picture, contentType: 'image/png' });
    const name = path === '/' ? '/index.html' : path;
    const body = await readFile(join(bundle, name)).catch(() => null);
    if (!body) return route.fulfill({ status: 404 });
    return route.fulfill({
      body,
      contentType: types[extname(name)] ?? 'application/octet-stream',
      headers: { 'content-security-policy': policy },
    });
  });

  let list = files;
  let settings = fakeSettings;
  const removed: FileEntry[][] = [];
  const calls: FakeSession['calls'] = [];
  const idle = {
    state: 'idle' as const,
    total: 0,
    saved: 0,
    failed: [],
    fraction: 0,
    originalBytes: 0,
    bytes: 0,
    secondsLeft: null,
    verified: true,
    secondsPerMegapixel: 2,
  };
  const handlers: Handlers<AppContract> = {
    'app.hello': () => ({
      providers: ['auto', 'cpu', 'webgpu'],
      version: '0.0.0',
      platform: 'web',
      model: { id: 'f'.repeat(16), card: '# A card\n\nIts text.' },
      settings,
      files: list,
      queue: idle,
      home: '/home/me',
    }),
    'app.log': () => ({ file: '/home/me/web.log', text: '{"event":"started"}\n' }),
    'app.setSettings': (patch) => (settings = { ...settings, ...patch }),
    'files.add': () => ({ added: [], failures: [] }),
    'files.list': () => list,
    'files.remove': ({ ids }) => {
      removed.push(list);
      list = list.filter(({ id }) => !ids.includes(id));
      return {};
    },
    'files.restore': ({ ids }) => {
      list = removed.pop() ?? list;
      return list.filter(({ id }) => ids.includes(id));
    },
    'files.setQuality': ({ ids, quality }) => {
      list = list.map((file) =>
        ids.includes(file.id) ? { ...file, quality: quality ?? undefined } : file,
      );
      channel.emit('files', { changed: list.filter(({ id }) => ids.includes(id)), removed: [] });
      return {};
    },
    'files.thumbs': ({ ids }) => {
      list = list.map((file) => (ids.includes(file.id) ? { ...file, thumb: url } : file));
      channel.emit('files', { changed: list.filter(({ id }) => ids.includes(id)), removed: [] });
      return {};
    },
    'files.browse': () => ({ dir: '/home/me', parent: '/home', entries: [], more: 0 }),
    'files.info': () => {
      throw new LaviError('NOT_LAVI', 'This file is none.');
    },
    'photo.open': () => ({ width, height, levels: 2 }),
    'photo.close': () => ({}),
    'photo.measure': ({ quality }) => curve(quality),
    'photo.estimate': () => ({
      points: [0, 25, 50, 75, 100].map(curve).map(({ quality, bytes, bpp, psnr, msssim }) => ({
        quality,
        bytes,
        bpp,
        psnr,
        msssim,
      })),
      done: true,
      whole: true,
    }),
    'photo.tiles': ({ level }) => {
      const scale = 2 ** level;
      return [{ x: 0, y: 0, w: width / scale, h: height / scale, url }];
    },
    'photo.worst': () => [
      { x: 320, y: 160, w: 32, h: 32, mse: 90 },
      { x: 64, y: 400, w: 32, h: 32, mse: 60 },
    ],
    'photo.probe': () => ({ bits: 12.5, mse: 9 }),
    'photo.baselines': () => ({ points: [], done: true, whole: true }),
    'photo.match': ({ codec }) => ({
      codec,
      setting: 40,
      bytes: 30_000,
      bpp: 0.6,
      psnr: 33,
      msssim: 0.97,
    }),
    'queue.save': () => idle,
    'queue.fit': ({ ids, bytes }) => ({
      ...{ quality: 43.25, bytes: bytes - 1, originalBytes: 3_000_000 * ids.length },
      ...{ files: ids.length, failed: [] },
    }),
    'queue.stopFit': () => ({}),
    'files.setAnyway': ({ ids, anyway }) => {
      list = list.map((file) => (ids.includes(file.id) ? { ...file, anyway } : file));
      channel.emit('files', { changed: list.filter(({ id }) => ids.includes(id)), removed: [] });
      return {};
    },
    'queue.pause': () => idle,
    'queue.resume': () => idle,
    'queue.cancel': () => idle,
    ...fakeColours({ width, height, levels: 2 }, url),
    'latents.mixture': (args) => fakeMixture(args, url),
    'latents.share': () => ({ url }),
    'latents.scatter': () => [
      { projection: 'ab', x: [-0.3, 0.3], y: [-0.3, 0.3], url },
      { projection: 'aL', x: [-0.3, 0.3], y: [0, 1], url },
    ],
    'latents.save': () => ({ output: '/home/me/Pictures/Lavi/a.aco' }),
    ...fakeVae({ width, height }, url),
    'latents.worth': () => ({
      ...{ width, height, raw: 3 * width * height, png: 500_000, webp: 400_000 },
      map: { labels: 5, points: 2000, modelBits: 21_000.5, bytes: 2640 },
    }),
    ...labelHandlers(url),
    ...overrides,
  };
  const logged = Object.fromEntries(
    Object.entries(handlers).map(([name, handler]) => [
      name,
      (args: never) => {
        calls.push({ name, args });
        return (handler as (args: never) => unknown)(args);
      },
    ]),
  ) as unknown as Handlers<AppContract>;

  let channel!: ServerChannel<AppContract>;
  await page.routeWebSocket(new RegExp(`${socketPath}$`), (socket) => {
    channel = serveChannel(
      appContract,
      {
        post: (message) => socket.send(message),
        listen(listener) {
          socket.onMessage((message) => listener(message.toString()));
          return () => {};
        },
      },
      logged,
    );
  });
  await page.goto(`${origin}/`);
  return { page, channel: () => channel, calls };
}

/** A map of three classes, in counted and in waiting parts. */
export const fakeMap: LabelMapState = {
  ...{ id: 'm0', name: 'Street.png', width, height, levels: 1, line: 3, undo: 2, redo: 1 },
  ...{ changed: true, photo: 'photo.jpg', segmented: null, classCount: 3, voidLabel: 0 },
  classes: [
    { label: 0, name: 'void', colour: '#000000', pixels: 1000 },
    { label: 1, name: 'road', colour: '#804080', pixels: 300_000 },
    { label: 2, colour: '#46aa46', pixels: 92_216 },
  ],
};

function labelHandlers(url: string) {
  const level = (unit: number) => ({ unit, pixels: 5000, points: 90, bits: 1800 });
  return {
    'labels.list': () => [],
    'labels.open': () => ({ opened: [fakeMap], failures: [] }),
    'labels.close': () => ({}),
    'labels.restore': () => fakeMap,
    'labels.edit': () => fakeMap,
    'labels.undo': () => fakeMap,
    'labels.redo': () => fakeMap,
    'labels.tiles': () => [{ x: 0, y: 0, w: width, h: height, url }],
    'labels.pick': () => ({ label: 1 }),
    'labels.facts': () => ({
      ...{ line: 3, mode: 'sparse' as const, completion: { stride: 64, predictor: 0 } },
      ...{ labels: 3, points: 630, pointShare: 0.0016, bytes: 1700, bpp: 0.035 },
      ...{ modelBits: 13_000, pointBits: 12_600, boundaryEdges: 3000, bitsPerBoundaryEdge: 4.2 },
      levels: [64, 32, 16, 8, 4, 2, 1].map(level),
      classes: fakeMap.classes.map(({ label, pixels }) => ({
        ...{ label, pixels, points: 210, bits: 4200 },
      })),
    }),
    'labels.sizes': () => ({ line: 3, png: 9000, webp: 4000 }),
    'labels.reduce': () => ({ line: 3, seeds: [9, 9, 1], agreement: 0.951, exactBytes: 1900 }),
    'labels.stopReduce': () => ({}),
    'labels.save': () => ({ output: '/home/me/Street.lavi', bytes: 1700, map: fakeMap }),
  } satisfies Partial<Handlers<AppContract>>;
}

export function fakeFiles(count: number): FileEntry[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `f${index}`,
    name: `Photo ${String(index + 1).padStart(4, '0')}.jpg`,
    folder: '/home/me/Pictures',
    kind: 'photo',
    bytes: 3_000_000 + 1000 * index,
    width,
    height,
    state: 'ready',
  }));
}
