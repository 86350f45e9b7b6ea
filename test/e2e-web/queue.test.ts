import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from '../e2e';
import { LaviError } from '../../src-main/api/errors';
import { uploadPath } from '../../src-main/api/channel/page';
import { launchBrowser } from './browser';
import { fakeFiles, fakeSettings, openWithFakeDesk } from './fake-session';
import { openPage } from './page';
import { dropFiles } from './web-shell';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

describe('the queue', () => {
  it('keeps few rows in the page, however many files there are', async () => {
    const { page, expectClean } = await openPage(browser);
    await openWithFakeDesk(page, fakeFiles(2000));
    const rows = page.getByRole('row').filter({ hasText: 'Photo' });
    await rows.first().waitFor();
    expect(await rows.count()).toBeLessThan(40);

    await page.getByRole('grid').focus();
    await page.keyboard.press('End');
    const last = page.getByRole('row', { name: 'Photo 2000.jpg' });
    await last.waitFor();
    expect(await last.getAttribute('aria-selected')).toBe('true');
    expect(await last.getAttribute('aria-rowindex')).toBe('2000');
    expect(await rows.count()).toBeLessThan(40);
    await page.locator('#row-f1999 img').waitFor();
    await expectClean();
    await page.close();
  });

  it('asks for the pictures of rows in sight alone', async () => {
    const { page } = await openPage(browser);
    const { calls } = await openWithFakeDesk(page, fakeFiles(2000));
    await page.locator('#row-f0 img').waitFor();
    const asked = calls.filter(({ name }) => name === 'files.thumbs');
    const ids = asked.flatMap(({ args }) => (args as { ids: string[] }).ids);
    expect(ids).toContain('f0');
    expect(ids.length).toBeLessThan(60);
    await page.close();
  });

  it('chooses, removes and restores by keyboard', async () => {
    const { page } = await openPage(browser);
    const { calls } = await openWithFakeDesk(page, fakeFiles(6));
    const chosen = page.locator('[role=row][aria-selected=true]');
    await page.getByRole('grid').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Shift+ArrowDown');
    await expect.poll(() => chosen.count()).toBe(2);
    await page.keyboard.press('Delete');
    await page.getByText('Removed 2 photos.').waitFor();
    expect(calls.find(({ name }) => name === 'files.remove')?.args).toEqual({ ids: ['f1', 'f2'] });
    await expect.poll(() => page.getByText('Photo 0002.jpg', { exact: true }).count()).toBe(0);

    await page.keyboard.press('Control+z');
    await page.getByText('Photo 0002.jpg', { exact: true }).waitFor();
    const names = await page.locator('[role=row] b').allTextContents();
    expect(names).toEqual(fakeFiles(6).map(({ name }) => name));

    await page.getByRole('grid').focus();
    await page.keyboard.press('Control+a');
    await expect.poll(() => chosen.count()).toBe(6);
    await page.close();
  });

  it('shows why a file failed, and tries it again', async () => {
    const files = fakeFiles(2);
    const error = { code: 'TRUNCATED' as const, message: 'Expected 900 bytes, found 212.' };
    files[1] = { ...files[1]!, state: 'failed', error };
    const { page } = await openPage(browser);
    const { calls } = await openWithFakeDesk(page, files);
    await page.getByText('The file is cut short.').waitFor();
    await page.getByRole('button', { name: 'Retry' }).click();
    await expect.poll(() => calls.at(-1)).toMatchObject({ args: { ids: ['f1'] } });
    await page.close();
  });

  it('gives one photo a quality of its own, and joins it again', async () => {
    const { page } = await openPage(browser);
    const { calls } = await openWithFakeDesk(page, fakeFiles(2));
    await page.getByRole('button', { name: 'Only this photo' }).click();
    await page.getByText('has its own quality').first().waitFor({ state: 'attached' });
    await page.getByRole('button', { name: 'Join the others' }).click();
    await page.getByRole('button', { name: 'Only this photo' }).waitFor();
    const set = calls.filter(({ name }) => name === 'files.setQuality').map(({ args }) => args);
    expect(set).toEqual([
      { ids: ['f0'], quality: 50 },
      { ids: ['f0'], quality: null },
    ]);
    await page.close();
  });

  it('reads numbers off the curve at once and measures when the slider rests', async () => {
    const { page } = await openPage(browser);
    const { calls } = await openWithFakeDesk(page, fakeFiles(1));
    const hero = page.locator('[data-test=hero]');
    await page.locator('[data-test=hero][data-measured=true]').waitFor();
    await page.locator('svg .lavi .line').waitFor();
    const before = calls.filter(({ name }) => name === 'photo.measure').length;
    const thumb = page.getByRole('slider', { name: 'Quality' });
    await thumb.focus();
    await page.keyboard.down('ArrowRight');
    await page.keyboard.up('ArrowRight');
    await expect.poll(() => hero.textContent()).toContain('≈');
    await page.locator('[data-test=hero][data-measured=true]').waitFor();
    for (let i = 0; i < 8; i++) await page.keyboard.press('ArrowRight');
    await page.locator('[data-test=hero][data-measured=false]').waitFor();
    await page.locator('[data-test=hero][data-measured=true]').waitFor();
    const measured = calls.filter(({ name }) => name === 'photo.measure').slice(before);
    expect(measured.length).toBeLessThan(9);
    expect(measured.at(-1)?.args).toMatchObject({ quality: 54.5 });
    await page.close();
  });

  it('takes a size as a handle on the same slider', async () => {
    const { page } = await openPage(browser);
    await openWithFakeDesk(page, fakeFiles(1));
    await page.locator('svg .lavi .line').waitFor();
    await page.getByRole('button', { name: 'Bytes' }).click();
    const field = page.getByRole('textbox', { name: 'Value in kB' });
    await field.fill('60');
    await field.press('Enter');
    const hero = page.locator('[data-test=hero][data-measured=true]');
    await expect.poll(() => hero.textContent({ timeout: 1000 })).toMatch(/^\s*(59|60)\.\d kB/);
    await page.close();
  });

  it('counts right guesses in a blind comparison', async () => {
    const { page, expectClean } = await openPage(browser);
    await openWithFakeDesk(page, fakeFiles(1));
    await page.locator('[data-test=hero][data-measured=true]').waitFor();
    // A coin that always falls the same way: A is the original.
    await page.evaluate('Math.random = () => 0');
    await page.getByRole('button', { name: 'Blind', exact: true }).click();
    await page.getByRole('button', { name: 'Look at B' }).click();
    expect(await page.getByText('Lavi ·').count()).toBe(0);
    for (let i = 0; i < 8; i++) {
      const letter = i < 5 ? 'A' : 'B';
      await page.getByRole('button', { name: `${letter} is the original` }).click();
    }
    await page.getByText('5 of 8 right.').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByText('Lavi ·').waitFor();
    await expectClean();
    await page.close();
  });

  it('asks before it closes while photos are being sent, and not after', async () => {
    const { page } = await openPage(browser);
    await openWithFakeDesk(page, []);
    const [entry] = fakeFiles(1);
    let answer = () => {};
    const answered = new Promise<void>((resolve) => (answer = resolve));
    await page.route(`**${uploadPath}?*`, async (route) => {
      await answered;
      await route.fulfill({ json: { ok: true, value: entry } });
    });
    await page.getByRole('heading', { name: 'Drop photos here' }).waitFor();
    const folder = await mkdtemp(join(tmpdir(), 'lavi-sent-'));
    const photo = join(folder, entry!.name);
    await writeFile(photo, 'pixels');
    /** Whether the browser would ask: it does where the page will not be left just so. */
    const asks = () =>
      page.evaluate('!dispatchEvent(new Event("beforeunload", { cancelable: true }))');
    expect(await asks()).toBe(false);
    await dropFiles(page, [photo]);
    await page.getByText('adding 0 of 1').waitFor();
    expect(await asks()).toBe(true);

    answer();
    await page.getByRole('row', { name: entry!.name }).waitFor();
    await page.getByText('adding 0 of 1').waitFor({ state: 'detached' });
    expect(await asks()).toBe(false);
    await page.close();
    await rm(folder, { recursive: true });
  });

  it('marks estimates where saving refines what was estimated', async () => {
    const sizes = [
      { quality: 0, bytes: 900 },
      { quality: 100, bytes: 9000 },
    ];
    const { page } = await openPage(browser);
    const files = fakeFiles(2).map((file) => ({ ...file, sizes }));
    const { channel } = await openWithFakeDesk(page, files);
    const estimate = page.locator('[data-test=estimate]');
    await estimate.waitFor();
    expect(await estimate.textContent()).not.toContain('before refining');
    channel().emit('settings', { ...fakeSettings, effort: 'best' });
    await estimate.getByText('before refining').waitFor();
    await page.close();
  });

  it('says that the engine stopped, and goes on', async () => {
    const { page } = await openPage(browser);
    const { channel } = await openWithFakeDesk(page, fakeFiles(2));
    await page.getByText('Photo 0001.jpg').first().waitFor();
    channel().emit('crashed', { message: 'The engine ended by SIGKILL.', jobsLost: 1 });
    await page.getByText('The engine stopped and was started again.').waitFor();
    await page.getByRole('row', { name: 'Photo 0002.jpg' }).click();
    await expect
      .poll(() => page.getByRole('row', { name: 'Photo 0002.jpg' }).getAttribute('aria-selected'))
      .toBe('true');
    await page.close();
  });

  it('says what to do about a photo that cannot be opened', async () => {
    const { page } = await openPage(browser);
    await openWithFakeDesk(page, fakeFiles(1), {
      'photo.open': () => {
        throw new LaviError('FILE_NOT_FOUND', 'No file at /x.');
      },
    });
    await page.getByText('Put it back, or add it again').waitFor();
    await page.close();
  });

  it('speaks German', async () => {
    const { page } = await openPage(browser);
    const { channel } = await openWithFakeDesk(page, []);
    await page.getByRole('heading', { name: 'Drop photos here' }).waitFor();
    channel().emit('settings', { ...fakeSettings, language: 'de' });
    await page.getByRole('heading', { name: 'Fotos hierher ziehen' }).waitFor();
    expect(await page.evaluate('document.documentElement.lang')).toBe('de');
    await page.close();
  });
});
