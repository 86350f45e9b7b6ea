import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from '../e2e';
import type { AppContract } from '../../src-main/api/calls/contract';
import type { Handlers } from '../../src-main/api/channel/channel';
import { LaviError } from '../../src-main/api/errors';
import { encodePhoto } from '../../src-main/image/output';
import { decodePhoto, readPhoto } from '../../src-main/image/photo';
import { renderScene } from '../photos';
import { greyScene } from '../photos/grey';
import { launchBrowser } from './browser';
import { fakeFiles, openWithFakeDesk } from './fake-session';
import { expectAccessible, openPage } from './page';
import type { WebShell } from './web-shell';
import { dropFiles, startWebShell } from './web-shell';

/** Cells of 10 × 10 pixels. */
const size = { width: 320, height: 240 };
const columns = 32;
const side = 10;

let browser: Browser;
let home: string;
let shell: WebShell;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'lavi-colorize-'));
  await writeFile(join(home, 'meadow.png'), await encodePhoto(greyScene('landscape', size), 'png'));
  [browser, shell] = await Promise.all([launchBrowser(), startWebShell(home)]);
});
afterAll(async () => {
  await browser.close();
  await shell.stop();
  await rm(home, { recursive: true, force: true });
});

const samples = (page: Page) => page.locator('[data-test=sample]');

/** Waits until every colouring is made as things stand. */
async function made(page: Page) {
  await page.locator('[data-test=sample][data-fresh=true]').first().waitFor();
  await page.locator('[data-test=sample][data-fresh=false]').first().waitFor({
    state: 'detached',
  });
}

const sampleOf = (page: Page, seed: number) =>
  page.locator(`[data-test=sample][data-seed="${seed}"] img`);

/** The picture that the page shows of a seed: the photo is no larger than its thumbnail may be. */
async function pixels(page: Page, seed: number): Promise<{ url: string; rgb: Uint8Array }> {
  const url = (await sampleOf(page, seed).getAttribute('src'))!;
  const bytes = await page.evaluate(
    async (from) => [...new Uint8Array(await (await fetch(from)).arrayBuffer())],
    url,
  );
  const { rgb, width, height } = await decodePhoto(Uint8Array.from(bytes));
  expect({ width, height }).toEqual(size);
  return { url, rgb };
}

/** Mean difference of two pictures over pixels. */
function difference(a: Uint8Array, b: Uint8Array, counts: (cell: number) => boolean): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < size.width * size.height; i++) {
    const x = Math.floor((i % size.width) / side);
    const y = Math.floor(i / size.width / side);
    if (!counts(y * columns + x)) continue;
    for (let c = 0; c < 3; c++) sum += Math.abs(a[3 * i + c]! - b[3 * i + c]!);
    count += 3;
  }
  return sum / count;
}

/** The cell at a place, 0…1 of the picture. */
const cellAt = (x: number, y: number) =>
  Math.floor((y * size.height) / side) * columns + Math.floor((x * size.width) / side);

