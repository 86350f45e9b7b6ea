import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '../e2e';
import { encodePhoto } from '../../src-main/image/output';
import { readPhoto } from '../../src-main/image/photo';
import { lavi } from '../e2e-cli/lavi';
import { renderScene } from '../photos';
import { launchBrowser } from './browser';
import type { WatchedPage } from './page';
import { openPage } from './page';
import type { WebShell } from './web-shell';
import { dropFiles, startWebShell } from './web-shell';

let browser: Browser;
let home: string;
let shell: WebShell;
let watched: WatchedPage;
let page: Page;

const names = ['lake', 'city', 'wall'] as const;
const scenes = { lake: 'landscape', city: 'city', wall: 'wall' } as const;
const photo = (name: string) => join(home, 'photos', `${name}.png`);
const output = (...parts: string[]) => join(home, 'Pictures', 'Lavi', ...parts);
const row = (name: string) => page.getByRole('row', { name });
const date = new Date('2018-03-04T05:06:07Z');

async function open() {
  shell = await startWebShell(home);
  watched = await openPage(browser);
  page = watched.page;
  await page.goto(shell.address);
  await page.getByText('Add', { exact: true }).or(page.getByRole('heading')).first().waitFor();
}
async function close() {
  await watched.expectClean();
  await page.close();
  await shell.stop();
}
async function save(label: string) {
  await page.getByRole('button', { name: label }).click();
  await page.getByText(/files? saved/).waitFor();
}

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'lavi-web-'));
  await mkdir(join(home, 'photos', 'more', 'deep'), { recursive: true });
  for (const name of names) {
    const scene = renderScene(scenes[name], { width: 128, height: 96 });
    await writeFile(photo(name), await encodePhoto(scene, 'png'));
    await utimes(photo(name), date, date);
  }
  await open();
});
afterEach(async () => {
  await close();
  await rm(home, { recursive: true, force: true });
});

describe('saving in a browser', () => {
  it('fits a batch into a total: the files written take what was shown, as the CLI’s do', async () => {
    await dropFiles(page, names.map(photo));
    for (const name of names) await row(name).waitFor();
    await page.locator('[data-test=estimate]').waitFor();
    await page.getByRole('button', { name: 'Fit into a size' }).click();
    await page.getByRole('textbox', { name: 'All together at most' }).fill('0.008');
    await page.keyboard.press('Enter');
    await page.getByText('measured, all at quality').waitFor();
    const line = (await page.locator('[data-test=estimate]').textContent())!;
    await save('Save 3 files');
    const sizes = await Promise.all(
      names.map(async (name) => (await stat(output(`${name}.lavi`))).size),
    );
    const sum = sizes.reduce((total, bytes) => total + bytes);
    expect(sum).toBeLessThanOrEqual(8000);
    expect(sum).toBeGreaterThan(7900);
    expect(line).toContain(`→ ${(sum / 1000).toFixed(2)} kB`);

    const folder = join(home, 'by CLI');
    const { json, code } = await lavi(
      ['compress', ...names.map(photo), '--total', '8000', '--json', '-o', folder],
      home,
    );
    expect(code).toBe(0);
    expect(
      json()
        .slice(1)
        .map(({ bytes }) => bytes),
    ).toEqual(sizes);
    await watched.expectClean();
  });

  it('takes a pasted picture', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.evaluate(async () => {
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [96, 64];
      const context = canvas.getContext('2d')!;
      context.fillStyle = 'teal';
      context.fillRect(20, 10, 50, 30);
      const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done));
      await navigator.clipboard.write([new ClipboardItem({ 'image/png': blob! })]);
    });
    await page.keyboard.press('Control+v');
    await row('image').waitFor();
    await page.getByText('96 × 64').first().waitFor();
    await save('Save 1 file');
    const [file] = await readdir(output());
    expect(file).toMatch(/^image\.(lavi|png)$/);
  });

  it('keeps a dropped folder’s structure, and exports with dates', async () => {
    const inside = join(home, 'photos', 'more', 'deep', 'leaf.png');
    const scene = renderScene('flowers', { width: 96, height: 64 });
    await writeFile(inside, await encodePhoto(scene, 'png'));
    await utimes(inside, date, date);
    await dropFiles(page, [join(home, 'photos', 'more')]);
    await row('leaf').click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Export as' }).click();
    await page.getByText('TIFF', { exact: true }).click();
    await save('Export 1 file');
    const exported = output('more', 'deep', 'leaf.tif');
    expect((await readPhoto(exported)).rgb).toEqual(scene.rgb);
    expect((await stat(exported)).mtime).toEqual(date);
    // What was exported is not saved yet.
    await page.getByRole('button', { name: 'Save 1 file' }).waitFor();
  });

  it('knows saved photos after a restart, keeps the bytes of others, asks for those that are lost', async () => {
    await dropFiles(page, names.map(photo));
    for (const name of names) await row(name).waitFor();
    await row('lake').click();
    await page.getByRole('button', { name: 'More ways to save' }).click();
    await page.getByRole('menuitem', { name: 'Save only this photo' }).click();
    await page.getByText('1 file saved').waitFor();
    await row('city').click();
    await page.getByRole('button', { name: 'Only this photo' }).click();
    await close();

    await open();
    await row('lake').locator('.badge.saved').waitFor({ state: 'attached' });
    await page.getByRole('button', { name: 'Save 2 files' }).waitFor();
    // Its bytes are gone: what is shown is what it was saved as.
    await row('lake').click();
    await page.getByText('A .lavi file').waitFor();
    await close();

    const uploads = join(home, 'cache', 'uploads');
    expect(await readdir(uploads)).toHaveLength(2);
    await rm(uploads, { recursive: true });
    await open();
    await row('city').getByText('drop it again').waitFor();
    await dropFiles(page, [photo('city')]);
    await page.getByRole('button', { name: 'Save 1 file' }).waitFor();
    expect(await page.getByRole('row').count()).toBe(3);
    await row('city').getByText('has its own quality').waitFor({ state: 'attached' });
    await save('Save 1 file');
    expect((await readdir(output())).sort()).toEqual(['city.lavi', 'lake.lavi']);
  });
});
