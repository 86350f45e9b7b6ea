import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from '../e2e';
import { LaviError } from '../../src-main/api/errors';
import { launchBrowser } from './browser';
import { fakeFiles, openWithFakeDesk } from './fake-session';
import { expectAccessible, openPage } from './page';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

const sizes = [0, 25, 50, 75, 100].map((quality) => ({
  quality,
  bytes: 100_000 * 2 ** (quality / 25),
}));
const known = (count: number) => fakeFiles(count).map((file) => ({ ...file, sizes }));
const estimate = (page: Page) => page.locator('[data-test=estimate]');
const measured = (page: Page) => page.locator('[data-test=hero][data-measured=true]').waitFor();

describe('the batch beside Save', () => {
  it('says about what it comes to and how long that takes, and follows the slider', async () => {
    const { page, expectClean } = await openPage(browser);
    const files = known(4);
    for (const i of [0, 3]) delete (files[i] as { sizes?: unknown }).sizes;
    await openWithFakeDesk(page, files);
    await measured(page);
    // 27.4 kB for the one that is shown, 400 kB for two; the fourth is taken to be like those.
    await expect.poll(() => estimate(page).textContent()).toMatch(/12\.0 MB → ≈ 1\.10 MB/);
    expect(await estimate(page).textContent()).toContain('≈ 3 s');
    await page.getByText('≈ 400 kB').first().waitFor();
    await page.getByRole('slider', { name: 'Quality' }).focus();
    await page.keyboard.press('Home');
    await expect.poll(() => estimate(page).textContent()).toMatch(/→ ≈ 272 kB/);
    await expectClean();
    await page.close();
  });

  it('counts a photo that would grow as it is, until coding it anyway is asked for', async () => {
    const files = known(3);
    files[0] = { ...files[0]!, bytes: 20_000 };
    const { page } = await openPage(browser);
    const { calls } = await openWithFakeDesk(page, files);
    await measured(page);
    await page.getByText('Coding would make it larger').waitFor();
    await expect.poll(() => estimate(page).textContent()).toMatch(/→ ≈ 820 kB/);
    await page.getByRole('button', { name: 'Code it anyway' }).click();
    await page.getByText('It is coded, although').waitFor();
    await expect.poll(() => estimate(page).textContent()).toMatch(/→ ≈ 827 kB/);
    expect(calls.at(-1)?.args).toEqual({ ids: ['f0'], anyway: true });
    await page.close();
  });

  it('fits into a size: one quality for all, numbers that are measured', async () => {
    const { page, expectClean } = await openPage(browser);
    const { calls } = await openWithFakeDesk(page, known(3), {
      'queue.fit': ({ ids, bytes }) => {
        if (bytes < 200_000) {
          throw new LaviError('TARGET_UNREACHABLE', 'Too small.', { nearest: 212_345 });
        }
        const result = { quality: 43.25, bytes: bytes - 5000, originalBytes: 9_000_000 };
        return { ...result, files: ids.length, failed: [] };
      },
    });
    await measured(page);
    await page.getByRole('button', { name: 'Fit into a size' }).click();
    const field = page.getByRole('textbox', { name: 'All together at most' });
    await field.fill('0.1');
    await field.press('Enter');
    await page.getByText('Even at the lowest quality they take 212 kB together.').waitFor();
    await field.fill('0,9');
    await field.press('Enter');
    await expect.poll(() => estimate(page).textContent()).toMatch(/→\s+895 kB/);
    await page.getByText('measured, all at quality 43.3').waitFor();
    await expectAccessible(page);
    const fits = calls.filter(({ name }) => name === 'queue.fit').map(({ args }) => args);
    expect(fits.at(-1)).toEqual({ ids: ['f0', 'f1', 'f2'], bytes: 900_000 });
    expect(calls.findLast(({ name }) => name === 'photo.measure')?.args).toMatchObject({
      quality: 43.25,
    });
    // Another quality, and the numbers are estimates again.
    await page.getByRole('slider', { name: 'Quality' }).focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => estimate(page).textContent()).toContain('→ ≈');
    await expectClean();
    await page.close();
  });

  it('stops a search', async () => {
    const { page } = await openPage(browser);
    let stop: (error: Error) => void = () => {};
    const { channel, calls } = await openWithFakeDesk(page, known(2), {
      'queue.fit': () => new Promise((_, reject) => (stop = reject)),
      'queue.stopFit': () => {
        stop(new LaviError('CANCELLED', 'The work was cancelled.'));
        return {};
      },
    });
    await measured(page);
    await page.getByRole('button', { name: 'Fit into a size' }).click();
    await page.getByRole('textbox', { name: 'All together at most' }).fill('1');
    await page.keyboard.press('Enter');
    channel().emit('fitting', { fraction: 0.4 });
    await page.getByText('Finding one quality for all, 40 %').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('textbox', { name: 'All together at most' }).waitFor();
    expect(calls.at(-1)?.name).toBe('queue.stopFit');
    expect(await page.getByRole('alert').count()).toBe(0);
    await page.close();
  });
});

