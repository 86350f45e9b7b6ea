import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '../e2e';
import { encodePhoto } from '../../src-main/image/output';
import { decodeLabels } from '../../src-main/labels/file';
import { readLabelPng } from '../../src-main/labels/png-map';
import { writeLabelPng } from '../../src-main/labels/png-write';
import { lavi } from '../e2e-cli/lavi';
import { renderScene } from '../photos';
import { cells } from '../unit/labels/maps';
import { launchBrowser } from './browser';
import type { WatchedPage } from './page';
import { expectAccessible, openPage } from './page';
import type { WebShell } from './web-shell';
import { dropFiles, startWebShell } from './web-shell';

let browser: Browser;
let home: string;
let shell: WebShell;
let watched: WatchedPage;
let page: Page;

const size = { width: 320, height: 240 };
const colours = [0x202020, 0x804080, 0xf423e8, 0x46aa46, 0x4682b4, 0xdcdc00];
const palette = Uint8Array.from(colours.flatMap((c) => [c >> 16, (c >> 8) & 255, c & 255, 255]));
const names = { 0: 'void', 1: 'road', 2: 'path', 3: 'tree', 4: 'sky', 5: 'sign' };
const map = { ...cells(size.width, size.height, 6), palette, names, voidLabel: 0 };
const file = (name: string) => join(home, name);

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'lavi-labels-web-'));
  await mkdir(join(home, 'Pictures'));
  await writeFile(file('street.png'), writeLabelPng(map));
  const photo = await encodePhoto(renderScene('city', size), 'jpeg', { quality: 90 });
  await writeFile(file('street.jpg'), photo);
  await start();
});
afterEach(async () => {
  await page.close();
  await shell.stop();
  await rm(home, { recursive: true, force: true });
});

async function start() {
  shell = await startWebShell(home);
  watched = await openPage(browser);
  page = watched.page;
  await page.goto(shell.address);
  await page.getByRole('button', { name: 'Labels', exact: true }).click();
  // What is dropped before the workspace stands goes to the one before it.
  await page.locator('main.labels').waitFor();
}

const hero = () => page.locator('[data-test=label-facts]');

/** The numbers that the page shows, once they are of the map as it is. */
async function counted() {
  await page.locator('[data-test=label-facts][data-measured=true]').waitFor();
  const read = async (name: string) => Number(await hero().getAttribute(`data-${name}`));
  return {
    points: await read('points'),
    bytes: await read('bytes'),
    pointBits: await read('bits'),
    modelBits: await read('model-bits'),
  };
}

async function open(...files: string[]) {
  await dropFiles(page, files.map(file));
  return counted();
}

/** Where the map's pixel (x, y) is in the window. */
async function at(x: number, y: number) {
  const box = (await page.locator('.shadow').boundingBox())!;
  return {
    x: box.x + ((x + 0.5) * box.width) / size.width,
    y: box.y + ((y + 0.5) * box.height) / size.height,
  };
}

async function draw(points: [number, number][]) {
  for (const [i, [x, y]] of points.entries()) {
    const place = await at(x, y);
    await page.mouse.move(place.x, place.y);
    if (i === 0) await page.mouse.down();
  }
  await page.mouse.up();
}

const undo = () => page.getByRole('button', { name: 'Undo', exact: true });

const saved = async () => {
  const folder = join(home, 'Pictures', 'Lavi');
  return (await readdir(folder).catch(() => [])).map((name) => join(folder, name));
};