describe('the workspace "Colorize"', () => {
  it('colours a grey photo, follows a relabelled region, undoes it, saves, and reads it again', async () => {
    const { page, expectClean } = await openPage(browser);
    await page.goto(shell.address);
    await page.getByRole('button', { name: 'Colorize' }).click();
    await page.getByRole('heading', { name: 'Drop a grey photo here' }).waitFor();
    await dropFiles(page, [join(home, 'meadow.png')]);
    await made(page);
    expect(await samples(page).count()).toBe(4);
    // The likeliest stands first and is chosen.
    const seeds = await samples(page).evaluateAll((all) => all.map((one) => one.dataset['seed']));
    expect(seeds).toEqual(['0', '1', '2', '3']);
    expect(await samples(page).first().getAttribute('aria-pressed')).toBe('true');

    const seed = Number(await samples(page).first().getAttribute('data-seed'));
    await samples(page).first().click();
    const before = await pixels(page, seed);
    const box = (await page.locator('.shadow').boundingBox())!;
    await page.mouse.click(box.x + 0.7 * box.width, box.y + 0.12 * box.height);
    const region = page.locator('[data-test=region]');
    await region.waitFor();
    expect(await region.getAttribute('data-segments')).toMatch(/^\d+$/);
    const options = region.locator('[data-label]');
    const shares = await options.locator('small').allTextContents();
    const values = shares.map((text) => parseFloat(text));
    expect(values).toEqual([...values].sort((a, b) => b - a));
    await options.nth(await farthest(page)).click();
    await page.locator('[data-test=sample][data-fresh=false]').first().waitFor();
    await made(page);

    const after = await pixels(page, seed);
    // What was clicked changed most; the other end of the picture did not.
    const at = cellAt(0.7, 0.12);
    const inside = difference(before.rgb, after.rgb, (cell) => cell === at);
    const elsewhere = difference(before.rgb, after.rgb, (cell) => cell === cellAt(0.1, 0.95));
    expect(inside).toBeGreaterThan(4);
    expect(elsewhere).toBeLessThan(inside / 10);

    await page.getByRole('button', { name: 'Undo' }).click();
    await made(page);
    // Pictures are named by what they show.
    await expect.poll(() => sampleOf(page, seed).getAttribute('src')).toBe(before.url);
    await page.getByRole('button', { name: 'Redo' }).click();
    await expect.poll(() => sampleOf(page, seed).getAttribute('src')).toBe(after.url);
    await made(page);
    await expectAccessible(page);

    await page.locator('[data-test=save]').click();
    await page.locator('[data-test=saved]').waitFor();
    expect(await readdir(join(home, 'Pictures/Lavi'))).toEqual(['meadow.colour.png']);
    const saved = await readPhoto(join(home, 'Pictures/Lavi/meadow.colour.png'));
    expect(Buffer.from(saved.xmp!).toString('utf8')).toContain('AI colourised');
    expect(Buffer.from(saved.rgb).equals(Buffer.from(after.rgb))).toBe(true);
    await dropFiles(page, [join(home, 'Pictures/Lavi/meadow.colour.png')]);
    await page.getByText('2 photos').waitFor();
    await page.getByRole('button', { name: 'Original', exact: true }).click();
    await made(page);
    expect(await samples(page).count()).toBe(4);
    await expectClean();
    await page.close();
  });
});

