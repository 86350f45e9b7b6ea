import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
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
import { childrenOf } from './processes';
import type { WebShell } from './web-shell';
import { dropFiles, startWebShell } from './web-shell';

const names = ['a', 'b', 'c'];
const size = { width: 1600, height: 1200 };

let browser: Browser;
let home: string;
let shell: WebShell;
let watched: WatchedPage;
let page: Page;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'lavi-survival-'));
  await mkdir(join(home, 'photos'));
  for (const [index, name] of names.entries()) {
    const scene = renderScene('landscape', { ...size, seed: index + 1 });
    await writeFile(join(home, 'photos', `${name}.png`), await encodePhoto(scene, 'png'));
  }
  await start();
});
afterEach(async () => {
  await page.close();
  await shell.stop();
  await rm(home, { recursive: true, force: true });
});

async function start(): Promise<void> {
  shell = await startWebShell(home);
  watched = await openPage(browser);
  page = watched.page;
  await page.goto(shell.address);
}

const row = (name: string) => page.getByRole('row', { name: `${name}.png` });
const coding = (name: string) => row(name).getByText(/^\s*coding, \d/);
const folder = () => join(home, 'Pictures', 'Lavi');
/** By their names: a file that is still being written stands there under another. */
const saved = async () => (await readdir(folder())).sort();
const outputs = names.map((name) => `${name}.lavi`);

/** Drops the photos and saves them all, until the first of them is being coded. */
async function saveAll(): Promise<void> {
  await page.getByRole('heading', { name: 'Drop photos here' }).waitFor();
  await dropFiles(
    page,
    names.map((name) => join(home, 'photos', `${name}.png`)),
  );
  for (const name of names) await row(name).waitFor();
  await page.getByRole('button', { name: 'Save 3 files' }).click();
  await coding('a').waitFor();
}

async function expectSavedWhole(): Promise<void> {
  expect(await saved()).toEqual(outputs);
  for (const name of names) {
    const output = join(home, 'decoded');
    const { code, stderr } = await lavi([
      'decompress',
      join(folder(), `${name}.lavi`),
      '-o',
      output,
    ]);
    expect(code, stderr).toBe(0);
    expect(await readPhoto(join(output, `${name}.png`))).toMatchObject(size);
  }
}

describe.skipIf(process.platform === 'win32')('a batch that is cut off', () => {
  it('by the end of the engine: the window stays, one photo is marked, retrying saves it', async () => {
    await saveAll();
    const killed = childrenOf(shell.pid);
    expect(killed.length).toBeGreaterThan(0);
    for (const pid of killed) process.kill(pid, 'SIGKILL');
    await page.getByText('The engine stopped and was started again.').first().waitFor();
    await row('a').getByRole('button', { name: 'Retry' }).waitFor({ state: 'attached' });
    // The batch goes on; what failed is listed at its end.
    const again = page.getByRole('button', { name: 'Try the failed ones again' });
    await again.waitFor();
    expect(await saved()).toEqual(['b.lavi', 'c.lavi']);
    await again.click();
    await expect.poll(saved).toEqual(outputs);
    await expectSavedWhole();
    expect(childrenOf(shell.pid).filter((pid) => killed.includes(pid))).toEqual([]);
    await watched.expectClean();
  });

  it('by the end of the app: the next start goes on with it, saving nothing twice', async () => {
    await saveAll();
    await row('a').locator('.badge.saved').waitFor({ state: 'attached' });
    await coding('b').waitFor();
    await page.close();
    await shell.stop();
    const before = await readdir(folder());
    expect(before).toEqual(['a.lavi']);
    const { mtimeMs, ino } = await stat(join(folder(), 'a.lavi'));

    await start();
    for (const name of ['b', 'c']) await row(name).waitFor();
    await expect.poll(saved).toEqual(outputs);
    await row('c').locator('.badge.saved').waitFor({ state: 'attached' });
    await expectSavedWhole();
    expect(await stat(join(folder(), 'a.lavi'))).toMatchObject({ mtimeMs, ino });
    await watched.expectClean();
  });
});
