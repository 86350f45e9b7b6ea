import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from '../e2e';
import { encodePhoto } from '../../src-main/image/output';
import { modelsFolder } from '../../src-main/shell/process/paths';
import { renderScene } from '../photos';
import { vaePattern } from '../photos/vae-pattern';
import { launchBrowser } from './browser';
import { fakeFiles, openWithFakeDesk } from './fake-session';
import type { WatchedPage } from './page';
import { expectAccessible, openPage } from './page';
import { dropFiles, startWebShell } from './web-shell';
import type { WebShell } from './web-shell';

let browser: Browser;
let home: string;
let shell: WebShell;
let photo: string;
/** The shell lets one page in; the tests of a real photo go on with it. */
let watched: WatchedPage;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'lavi-latents-'));
  photo = join(home, 'flowers.png');
  const scene = renderScene('flowers', { width: 240, height: 160 });
  await writeFile(photo, await encodePhoto(scene, 'png'));
  [browser, shell] = await Promise.all([launchBrowser(), startWebShell(home)]);
  watched = await openPage(browser);
});
afterAll(async () => {
  await browser.close();
  await shell.stop();
  await rm(home, { recursive: true, force: true });
});

const measure = async (page: Page, name: string) =>
  (await page.locator(`[data-test=measure-${name}]`).textContent())!.trim();
const number = (text: string) => Number(text.replaceAll(',', '').replace('−', '-'));

