import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { root } from '../e2e-cli/lavi';
import { startWebShell } from '../e2e-web/web-shell';

/** The app with nothing in it yet, and a camera before it. */
export interface Studio {
  page: Page;
  /** For the files that are shown. */
  home: string;
  /** One picture a theme and size of what the page shows now. */
  shoot: (view: string) => Promise<void>;
}

const all = join(root, 'out/screenshots');
const chosen = join(root, 'docs/screenshots');
/** Those that the documents show. */
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
  'posterior-light-1280',
  'between-dark-1280',
  'labels-light-1280',
  'labels-points-dark-1280',
  'colorize-light-1280',
];
const sizes = [
  [1280, 800],
  [900, 600],
] as const;
const themes = ['dark', 'light'] as const;

/** Starts the real app in the web shell, and stops it when `scene` is over. */
export async function inStudio(
  browser: Browser,
  scene: (studio: Studio) => Promise<void>,
): Promise<void> {
  await mkdir(all, { recursive: true });
  await mkdir(chosen, { recursive: true });
  const home = await mkdtemp(join(tmpdir(), 'lavi-screenshots-'));
  const shell = await startWebShell(home);
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.on('pageerror', (error) => console.error(error));
    page.on('console', (message) => {
      if (message.type() === 'error') console.error(message.text());
    });
    await page.goto(shell.address);
    await scene({ page, home, shoot: (view) => shoot(page, view) });
    await page.close();
  } finally {
    await shell.stop();
    await rm(home, { recursive: true, force: true });
  }
}

async function shoot(page: Page, view: string): Promise<void> {
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