describe('the list', () => {
  const saved = () => {
    const files = known(4);
    const result = { bytes: 412_000, originalBytes: 3_000_000, seconds: 1, kept: false };
    for (const i of [1, 2]) {
      const output = `/home/me/Pictures/Lavi/Photo 000${i + 1}.lavi`;
      files[i] = { ...files[i]!, state: 'saved', result: { ...result, output, quality: 50 } };
    }
    return files;
  };

  it('exports what was chosen, in the format and quality that are asked for', async () => {
    const { page, expectClean } = await openPage(browser);
    const { calls } = await openWithFakeDesk(page, saved());
    await measured(page);
    await page.getByRole('row', { name: 'Photo 0002' }).click({ button: 'right' });
    await page.getByRole('menu').waitFor();
    await expectAccessible(page);
    await page.getByRole('menuitem', { name: 'Export as' }).click();
    await page.getByRole('dialog').waitFor();
    await page.getByText('WebP', { exact: true }).click();
    await page.getByRole('slider', { name: 'WebP quality' }).fill('75');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Export 1 file' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await expect
      .poll(() => calls.at(-1)?.args)
      .toEqual({
        ...{ ids: ['f1'], format: 'webp', formatQuality: 75 },
      });
    await expectClean();
    await page.close();
  });

  it('offers for saved files what the shell can do, and says nothing of what it cannot', async () => {
    const { page } = await openPage(browser);
    await page.addInitScript({
      content: `window.done = []; Object.defineProperty(navigator, 'clipboard', {
        value: { writeText: async (text) => void done.push(text) } });`,
    });
    await openWithFakeDesk(page, saved());
    await measured(page);
    await page.getByRole('row', { name: 'Photo 0002' }).click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Copy where it is' }).click();
    await page.getByText('Copied.').waitFor();
    expect(await page.evaluate('done')).toEqual(['/home/me/Pictures/Lavi/Photo 0002.lavi']);
    await page.getByRole('row', { name: 'Photo 0002' }).click({ button: 'right' });
    for (const name of ['Show in folder', 'Copy the file', 'Copy the picture']) {
      expect(await page.getByRole('menuitem', { name }).count()).toBe(0);
    }
    await page.getByRole('menuitem', { name: 'Remove saved ones' }).click();
    await page.getByText('Removed 2 photos.').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('row', { name: 'Photo 0003' }).waitFor();
    await page.close();
  });

  it('drags out, shows and copies saved files where the shell can', async () => {
    const { page, expectClean } = await openPage(browser);
    // As Electron's preload script gives it; calls still go over the socket here.
    await page.addInitScript({
      content: `{
        window.done = [];
        let bridge = {
          reveal: async (id) => void done.push(['reveal', id]),
          startDrag: (ids) => done.push(['startDrag', ...ids]),
          copyFiles: async (ids) => done.push(['copyFiles', ...ids]) > 0,
          copyPicture: async (id) => done.push(['copyPicture', id]) < 0,
        };
        Object.defineProperty(window, 'lavi', {
          get: () => [bridge, (bridge = undefined)][0],
        });
      }`,
    });
    await openWithFakeDesk(page, saved());
    await measured(page);
    const menu = async (row: string, item: string) => {
      await page.getByRole('row', { name: row }).click({ button: 'right' });
      await page.getByRole('menuitem', { name: item }).click();
      await page.getByRole('menu').waitFor({ state: 'detached' });
    };
    await page.getByRole('row', { name: 'Photo 0002' }).click();
    await page.keyboard.press('Shift+ArrowDown');
    await page.getByRole('row', { name: 'Photo 0003' }).dispatchEvent('dragstart');
    await menu('Photo 0003', 'Copy the files');
    await page.getByText('Copied.').waitFor();
    await page.getByRole('row', { name: 'Photo 0001' }).click();
    await menu('Photo 0003', 'Copy the picture');
    await page.getByText('That could not be copied.').waitFor();
    await menu('Photo 0003', 'Show in folder');
    await page.getByRole('row', { name: 'Photo 0002' }).hover();
    await page.getByRole('button', { name: 'Show Photo 0002.jpg in its folder' }).click();
    expect(await page.evaluate('done')).toEqual([
      ['startDrag', 'f1', 'f2'],
      ['copyFiles', 'f1', 'f2'],
      ['copyPicture', 'f2'],
      ['reveal', 'f2'],
      ['reveal', 'f1'],
    ]);
    expect(await page.getByRole('row', { name: 'Photo 0002' }).getAttribute('draggable')).toBe(
      'true',
    );
    expect(await page.getByRole('row', { name: 'Photo 0001' }).getAttribute('draggable')).toBe(
      'false',
    );
    await expectClean();
    await page.close();
  });

  it('says of a photo whose bytes are gone that it has to be dropped again', async () => {
    const files = known(2);
    files[1] = { ...files[1]!, lost: true };
    const { page } = await openPage(browser);
    const { channel } = await openWithFakeDesk(page, files);
    await measured(page);
    await page.getByRole('row', { name: 'Photo 0002' }).getByText('drop it again').waitFor();
    await page.getByRole('button', { name: 'Save 1 file' }).waitFor();
    channel().emit('files', { changed: [known(2)[1]!], removed: [] });
    await page.getByRole('button', { name: 'Save 2 files' }).waitFor();
    await page.close();
  });
});
