import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '../e2e';
import type { AppContract, Layer } from '../../src-main/api/calls/contract';
import type { Handlers } from '../../src-main/api/channel/channel';
import { launchBrowser } from './browser';
import type { FakeSession } from './fake-session';
import { fakeFiles, openWithFakeDesk } from './fake-session';
import type { WatchedPage } from './page';
import { openPage } from './page';

let browser: Browser;
let watched: WatchedPage;
let page: Page;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  watched = await openPage(browser);
  page = watched.page;
});
afterEach(async () => {
  await watched.expectClean();
  await page.close();
});

/** A session with one photo, large where tiles count: then its pictures are all the same one, stretched. */
async function open(
  size?: { width: number; height: number; levels: number },
  overrides: Partial<Handlers<AppContract>> = {},
): Promise<FakeSession> {
  const session = await openWithFakeDesk(page, fakeFiles(1), {
    ...(size && {
      'photo.open': () => size,
      'photo.tiles': ({ x, y, w, h }) => [{ x, y, w, h, url: `/px/${'0'.repeat(32)}.png` }],
    }),
    ...overrides,
  });
  await page.locator('[data-test=hero][data-measured=true]').waitFor();
  return session;
}
const large = { width: 4000, height: 3000, levels: 3 };

const zoom = async () => Number.parseFloat((await page.locator('.probe b').textContent())!);
const place = () => page.locator('.probe span').textContent();
async function middle() {
  const box = (await page.locator('canvas').boundingBox())!;
  return { x: Math.round(box.x + box.width / 2) + 40, y: Math.round(box.y + box.height / 2) };
}
const tileRequests = ({ calls }: FakeSession, what: Layer['what']) =>
  calls
    .filter(({ name }) => name === 'photo.tiles')
    .map(({ args }) => args as { layer: Layer; level: number; x: number; w: number; h: number })
    .filter(({ layer }) => layer.what === what);