describe('what was made of photos', () => {
  const cellHeld = (page: Page) => page.getByText('1 cell is labelled by hand.');
  const keepButton = (page: Page, seed: number) =>
    page.getByRole('button', { name: `Keep the colouring of seed ${seed}` });
  const isKept = async (page: Page, seed: number) =>
    expect(await keepButton(page, seed).getAttribute('aria-pressed')).toBe('true');

  it('outlives a reload and the app: labels, each step, and what was kept', async () => {
    const own = await mkdtemp(join(tmpdir(), 'lavi-colorize-'));
    const photo = join(own, 'colour.png');
    await writeFile(photo, await encodePhoto(renderScene('landscape', size), 'png'));
    let shell = await startWebShell(own);
    let { page, expectClean } = await openPage(browser);
    try {
      await page.goto(shell.address);
      await page.getByRole('button', { name: 'Colorize' }).click();
      await page.getByRole('heading', { name: 'Drop a grey photo here' }).waitFor();
      await dropFiles(page, [photo]);
      await made(page);
      // It came in colour: those colours are scored, the simpler models beside, bounds marked.
      const bars = page.locator('[data-test=baselines] [data-model]');
      await bars.first().waitFor();
      const bounds = await bars.evaluateAll((all) =>
        all.flatMap((one) => (one.textContent.includes('≤') ? [one.dataset['model']] : [])),
      );
      expect(bounds).toEqual(['lavi', 'palette', 'chosen']);
      const others = await bars.evaluateAll((all) => all.map((one) => one.dataset['model']));
      expect(others).toEqual(expect.arrayContaining(['givenL', 'abHistogram']));

      await keepButton(page, 3).click({ force: true });
      const kept = await pixels(page, 3);
      await page.keyboard.press('b');
      await page.locator('.stage canvas').focus();
      await page.keyboard.press('Enter');
      await cellHeld(page).waitFor();
      await made(page);
      await page.waitForTimeout(500);
      await page.reload();
      await made(page);
      await cellHeld(page).waitFor();
      await isKept(page, 3);
      expect((await pixels(page, 3)).rgb).toEqual(kept.rgb);
      await expectClean();
      await page.close();
      await shell.stop();

      shell = await startWebShell(own);
      ({ page, expectClean } = await openPage(browser));
      await page.goto(shell.address);
      await made(page);
      await cellHeld(page).waitFor();
      await isKept(page, 3);
      expect((await pixels(page, 3)).rgb).toEqual(kept.rgb);
      await page.keyboard.press('Control+z');
      await cellHeld(page).waitFor({ state: 'detached' });
      await page.keyboard.press('Control+Shift+z');
      await cellHeld(page).waitFor();
      await expectClean();
    } finally {
      await page.close();
      await shell.stop();
      await rm(own, { recursive: true, force: true });
    }
  });

  it('is saved as each photo was left: four choices, colour points and all, over a restart', async () => {
    const own = await mkdtemp(join(tmpdir(), 'lavi-colorize-'));
    const names = ['a', 'b', 'c', 'd'];
    const grey = await encodePhoto(greyScene('landscape', size), 'png');
    for (const name of names) await writeFile(join(own, `${name}.png`), grey);
    let shell = await startWebShell(own);
    let { page, expectClean } = await openPage(browser);
    try {
      await page.goto(shell.address);
      await page.getByRole('button', { name: 'Colorize' }).click();
      await page.getByRole('heading', { name: 'Drop a grey photo here' }).waitFor();
      await dropFiles(
        page,
        names.map((name) => join(own, `${name}.png`)),
      );
      await page.getByText('4 photos').waitFor();
      const views: Uint8Array[] = [];
      const plain: Uint8Array[] = [];
      for (const [i, name] of names.entries()) {
        await page.getByRole('row', { name: `${name}.png` }).click();
        await made(page);
        plain.push((await pixels(page, i)).rgb);
        await page.locator(`[data-test=sample][data-seed="${i}"]`).click();
        if (i === 3) {
          // A red place, by the colour point's tool and a named colour.
          await page.keyboard.press('p');
          await page.getByRole('button', { name: 'red cloth' }).click();
          const box = (await page.locator('.shadow').boundingBox())!;
          await page.mouse.click(box.x + 0.5 * box.width, box.y + 0.85 * box.height);
          await page.getByText('1 place is coloured by hand.').waitFor();
          await made(page);
        }
        views.push((await pixels(page, i)).rgb);
        await page.waitForTimeout(400);
      }
      expect(new Set(views.map((rgb) => Buffer.from(rgb).toString('base64'))).size).toBe(4);
      const red = cellAt(0.5, 0.85);
      expect(difference(plain[3]!, views[3]!, (cell) => cell === red)).toBeGreaterThan(8);
      // Undone it is as before, and made again the same.
      await page.keyboard.press('Control+z');
      await made(page);
      expect((await pixels(page, 3)).rgb).toEqual(plain[3]);
      await page.keyboard.press('Control+Shift+z');
      await made(page);
      expect((await pixels(page, 3)).rgb).toEqual(views[3]);
      await page.waitForTimeout(400);
      await expectClean();
      await page.close();
      await shell.stop();

      shell = await startWebShell(own);
      ({ page, expectClean } = await openPage(browser));
      await page.goto(shell.address);
      await made(page);
      await page.getByRole('button', { name: 'Colour all 4' }).click();
      const folder = join(own, 'Pictures/Lavi');
      const outputs = async () => (await readdir(folder).catch(() => [])).sort();
      const expected = names.map((name) => `${name}.colour.png`);
      await expect.poll(outputs, { timeout: 60_000 }).toEqual(expected);
      await page.getByRole('button', { name: 'Colour all 4' }).waitFor();
      for (const [i, name] of expected.entries()) {
        const { rgb } = await readPhoto(join(folder, name));
        expect(Buffer.from(rgb).equals(Buffer.from(views[i]!))).toBe(true);
      }
      await page.keyboard.press('Escape');
      // Its own outputs among the photos are no originals.
      await dropFiles(page, [join(folder, 'a.colour.png')]);
      await page.getByText('5 photos').waitFor();
      await page.getByRole('button', { name: 'Colour all 4' }).waitFor();
      await expectClean();
    } finally {
      await page.close();
      await shell.stop();
      await rm(own, { recursive: true, force: true });
    }
  });

  it('is saved in one batch that a broken file does not stop, and that can be cancelled', async () => {
    const own = await mkdtemp(join(tmpdir(), 'lavi-colorize-'));
    const large = { width: 1200, height: 900 };
    const grey = await encodePhoto(greyScene('landscape', large), 'png');
    const paths = ['a.png', 'b.png', 'c.png'].map((name) => join(own, name));
    for (const path of paths) await writeFile(path, path.endsWith('b.png') ? 'no photo' : grey);
    const shell = await startWebShell(own);
    const { page, expectClean } = await openPage(browser);
    try {
      await page.goto(shell.address);
      await page.getByRole('button', { name: 'Colorize' }).click();
      await page.getByRole('heading', { name: 'Drop a grey photo here' }).waitFor();
      await dropFiles(page, paths);
      await page.getByText('3 photos').waitFor();
      await made(page);
      const outputs = () => readdir(join(own, 'Pictures/Lavi')).catch(() => []);
      await page.getByRole('button', { name: 'Colour all 3' }).click();
      await page.getByRole('button', { name: 'Cancel', exact: true }).click();
      await page.getByRole('button', { name: 'Colour all 3' }).waitFor();
      const first = await outputs();
      expect(first.length).toBeLessThan(2);

      await page.getByRole('button', { name: 'Colour all 3' }).click();
      // The summary comes by itself, and again when asked for.
      const summary = page.getByRole('dialog');
      await summary.getByText('1 failed').waitFor();
      expect(await outputs()).toHaveLength(first.length + 2);
      expect((await outputs()).join()).toMatch(/a( \(2\))?\.colour\.png.*c\.colour\.png/);
      await page.keyboard.press('Escape');
      await page.locator('footer').getByRole('button', { name: 'Details' }).click();
      await summary.getByText('b.png', { exact: true }).waitFor();
      await expectAccessible(page);
      expect((await outputs()).filter((name) => !/\.colour\.png$/.test(name))).toEqual([]);
      await expectClean();
    } finally {
      await page.close();
      await shell.stop();
      await rm(own, { recursive: true, force: true });
    }
  });
});

