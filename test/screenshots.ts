import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { encodePhoto } from '../src-main/image/output';
import { root } from './e2e-cli/lavi';
import { launchBrowser } from './e2e-web/browser';
import { dropFiles, startWebShell } from './e2e-web/web-shell';
import type { SceneName } from './photos';
import { renderScene } from './photos';

/**
 * Pictures of every view of the real app: our own scenes, the web shell, Chromium. All of them go to
 * out/screenshots/ as view-theme-width.png; those that the documents show, packed harder, to
 * docs/screenshots/ too (in true colour: a palette leaves patches in skies).
 */
const all = join(root, 'out/screenshots');
const chosen = join(root, 'docs/screenshots');
const shown = [
  'empty-light-1280',
  'compress-dark-1280',
  'compress-light-1280',
  'compress-dark-900',
  'bits-dark-1280',
  'worst-light-1280',
  'saved-light-1280',
  'latents-dark-1280',
  'worth-light-1280',
];
const sizes = [
  [1280, 800],
  [900, 600],
] as const;
const themes = ['dark', 'light'] as const;

const scenes: [SceneName, string, number, number][] = [
  ['landscape', 'Lake in the evening.jpg', 1152, 768],
  ['city', 'City at night.jpg', 768, 512],
  ['wall', 'Garden wall.png', 768, 512],
  ['page', 'Newspaper.jpg', 512, 768],
];

async function render(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for (const [scene, name, width, height] of scenes) {
    const format = name.endsWith('.png') ? 'png' : 'jpeg';
    const picture = await encodePhoto(renderScene(scene, { width, height }), format, {
      quality: 95,
    });
    paths.push(join(folder, name));
    await writeFile(join(folder, name), picture);
  }
  const broken = join(folder, 'Scan 0042.jpg');
  await writeFile(broken, Buffer.from('not a photo at all'));
  return [...paths, broken];
}

const measured = (page: Page) =>
  page.locator('[data-test=hero][data-measured=true]').waitFor({ timeout: 180_000 });
const settled = async (page: Page) => {
  await measured(page);
  await page.locator('.refining').waitFor({ state: 'detached', timeout: 180_000 });
  await page.waitForTimeout(300);
};
async function curves(page: Page) {
  await page.locator('svg .avif .name').waitFor({ state: 'attached', timeout: 300_000 });
  await page.getByText('measuring the others').waitFor({ state: 'detached', timeout: 300_000 });
}

const home = await mkdtemp(join(tmpdir(), 'lavi-screenshots-'));
const browser = await launchBrowser();
const shell = await startWebShell(home);
try {
  await mkdir(all, { recursive: true });
  await mkdir(chosen, { recursive: true });
  const photos = await render(home);
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.on('pageerror', (error) => console.error(error));
  page.on('console', (message) => {
    if (message.type() === 'error') console.error(message.text());
  });

  /** One picture a theme and size of what the page shows now. */
  async function shoot(view: string) {
    for (const theme of themes) {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      for (const [width, height] of sizes) {
        await page.setViewportSize({ width, height });
        await page.waitForTimeout(1000);
        await page.locator('.refining').waitFor({ state: 'detached', timeout: 60_000 });
        const name = `${view}-${theme}-${width}`;
        const path = join(all, `${name}.png`);
        await page.screenshot({ path });
        console.log(path);
        if (!shown.includes(name)) continue;
        const small = await sharp(path)
          .png({ compressionLevel: 9, adaptiveFiltering: true })
          .toBuffer();
        await writeFile(join(chosen, `${name}.png`), small);
      }
    }
    await page.setViewportSize({ width: 1280, height: 800 });
  }

  await page.goto(shell.address);
  await page.getByRole('heading', { name: 'Drop photos here' }).waitFor();
  await shoot('empty');

  await dropFiles(page, photos);
  await settled(page);
  await curves(page);
  await shoot('compress');

  await page.keyboard.press('1');
  await settled(page);
  await shoot('actual');
  await page.keyboard.press('0');
  await page.getByRole('button', { exact: true, name: 'Flip' }).click();
  await settled(page);
  await shoot('flip');
  await page.getByRole('button', { exact: true, name: 'Split' }).click();

  await page.keyboard.press('b');
  await page.waitForTimeout(500);
  await settled(page);
  await shoot('bits');
  await page.keyboard.press('e');
  await page.waitForTimeout(500);
  await settled(page);
  await shoot('error');
  await page.keyboard.press('e');

  await page.keyboard.press('w');
  await page.getByText('Worst 1 of').waitFor();
  await page.getByRole('button', { exact: true, name: 'Side by side' }).click();
  await settled(page);
  await shoot('worst');
  await page.getByRole('button', { exact: true, name: 'Split' }).click();
  await page.keyboard.press('0');

  await page.getByRole('button', { name: 'Blind', exact: true }).click();
  await shoot('blind');
  await page.keyboard.press('Escape');

  await page.locator('[data-test=estimate]').waitFor();
  await page.getByRole('button', { name: 'Fit into a size' }).click();
  await page.getByRole('textbox', { name: 'All together at most' }).fill('0.2');
  await shoot('fit');
  await page.keyboard.press('Enter');
  await page.getByText('measured, all at quality').waitFor({ timeout: 300_000 });
  await settled(page);
  await shoot('fitted');
  await page.getByRole('row', { name: 'City at night' }).click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Export as' }).waitFor();
  await shoot('menu');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'More ways to save' }).click();
  await page.getByRole('menuitem', { name: 'Export as' }).click();
  await shoot('export');
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: /^Save \d/ }).click();
  await page.getByText('coding,').waitFor();
  await page.locator('[data-test=batch]').waitFor({ timeout: 300_000 });
  await shoot('saved');
  await page.getByRole('button', { name: 'Details' }).click();
  await shoot('summary');
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Settings' }).click();
  await shoot('settings');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'About Lavi' }).click();
  await shoot('about');
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Latents' }).click();
  const flowers = join(home, 'Flowers.png');
  const scene = renderScene('flowers', { width: 768, height: 512 });
  await writeFile(flowers, await encodePhoto(scene, 'png'));
  await dropFiles(page, [flowers]);
  await page.getByRole('combobox', { name: 'Photo' }).selectOption('Flowers.png');
  await page.getByText('71,034 distinct colours').waitFor();
  for (let i = 0; i < 9; i++) {
    await page.getByRole('button', { name: 'Half-step' }).click();
    const half = `Round ${1 + Math.floor(i / 2)}: after the ${i % 2 ? 'M' : 'E'} step`;
    await page.getByText(half).waitFor();
  }
  await shoot('latents');
  await page.getByRole('button', { name: 'What is it worth?' }).click();
  await page.locator('[data-test=worth-model]').waitFor({ timeout: 180_000 });
  await shoot('worth');
} finally {
  await browser.close();
  await shell.stop();
  await rm(home, { recursive: true, force: true });
}
