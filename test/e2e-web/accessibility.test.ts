import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from '../e2e';
import type { AppContract } from '../../src-main/api/calls/contract';
import type { Handlers } from '../../src-main/api/channel/channel';
import { LaviError } from '../../src-main/api/errors';
import { launchBrowser } from './browser';
import { fakeFiles, fakeMap, openWithFakeDesk } from './fake-session';
import { expectAccessible, openPage } from './page';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

const files = () => {
  const list = fakeFiles(6);
  const result = { output: '/x.lavi', bytes: 800_000, originalBytes: 3_001_000, seconds: 2 };
  list[1] = { ...list[1]!, state: 'saved', result: { ...result, kept: false, quality: 50 } };
  list[2] = { ...list[2]!, state: 'coding', fraction: 0.64 };
  list[3] = { ...list[3]!, state: 'waiting', quality: 70 };
  list[4] = { ...list[4]!, state: 'failed', error: { code: 'TRUNCATED', message: 'Cut short.' } };
  return list;
};

it('keeps the zoom readable above a toolbar that wraps', async () => {
  const { page } = await openPage(browser, { width: 740, height: 600 });
  await openWithFakeDesk(page, files());
  await page.locator('[data-test=hero][data-measured=true]').waitFor();
  const [zoom, tools, button] = await Promise.all(
    ['.probe', '[role=toolbar]', '[role=toolbar] button'].map((part) =>
      page.locator(part).first().boundingBox(),
    ),
  );
  expect(tools!.height).toBeGreaterThan(2 * button!.height);
  expect(zoom!.y + zoom!.height).toBeLessThanOrEqual(tools!.y);
  await page.close();
});

describe.each(['light', 'dark'] as const)('in %s', (theme) => {
  it('has no serious violation while empty', async () => {
    const { page, expectClean } = await openPage(browser, { theme });
    await openWithFakeDesk(page, []);
    await page.getByRole('heading', { name: 'Drop photos here' }).waitFor();
    await expectAccessible(page);
    await expectClean();
    await page.close();
  });

  it.each([1280, 900])('has no serious violation with photos at %i px', async (width) => {
    const height = width === 900 ? 600 : 800;
    const { page, expectClean } = await openPage(browser, { theme, width, height });
    await openWithFakeDesk(page, files());
    await page.locator('[data-test=hero][data-measured=true]').waitFor();
    await page.keyboard.press('i');
    await page.locator('svg .lavi .line').waitFor();
    await page.keyboard.press('b');
    await page.keyboard.press('w');
    await page.getByText('Worst 1 of 2').waitFor();
    await expectAccessible(page);
    await expectClean();
    await page.close();
  });

  it.each([
    ['Settings', 'dialog'],
    ['About Lavi', 'dialog'],
    ['Keyboard', 'dialog'],
    ['More ways to save', 'menu'],
    ['Add', 'menu'],
  ] as const)('has no serious violation in "%s"', async (name, role) => {
    const { page, expectClean } = await openPage(browser, { theme });
    await openWithFakeDesk(page, files());
    await page.locator('[data-test=hero][data-measured=true]').waitFor();
    await page.getByRole('button', { name, exact: true }).click();
    await page.getByRole(role).waitFor();
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await page.getByRole(role).waitFor({ state: 'detached' });
    await expectClean();
    await page.close();
  });

  it.each(['Side by side', 'Flip', 'Blind'])('has no serious violation in "%s"', async (name) => {
    const { page, expectClean } = await openPage(browser, { theme });
    await openWithFakeDesk(page, files());
    await page.locator('[data-test=hero][data-measured=true]').waitFor();
    await page.getByRole('button', { name, exact: true }).click();
    await page.waitForTimeout(100);
    await expectAccessible(page);
    await expectClean();
    await page.close();
  });

  it.each([1280, 900])('has no serious violation in Labels at %i px', async (width) => {
    const height = width === 900 ? 600 : 800;
    const { page, expectClean } = await openPage(browser, { theme, width, height });
    await openWithFakeDesk(page, [], { 'labels.list': () => [fakeMap] });
    await page.getByRole('button', { name: 'Labels', exact: true }).click();
    const states: [string, () => Promise<unknown>][] = [
      ['[data-measured=true]', async () => {}],
      ['.size', () => page.keyboard.press('b')],
      ['.menu', () => page.getByRole('button', { name: 'More ways to save' }).click()],
      ['.classes .field', () => page.locator('.classes li.on .row').press('F2')],
      ['[data-test=seeds]', () => page.getByRole('button', { name: 'Find seeds' }).click()],
      ['.segment .segments', () => page.getByRole('button', { name: 'Segment …' }).click()],
      ['.dialog', () => page.keyboard.press('?')],
    ];
    for (const [shown, act] of states) {
      await act();
      await page.locator(shown).waitFor();
      await expectAccessible(page);
      if (shown === '.menu' || shown === '.classes .field') await page.keyboard.press('Escape');
    }
    await expectClean();
    await page.close();
  });

  it('has no serious violation in Labels without a map', async () => {
    const { page, expectClean } = await openPage(browser, { theme });
    await openWithFakeDesk(page, []);
    await page.getByRole('button', { name: 'Labels', exact: true }).click();
    await page.getByRole('heading', { name: 'Drop a label map here' }).waitFor();
    await expectAccessible(page);
    await expectClean();
    await page.close();
  });

  it('has no serious violation in Labels while a map is counted, drawn and worked on', async () => {
    const never = () => new Promise<never>(() => {});
    const slow = { 'labels.facts': never, 'labels.tiles': never, 'labels.edit': never };
    const { page, expectClean } = await openPage(browser, { theme });
    await openWithFakeDesk(page, [], { 'labels.list': () => [fakeMap], ...slow });
    await page.getByRole('button', { name: 'Labels', exact: true }).click();
    await page.locator('.refining').waitFor();
    await expectAccessible(page);
    await page.locator('.more').click();
    await page.getByText('working …').waitFor();
    await expectAccessible(page);
    await expectClean();
    await page.close();
  });

  it('has no serious violation while a photo is opened, refined, and when it cannot be', async () => {
    const never = () => new Promise<never>(() => {});
    const states: [Partial<Handlers<AppContract>>, string][] = [
      [{ 'photo.open': never }, 'Reading the photo'],
      [{ 'photo.measure': never }, 'coding and decoding'],
      [{ 'photo.tiles': never }, 'refining'],
      [
        {
          'photo.open': () => {
            throw new LaviError('CORRUPT', 'It is damaged.');
          },
        },
        'The file is damaged',
      ],
    ];
    for (const [overrides, text] of states) {
      const { page, expectClean } = await openPage(browser, { theme });
      await openWithFakeDesk(page, files(), overrides);
      await page.locator('.canvas').getByText(text).waitFor();
      await expectAccessible(page);
      await expectClean();
      await page.close();
    }
  });
});
