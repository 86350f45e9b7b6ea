import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '../e2e';
import { mse, psnr } from '../../src-main/image/metrics';
import { encodePhoto } from '../../src-main/image/output';
import { readPhoto } from '../../src-main/image/photo';
import { lavi } from '../e2e-cli/lavi';
import { renderScene } from '../photos';
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

const names = ['lake.png', 'city.jpg', 'wall.png'] as const;
const photos = () => names.map((name) => join(home, 'photos', name));

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'lavi-web-'));
  await mkdir(join(home, 'photos', 'more'), { recursive: true });
  const size = { width: 256, height: 192 };
  const scenes = ['landscape', 'city', 'wall'] as const;
  for (const [index, path] of photos().entries()) {
    const format = path.endsWith('.png') ? 'png' : 'jpeg';
    const scene = renderScene(scenes[index]!, size);
    await writeFile(path, await encodePhoto(scene, format, { quality: 95 }));
  }
  shell = await startWebShell(home);
  watched = await openPage(browser);
  page = watched.page;
  await page.goto(shell.address);
  await page.getByRole('heading', { name: 'Drop photos here' }).waitFor();
});
afterEach(async () => {
  await page.close();
  await shell.stop();
  await rm(home, { recursive: true, force: true });
});

/** The numbers that the page shows, once they are measured. */
async function measured() {
  const hero = page.locator('[data-test=hero][data-measured=true]');
  await hero.waitFor();
  const text = async (name: string) =>
    Number.parseFloat((await page.locator(`[data-test=${name}]`).textContent())!);
  return {
    bytes: Number((await hero.getAttribute('title'))!.replace(/\D/g, '')),
    bpp: await text('bpp'),
    psnr: await text('psnr'),
  };
}

const row = (name: string) => page.getByRole('row', { name });