/** Of the alternatives, the one whose colour is farthest from what the region is now. */
async function farthest(page: Page): Promise<number> {
  const read = (selector: string) =>
    page
      .locator(`${selector} .sign`)
      .evaluateAll((all) =>
        all.map((one) => (getComputedStyle(one).backgroundColor.match(/\d+/g) ?? []).map(Number)),
      );
  const [now] = await read('[data-test=now]');
  const all = await read('[data-test=region] [data-label]');
  const distances = all.map((rgb) => Math.hypot(...rgb.map((value, i) => value - now![i]!)));
  return distances.indexOf(Math.max(...distances));
}

describe('the workspace over a session that answers at once', () => {
  it('names labels in the language of the page, lists its keys, and saves by one of them', async () => {
    const { page, expectClean } = await openPage(browser);
    const { calls } = await openWithFakeDesk(page, fakeFiles(1));
    await page.getByRole('button', { name: 'Colorize' }).click();
    await made(page);
    await page.keyboard.press('?');
    await page.getByText('Choose a region, colour a place, paint a label, set free').waitFor();
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+s');
    await expect.poll(() => calls.filter(({ name }) => name === 'queue.save').length).toBe(1);

    const names = page.locator('.facts [data-label] .name');
    expect(await names.allTextContents()).toContain('greyish yellow');
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByLabel('Language').selectOption('de');
    await page.keyboard.press('Escape');
    await expect.poll(() => names.allTextContents()).toContain('graugelb');
    expect(await names.allTextContents()).toContain('kräftig orange');
    await expectClean();
    await page.close();
  });
});