describe('the Labels workspace', () => {
  it('counts what the command line counts, plays, edits, undoes, saves, opens again', async () => {
    const shown = await open('street.png', 'street.jpg');
    expect((await lavi(['labels', 'encode', 'street.png'], home)).code).toBe(0);
    const info = (await lavi(['labels', 'info', 'street.lavi', '--json'], home)).json()[0]!;
    const { points, bytes, pointBits, modelBits } = info;
    expect(shown).toEqual({ points, bytes, pointBits, modelBits });

    const scrub = page.locator('[data-test=scrub]');
    const frame = page.locator('[data-test=frame]');
    await scrub.focus();
    const texts = [];
    for (const key of ['Home', 'ArrowRight', 'End']) {
      await page.keyboard.press(key);
      texts.push(await frame.textContent());
    }
    expect(texts[0]).toContain('stride 64');
    expect(texts[1]).toContain('stride 32');
    expect(texts[2]).toContain(`stride 1: ${new Intl.NumberFormat('en').format(shown.points)}`);

    await page.locator('canvas').focus();
    await page.keyboard.press('b');
    await page.getByRole('button', { name: 'tree', exact: false }).first().click();
    await draw([
      [60, 60],
      [200, 90],
      [260, 180],
    ]);
    await page.locator('[data-test=label-facts][data-measured=false]').waitFor();
    const edited = await counted();
    expect(edited.points).not.toBe(shown.points);
    await page.keyboard.press('Control+z');
    await page.locator('[data-test=label-facts][data-measured=false]').waitFor();
    expect(await counted()).toEqual(shown);
    await page.keyboard.press('Control+Shift+z');
    await page.locator('[data-test=label-facts][data-measured=false]').waitFor();
    expect(await counted()).toEqual(edited);

    await page.locator('[data-test=save-labels]').click();
    await page.getByText('Saved and verified').waitFor();
    const [path] = await saved();
    const written = await readFile(path!);
    expect(written.length).toBe(edited.bytes);
    const { labels } = decodeLabels(written).map;
    expect(labels).not.toEqual(map.labels);
    // Saved again it gets a name of its own: nothing is replaced.
    await page.locator('[data-test=save-labels]').click();
    await expect.poll(async () => (await saved()).length).toBe(2);

    await page.getByRole('button', { name: 'More ways to save' }).click();
    await page.getByRole('menuitem', { name: 'Map as PNG' }).click();
    await expect.poll(async () => (await saved()).length).toBe(3);
    const png = (await saved()).find((one) => one.endsWith('.png'))!;
    const exported = readLabelPng(await readFile(png));
    expect(exported.labels).toEqual(labels);
    expect(exported.palette!.subarray(0, palette.length)).toEqual(palette);
    expect(exported.names).toEqual(names);

    await dropFiles(page, [path!]);
    await expect.poll(() => page.locator('.maps li').count()).toBe(2);
    const again = await counted();
    expect(again).toEqual(edited);
    await watched.expectClean();
  });

  it('keeps edits that were not saved over a reload and a crash of the whole app', async () => {
    const before = await open('street.png');
    await page.keyboard.press('f');
    const place = await at(160, 120);
    await page.mouse.click(place.x, place.y);
    await undo().and(page.locator(':enabled')).waitFor();
    await expect.poll(async () => (await counted()).points).not.toBe(before.points);
    const edited = await counted();
    await page.reload();
    expect(await counted()).toEqual(edited);
    await page.close();
    process.kill(shell.pid, 'SIGKILL');
    await start();
    expect(await counted()).toEqual(edited);
    await undo().click();
    await page.locator('[data-test=label-facts][data-measured=false]').waitFor();
    expect(await counted()).toEqual(before);
    await watched.expectClean();
  });

  it('gives a class another colour, here and in what is saved', async () => {
    await open('street.png');
    const colour = page.getByLabel('Colour of void');
    expect(await colour.inputValue()).toBe('#202020');
    await colour.fill('#12ab34');
    await undo().and(page.locator(':enabled')).waitFor();
    await page.getByRole('button', { name: 'More ways to save' }).click();
    await page.getByRole('menuitem', { name: 'Map as PNG' }).click();
    await expect.poll(async () => (await saved()).length).toBe(1);
    const exported = readLabelPng(await readFile((await saved())[0]!));
    expect([...exported.palette!.subarray(0, 8)]).toEqual([
      0x12,
      0xab,
      0x34,
      255,
      ...palette.subarray(4, 8),
    ]);
    await undo().click();
    await expect.poll(() => colour.inputValue()).toBe('#202020');
    await watched.expectClean();
  });

  it('makes a map of a photo alone, and of another number of colours', async () => {
    await open('street.jpg');
    expect(await page.locator('.classes li').count()).toBe(8);
    const colours = page.locator('[data-test=colours]');
    await colours.focus();
    await page.keyboard.press('Home');
    await page.locator('.classes li').nth(2).waitFor({ state: 'detached' });
    expect(await page.locator('.classes li').count()).toBe(2);
    await watched.expectClean();
  });

  it('names a wrong file, and a photo of another size', async () => {
    await writeFile(file('notes.png'), 'not a picture');
    const small = renderScene('city', { width: 64, height: 48 });
    await writeFile(file('small.jpg'), await encodePhoto(small, 'jpeg', { quality: 90 }));
    await dropFiles(page, [file('notes.png')]);
    await page.getByText('notes.png: This is neither').waitFor();
    await dropFiles(page, [file('street.png'), file('small.jpg')]);
    await page.getByText('small.jpg: Map and photo must have the same size.').waitFor();
    await counted();
    await watched.expectClean();
  });

  it.each(['light', 'dark'] as const)('has no serious violation in %s', async (theme) => {
    await page.emulateMedia({ colorScheme: theme });
    await page.getByRole('heading', { name: 'Drop a label map here' }).waitFor();
    await expectAccessible(page);
    await open('street.png', 'street.jpg');
    await page.keyboard.press('b');
    await page.locator('[data-test=reduce]').click();
    await page.locator('[data-test=seeds]').waitFor();
    await expectAccessible(page);
    await page.setViewportSize({ width: 900, height: 600 });
    await expectAccessible(page);
    await watched.expectClean();
  });
});