describe('the workspace "Latents"', () => {
  it('fits a dropped photo by half-steps, shows what each did, and saves what came of it', async () => {
    const { page, expectClean } = watched;
    await page.goto(shell.address);
    await page.getByRole('button', { name: 'Latents' }).click();
    await page.getByRole('heading', { name: 'Drop a photo here' }).waitFor();
    await dropFiles(page, [photo]);
    const soft = page.getByAltText(/^Soft:/);
    await soft.waitFor();
    const where = page.locator('[data-test=where]');
    const shown = [await soft.getAttribute('src')];
    for (const half of ['E step', 'M step', 'E step', 'M step']) {
      await page.getByRole('button', { name: 'Half-step' }).click();
      await where.getByText(half).waitFor();
      const [likelihood, elbo, kl] = (
        await Promise.all(['logLikelihood', 'elbo', 'kl'].map((name) => measure(page, name)))
      ).map(number) as [number, number, number];
      expect(Math.abs(elbo + kl - likelihood)).toBeLessThan(2e-6);
      if (half === 'E step') expect(kl).toBe(0);
      else expect(kl).toBeGreaterThan(0);
      shown.push(await soft.getAttribute('src'));
    }
    expect(new Set(shown).size).toBeGreaterThan(3);
    // The fold's numbers are those of the cards.
    await page.getByText('Show the formula').click();
    const fold = await page.locator('[data-test=formula]').innerText();
    for (const name of ['logLikelihood', 'elbo', 'kl', 'entropy']) {
      expect(fold).toContain(await measure(page, name));
    }
    await page.getByRole('button', { name: /^1 · #/ }).click();
    await page.getByAltText('Share of component 1: P(z = 1 | y)').waitFor();
    expect(await page.locator('[data-test=formula]').innerText()).toContain('divides by N_z');
    await page.getByRole('button', { name: 'a / L' }).click();
    expect(await page.locator('svg ellipse').count()).toBe(5);
    await page.getByLabel('Hard EM beside it').check();
    await page.getByAltText(/^Hard:/).waitFor();
    await page.getByRole('button', { name: 'Play' }).click();
    await where.getByText('Converged').waitFor();
    for (const [what, file] of [
      ['Palette for Adobe (.aco)', 'flowers.aco'],
      ['Label map (.png)', 'flowers-labels.png'],
    ] as const) {
      await page.getByRole('button', { name: 'Save palette or map' }).click();
      await page.getByRole('menuitem', { name: what }).click();
      await page.getByText(file).waitFor();
    }
    const saved = await readdir(join(home, 'Pictures/Lavi'));
    expect(saved).toEqual(expect.arrayContaining(['flowers.aco', 'flowers-labels.png']));
    await expectClean();
  });

  it('says what the photo is worth, in bits that are those of the files', async () => {
    const { page, expectClean } = watched;
    await page.getByRole('button', { name: 'What is it worth?' }).click();
    const bits = async (key: string) =>
      number((await page.locator(`[data-test=worth-${key}]`).innerText()).replace(' bits', ''));
    expect(await bits('raw')).toBe(240 * 160 * 24);
    expect(await bits('webp')).toBeLessThan(await bits('png'));
    expect(await bits('map')).toBeLessThanOrEqual(await bits('mapFile'));
    await page.locator('[data-test=worth-model]').waitFor();
    expect(await bits('model')).toBeLessThan(await bits('file'));
    await page.getByText('Show the formula').click();
    const formula = await page.locator('[data-test=worth-formula]').innerText();
    expect(formula.split('≤').map(number)).toEqual([await bits('model'), await bits('file')]);
    await page.getByText(/^Shannon’s bound/).waitFor();
    await expectClean();
  });

  it('hands its label map to the workspace that is for them', async () => {
    const { page, expectClean } = watched;
    await page.getByRole('button', { name: 'EM', exact: true }).click();
    await page.getByRole('button', { name: 'Save palette or map' }).click();
    await page.getByRole('menuitem', { name: 'Open the map in Labels' }).click();
    await page.locator('button[aria-current=page]', { hasText: 'Labels' }).waitFor();
    await page.getByText('flowers-labels', { exact: false }).first().waitFor();
    await expectClean();
  });

  it('reads a crop as PyTorch does, as VAE and as RDA, with formulas of the numbers shown', async () => {
    const { page, expectClean } = watched;
    await page.getByRole('button', { name: 'Latents' }).click();
    const pattern = join(home, 'pattern.png');
    const size = { width: 64, height: 64 };
    await writeFile(pattern, await encodePhoto({ ...size, rgb: vaePattern() }, 'png'));
    await dropFiles(page, [pattern]);
    await page.getByRole('combobox', { name: 'Photo' }).selectOption('pattern.png');
    await page.getByRole('button', { name: 'Posterior' }).click();
    const shown = async (name: string) =>
      (await page.locator(`[data-test=${name}]`).textContent())!.trim();
    await page.locator('[data-test=rate]').waitFor();
    const card = JSON.parse(await readFile(join(modelsFolder(), 'vae.json'), 'utf8'));
    const rate = number(await shown('rate'));
    expect(Math.abs(rate / card.check.kl - 1)).toBeLessThan(1e-4);
    expect(number(await shown('rateBits')) * Math.LN2).toBeCloseTo(rate, 0);
    const fold = page.locator('[data-test=formula]');
    await page.getByText('Show the formula').click();
    const elbo = `${await shown('global-elbo')} = ${await shown('global-likelihood')} − ${await shown('rate')}`;
    expect(await fold.innerText()).toContain(elbo);
    for (const head of ['global', 'predicted']) {
      expect(await fold.innerText()).toContain(`= ${await shown(`${head}-elboBits`)}`);
      expect(await fold.innerText()).toContain(await shown(`${head}-bound`));
    }
    await page.getByRole('button', { name: 'RDA' }).click();
    const sum = `${await shown('continuous')} = ${await shown('loss')} + (${await shown('constant')})`;
    expect(await fold.innerText()).toContain(sum);
    const [loss, constant, whole] = await Promise.all(
      ['loss', 'constant', 'continuous'].map(shown),
    );
    expect(Math.abs(number(loss!) + number(constant!) - number(whole!))).toBeLessThan(0.2);
    expect(await fold.innerText()).toContain(
      `${await shown('rate')} + ${await shown('lambda')} · ${await shown('distortion')} = ${loss}`,
    );
    await expectClean();
  });

  it('moves crops and latents by keys, the picture following, and takes moves back', async () => {
    const { page, expectClean } = watched;
    await page.getByRole('combobox', { name: 'Photo' }).selectOption('flowers.png');
    await page.getByLabel('Crop at 88, 48; arrow keys move it').waitFor();
    const picker = page.locator('[data-test=picker]');
    const crop = page.getByAltText('Crop, 64 × 64');
    const before = await crop.getAttribute('src');
    await picker.press('Shift+ArrowRight');
    await picker.press('ArrowUp');
    await page.getByLabel('Crop at 104, 47; arrow keys move it').waitFor();
    const changed = async (of: typeof crop, old: string | null) => {
      await expect.poll(() => of.getAttribute('src')).not.toBe(old);
      return of.getAttribute('src');
    };
    const right = await changed(crop, before);
    const box = (await picker.boundingBox())!;
    await page.mouse.click(box.x + 2, box.y + box.height / 2);
    await page.getByLabel(/^Crop at 0, 4[78];/).waitFor();
    await changed(crop, right);
    await page.locator('section[aria-busy=false] [data-test=error]').waitFor();

    const bars = page.getByRole('slider', { name: 'Chosen latent' });
    await bars.press('Home');
    const words = await page.locator('[data-test=latent]').innerText();
    await bars.press('ArrowRight');
    expect(await page.locator('[data-test=latent]').innerText()).not.toBe(words);
    await bars.press('Home');
    const decoded = page.getByAltText('Decoded from z');
    const still = await decoded.getAttribute('src');
    await page.getByRole('slider', { name: /^Value of z/ }).press('End');
    const moved = await changed(decoded, still);
    await page.getByRole('heading', { name: 'Moved' }).waitFor();
    await page.keyboard.press('Control+z');
    expect(await changed(decoded, moved)).toBe(still);
    await page.getByRole('slider', { name: 'Temperature' }).press('End');
    await changed(decoded, still);
    await page.getByRole('slider', { name: 'Temperature' }).press('Home');
    await expectClean();
  });

  it('goes from one photo to another', async () => {
    const { page, expectClean } = watched;
    await page.getByRole('button', { name: 'Between' }).click();
    await page.getByAltText('Step 9').waitFor();
    const middle = page.getByAltText('Decoded between them');
    const steps = await page
      .getByAltText(/^Step/)
      .evaluateAll((images) => images.map((image) => image.getAttribute('src')));
    expect(new Set(steps).size).toBe(9);
    expect(await middle.getAttribute('src')).toBe(steps[4]);
    await page.getByRole('slider', { name: 'Way from the first' }).press('End');
    expect(await middle.getAttribute('src')).toBe(steps[8]);
    await page.getByRole('combobox', { name: 'To', exact: true }).selectOption('flowers.png');
    await expect.poll(() => page.getByAltText('Step 9').getAttribute('src')).toBe(steps[0]);
    await expectClean();
  });

  it('says so where a photo is smaller than a crop', async () => {
    const { page, expectClean } = watched;
    const tiny = join(home, 'tiny.png');
    const scene = renderScene('flowers', { width: 60, height: 80 });
    await writeFile(tiny, await encodePhoto(scene, 'png'));
    await dropFiles(page, [tiny]);
    await page.getByRole('combobox', { name: 'Photo' }).selectOption('tiny.png');
    await page.getByRole('button', { name: 'Posterior' }).click();
    await page.getByText('This photo is smaller than 64 × 64 pixels.').waitFor();
    await page.getByRole('combobox', { name: 'Photo' }).selectOption('flowers.png');
    await page.locator('[data-test=rate]').waitFor();
    await expectClean();
  });

  it('samples the VAE without end, by seed', async () => {
    const { page, expectClean } = watched;
    await page.getByRole('button', { name: 'Samples' }).click();
    const first = page.getByAltText('Sample of seed 1', { exact: true });
    await first.waitFor();
    const url = await first.getAttribute('src');
    expect(await first.evaluate((image) => (image as HTMLImageElement).decode())).toBeUndefined();
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByAltText('Sample of seed 25', { exact: true }).waitFor();
    await page.getByRole('slider', { name: 'Temperature' }).press('ArrowLeft');
    await page.getByAltText('Sample of seed 25', { exact: true }).waitFor({ state: 'detached' });
    expect(await first.getAttribute('src')).not.toBe(url);
    await expectAccessible(page);
    await expectClean();
    await page.close();
  });
});

describe.each(['light', 'dark'] as const)('in %s', (theme) => {
  it.each([1280, 900])('has no serious violation at %i px', async (width) => {
    const height = width === 900 ? 600 : 800;
    const { page, expectClean } = await openPage(browser, { theme, width, height });
    await openWithFakeDesk(page, fakeFiles(2));
    await page.getByRole('button', { name: 'Latents' }).click();
    await page.getByAltText(/^Soft:/).waitFor();
    await page.getByRole('button', { name: 'Half-step' }).click();
    await page.locator('[data-test=measure-elbo]').waitFor();
    await page.getByText('Show the formula').click();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'What is it worth?' }).click();
    await page.locator('[data-test=worth-raw]').waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Posterior' }).click();
    await page.locator('[data-test=error]').waitFor();
    await page.getByText('Show the formula').click();
    await page.getByRole('slider', { name: /^Value of z/ }).press('End');
    await page.getByRole('heading', { name: 'Moved' }).waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'RDA' }).click();
    await page.locator('[data-test=loss]').waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Between' }).click();
    await page.getByAltText('Step 9').waitFor();
    await expectAccessible(page);
    await expectClean();
    await page.close();
  });
});