describe('two colourings', () => {
  it('are compared: one left of the border that keys move, the other right of it', async () => {
    const { page, expectClean } = await openPage(browser);
    const { calls } = await openWithFakeDesk(page, fakeFiles(1));
    await page.getByRole('button', { name: 'Colorize' }).click();
    await made(page);
    const strip = page.getByRole('region', { name: 'Colourings' });
    for (const seed of [1, 3]) {
      const button = strip.getByRole('button', { name: `Keep the colouring of seed ${seed}` });
      await button.focus();
      await page.keyboard.press('Enter');
    }
    await strip.locator('[data-seed="3"]').click();
    calls.length = 0;
    await strip.getByRole('button', { name: 'Compare with the colouring of seed 1' }).focus();
    await page.keyboard.press('Enter');
    const shown = () =>
      calls.flatMap(({ name, args }) => {
        const { layer } = args as { layer?: { colouring?: { seed: number } } };
        return name === 'colours.tiles' ? (layer?.colouring?.seed ?? 'grey') : [];
      });
    await expect.poll(shown).toContain(1);
    const canvas = page.locator('.stage canvas');
    await expect.poll(() => canvas.getAttribute('data-shown')).toContain('"seed":3');
    // Grey or original no longer stands there.
    expect(await page.getByRole('button', { name: 'Original', exact: true }).count()).toBe(0);
    const handle = page.getByRole('slider', { name: 'Border between grey and coloured' });
    const before = Number(await handle.getAttribute('aria-valuenow'));
    await handle.focus();
    await page.keyboard.press('ArrowRight');
    await expect
      .poll(async () => Number(await handle.getAttribute('aria-valuenow')))
      .toBeGreaterThan(before);
    await strip.getByRole('button', { name: 'Compare with the colouring of seed 1' }).click();
    await page.getByRole('button', { name: 'Original', exact: true }).waitFor();
    await expectClean();
    await page.close();
  });
});

describe.each(['light', 'dark'] as const)('in %s', (theme) => {
  it.each([1280, 900])('has no serious violation at %i px', async (width) => {
    const height = width === 900 ? 600 : 800;
    const { page, expectClean } = await openPage(browser, { theme, width, height });
    await openWithFakeDesk(page, fakeFiles(2));
    await page.getByRole('button', { name: 'Colorize' }).click();
    await made(page);
    await page.getByRole('button', { name: 'Labels', exact: true }).last().click();
    await page.locator('.stage canvas').focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await page.locator('[data-test=region]').waitFor();
    await expectAccessible(page);
    await page.keyboard.press('b');
    await page.keyboard.press('Enter');
    await page.getByText('1 cell is labelled by hand.').waitFor();
    await expectAccessible(page);
    await page.keyboard.press('Control+z');
    await page.getByText('1 cell is labelled by hand.').waitFor({ state: 'detached' });
    await expectClean();
    await page.close();
  });

  it('says what is wrong with a photo, and without the model', async () => {
    const missing: Partial<Handlers<AppContract>> = {
      'colours.open': () => {
        throw new LaviError('MODEL_MISSING', 'Expected color.json, found none.');
      },
    };
    const { page, expectClean } = await openPage(browser, { theme });
    await openWithFakeDesk(page, fakeFiles(1), missing);
    await page.getByRole('button', { name: 'Colorize' }).click();
    await page.getByText('Expected color.json, found none.').waitFor();
    await expectAccessible(page);
    await expectClean();
    await page.close();
  });
});