describe('the canvas', () => {
  it('zooms by a touchpad’s pinch, the point under the pointer staying', async () => {
    await open(large);
    const { x, y } = await middle();
    await page.mouse.move(x, y);
    const [before, at] = [await zoom(), await place()];
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -100);
    await page.keyboard.up('Control');
    await expect.poll(zoom).toBeCloseTo(before * Math.E, -1);
    const [px, py] = at!.split(' · ')[0]!.split(', ').map(Number);
    const [qx, qy] = (await place())!.split(' · ')[0]!.split(', ').map(Number);
    expect(Math.abs(px! - qx!)).toBeLessThan(12);
    expect(Math.abs(py! - qy!)).toBeLessThan(12);
  });

  it('zooms and pans by two fingers', async () => {
    await open(large);
    const before = await zoom();
    const { x, y } = await middle();
    const session = await page.context().newCDPSession(page);
    await session.send('Emulation.setTouchEmulationEnabled', { enabled: true, maxTouchPoints: 2 });
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', apart: number) =>
      session.send('Input.dispatchTouchEvent', {
        type,
        touchPoints:
          type === 'touchEnd'
            ? []
            : [
                { x, y: y - apart, id: 1 },
                { x, y: y + apart, id: 2 },
              ],
      });
    await touch('touchStart', 50);
    for (let apart = 60; apart <= 100; apart += 10) await touch('touchMove', apart);
    await touch('touchEnd', 0);
    await expect.poll(async () => (await zoom()) / before).toBeGreaterThan(1.9);
    expect((await zoom()) / before).toBeLessThan(2.1);
  });

  it('zooms and pans by keys, and goes back to the whole', async () => {
    await open(large);
    const fitted = await zoom();
    await page.locator('canvas').focus();
    await page.keyboard.press('+');
    await expect.poll(async () => (await zoom()) / fitted).toBeCloseTo(1.25, 1);
    await page.keyboard.press('1');
    await expect.poll(zoom).toBe(100);
    const { x, y } = await middle();
    await page.mouse.move(x, y);
    const at = Number((await place())!.split(',')[0]);
    await page.keyboard.press('ArrowRight');
    await expect.poll(async () => Number((await place())!.split(',')[0])).toBe(at + 60);
    await page.keyboard.press('0');
    await expect.poll(zoom).toBe(fitted);
    await page.mouse.dblclick(x, y);
    await expect.poll(zoom).toBe(100);
  });

  it('flies to the worst spot, to the next, and round again', async () => {
    await open();
    for (const n of [1, 2, 1]) {
      await page.keyboard.press('w');
      await page.getByText(`Worst ${n} of 2`).waitFor();
      expect(await zoom()).toBe(100);
    }
    await page.keyboard.press('0');
    await page.getByRole('button', { name: 'Worst spot' }).waitFor();
  });

  it('asks first for what is seen, from the border outwards', async () => {
    const session = await open(large);
    await page.locator('canvas[data-shown="50"]').waitFor();
    await page.locator('.refining').waitFor({ state: 'detached' });
    session.calls.length = 0;
    await page.locator('canvas').focus();
    await page.keyboard.press('1');
    // A coarser one may still have been on its way.
    const sharp = () => tileRequests(session, 'decoded').filter(({ level }) => level === 0);
    await expect.poll(() => sharp().length).toBeGreaterThan(1);
    const [first, next] = sharp();
    const { width } = (await page.locator('canvas').boundingBox())!;
    // Right of the border, which stands in the middle of the photo, and no wider than half the canvas.
    expect(first!.level).toBe(0);
    expect(first!.x).toBeGreaterThan(2000 - 64);
    expect(first!.w).toBeLessThan(width / 2 + 128);
    expect(next!.x).toBeLessThan(2000);
  });

  it('follows the slider at full size, before it rests', async () => {
    const session = await open(large);
    await page.keyboard.press('1');
    await page.locator('canvas[data-shown="50"]').waitFor();
    session.calls.length = 0;
    await page.getByRole('slider', { name: 'Quality' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.locator('canvas[data-shown="50.5"]').waitFor();
    const names = session.calls.map(({ name }) => name);
    const measured = names.indexOf('photo.measure');
    expect(names.indexOf('photo.tiles')).toBeLessThan(measured < 0 ? Infinity : measured);
    expect(tileRequests(session, 'decoded')[0]!.layer).toEqual({ what: 'decoded', quality: 50.5 });
  });

  it('shows the original at once, marked, until the coded picture is there', async () => {
    const url = `/px/${'0'.repeat(32)}.png`;
    let answer = () => {};
    const coded = new Promise<void>((resolve) => (answer = resolve));
    await open(undefined, {
      'photo.tiles': async ({ layer, x, y, w, h }) => {
        if (layer.what === 'decoded') await coded;
        return [{ x, y, w, h, url }];
      },
    });
    await page.locator('.refining').getByText('refining').waitFor();
    const opaque = `(() => {
      const canvas = document.querySelector('canvas');
      const { width, height } = canvas;
      const right = canvas.getContext('2d').getImageData(width * 0.7, height / 2, 1, 1);
      return right.data[3] === 255;
    })()`;
    await expect.poll(() => page.evaluate(opaque)).toBe(true);
    expect(await page.locator('canvas').getAttribute('data-shown')).toBe(null);
    answer();
    await page.locator('canvas[data-shown="50"]').waitFor();
    await page.locator('.refining').waitFor({ state: 'detached' });
  });

  it('does not tell which picture is which by having to wait for one', async () => {
    let answer = () => {};
    const coded = new Promise<void>((resolve) => (answer = resolve));
    const url = `/px/${'0'.repeat(32)}.png`;
    await open(large, {
      'photo.tiles': async ({ layer, level, x, y, w, h }) => {
        if (layer.what === 'decoded' && level === 0) await coded;
        return [{ x, y, w, h, url }];
      },
    });
    await page.locator('.refining').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Blind', exact: true }).click();
    await page.keyboard.press('1');
    for (const letter of ['B', 'A', 'B']) {
      await page.getByRole('button', { name: `Look at ${letter}` }).click();
      await page.locator('.refining').waitFor();
    }
    answer();
    await page.locator('.refining').waitFor({ state: 'detached' });
  });

  it('has numbers, about, while a large photo is being analysed', async () => {
    const point = (quality: number) => ({
      quality,
      bytes: 1000 * (quality + 10),
      bpp: (quality + 10) / 1500,
      psnr: 30 + quality / 10,
      msssim: 0.9,
    });
    const { channel } = await openWithFakeDesk(page, fakeFiles(1), {
      'photo.open': () => large,
      'photo.measure': () => new Promise(() => {}),
    });
    await page.locator('canvas').waitFor();
    channel().emit('glimpse', { id: 'f0', points: [0, 50, 100].map(point) });
    const hero = page.locator('[data-test=hero][data-measured=false]');
    await expect.poll(() => hero.textContent()).toMatch(/≈ 60\.0 kB/);
    await page.getByRole('slider', { name: 'Quality' }).focus();
    await page.keyboard.press('PageUp');
    await expect.poll(() => hero.textContent()).not.toMatch(/≈ 60\.0 kB/);
  });

  it('charts the whole of a large photo when asked to', async () => {
    const asked: unknown[] = [];
    const points = [0, 50, 100].map((quality) => ({
      quality,
      bytes: 50_000 * (quality + 10),
      bpp: (quality + 10) / 30,
      psnr: 30 + quality / 10,
      msssim: 0.9 + quality / 2000,
    }));
    await open(large, {
      'photo.estimate': ({ whole }) => {
        asked.push(whole);
        return { points, done: true, whole };
      },
    });
    await page.getByRole('button', { name: 'Measure the whole photo' }).click();
    await page.getByText('eight patches').waitFor({ state: 'detached' });
    expect(asked).toEqual([false, true]);
  });
});