describe('the app in a browser', () => {
  it('drops photos, slides, saves; what it showed is what the files are', async () => {
    await dropFiles(page, photos());
    for (const name of names) await row(name).waitFor();
    await row('lake.png').click();
    await measured();

    const slider = page.getByRole('slider', { name: 'Quality' });
    await slider.focus();
    for (let i = 0; i < 20; i++) await page.keyboard.press('ArrowLeft');
    // Small photos are measured anew faster than a page can be watched: what counts is where the slider stands.
    await expect.poll(async () => Number(await slider.getAttribute('aria-valuenow'))).toBe(40);
    const shown = new Map<string, Awaited<ReturnType<typeof measured>>>();
    for (const name of names) {
      await row(name).click();
      await page.locator('footer').getByText(name).waitFor();
      shown.set(name, await measured());
    }

    await page.getByRole('button', { name: 'Save 3 files' }).click();
    await page.getByText('3 files saved').waitFor();
    const folder = join(home, 'Pictures', 'Lavi');
    expect((await readdir(folder)).sort()).toEqual(['city.lavi', 'lake.lavi', 'wall.lavi']);

    for (const [index, name] of names.entries()) {
      const file = join(folder, name.replace(/\.\w+$/, '.lavi'));
      const [info] = (await lavi(['info', '--json', file])).json();
      const numbers = shown.get(name)!;
      expect(info!.bytes).toBe(numbers.bytes);
      expect(info!.bpp).toBeCloseTo(numbers.bpp, 3);
      expect(Math.abs(Number(info!.quality) - 40)).toBeLessThan(0.1);
      const { code, stderr } = await lavi(['decompress', file, '-o', join(home, 'decoded')]);
      expect(code, stderr).toBe(0);
      const decoded = join(home, 'decoded', name.replace(/\.\w+$/, '.png'));
      const [before, after] = await Promise.all([readPhoto(photos()[index]!), readPhoto(decoded)]);
      expect(psnr(mse(before.rgb, after.rgb))).toBeCloseTo(numbers.psnr, 1);
    }
    await watched.expectClean();
  });

  it('adds the photos of a dropped folder, passes over the rest', async () => {
    const folder = join(home, 'photos');
    const scene = renderScene('gradient', { width: 64, height: 64 });
    const png = await encodePhoto(scene, 'png');
    // More than the hundred entries that one reading of a folder gives.
    for (let i = 0; i < 120; i++) {
      await writeFile(join(folder, 'more', `${String(i).padStart(3, '0')}.png`), png);
    }
    await writeFile(join(folder, 'notes.txt'), 'not a photo');
    await dropFiles(page, [folder]);
    // Said when adding begins, and not for ever.
    await page.getByText('1 file is no photo').waitFor();
    await page.getByText('123 photos').waitFor();
    await watched.expectClean();
  });

  it('keeps the queue over a reload', async () => {
    await dropFiles(page, photos());
    for (const name of names) await row(name).waitFor();
    await page.reload();
    for (const name of names) await row(name).waitFor();
    await measured();
    await watched.expectClean();
  });

  it('names a file that is no photo, and saves the others', async () => {
    const broken = join(home, 'broken.jpg');
    await writeFile(broken, 'no photo at all');
    await dropFiles(page, [broken, photos()[0]!]);
    await page.getByText('This is no photo that Lavi can read.').first().waitFor();
    await page.getByRole('button', { name: 'Save 1 file' }).click();
    await page.getByText('1 file saved').waitFor();
    expect(await readdir(join(home, 'Pictures', 'Lavi'))).toEqual(['lake.lavi']);
    await watched.expectClean();
  });

  it('codes for structure where that is asked for, and says so in its chart and its files', async () => {
    await dropFiles(page, [photos()[0]!]);
    const values = await measured();
    await page.getByRole('button', { name: 'MS-SSIM' }).first().click();
    await expect.poll(async () => (await measured()).psnr).not.toBe(values.psnr);
    const structure = await measured();
    expect(structure.psnr).toBeLessThan(values.psnr);
    await page.getByRole('button', { name: 'MS-SSIM', pressed: true }).nth(1).waitFor();
    await page.getByRole('button', { name: 'Save 1 file' }).click();
    await page.getByText('1 file saved').waitFor();
    const [info] = (
      await lavi(['info', '--json', join(home, 'Pictures', 'Lavi', 'lake.lavi')])
    ).json();
    expect(info).toMatchObject({ tune: 'ms-ssim', bytes: structure.bytes });
    await page.reload();
    await measured();
    await page.getByRole('button', { name: 'MS-SSIM', pressed: true }).first().waitFor();
    await watched.expectClean();
  });

  it('shows overlays, the worst spot and another codec at equal bytes', async () => {
    await dropFiles(page, [photos()[0]!]);
    await measured();
    await page.getByRole('button', { name: 'Bits', exact: true }).last().click();
    await page.getByRole('button', { name: 'Worst spot' }).click();
    await page.getByText(/^\s*Worst 1 of \d+/).waitFor();
    await page.getByRole('button', { name: 'Shown on this side: Original' }).click();
    await page.getByRole('menuitemradio', { name: 'JPEG at equal bytes' }).click();
    await page.getByRole('button', { name: /Shown on this side: JPEG \d+/ }).waitFor();
    await page.locator('.refining').waitFor({ state: 'detached' });
    await expectAccessible(page);
    await watched.expectClean();
  });

  it('opens .lavi files and exports them', async () => {
    expect((await lavi(['compress', photos()[0]!, '-o', home])).code).toBe(0);
    await dropFiles(page, [join(home, 'lake.lavi')]);
    await page.getByText('A .lavi file').waitFor();
    await page.getByRole('row', { name: 'lake.lavi' }).locator('img').waitFor();
    await page.getByRole('button', { name: 'Export as PNG' }).click();
    await page.getByText('1 file saved').waitFor();
    const saved = await readPhoto(join(home, 'Pictures', 'Lavi', 'lake.png'));
    expect([saved.width, saved.height]).toEqual([256, 192]);
    await watched.expectClean();
  });
});
