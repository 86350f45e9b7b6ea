import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { encodePhoto } from '../../src-main/image/output';
import { dropFiles } from '../e2e-web/web-shell';
import type { SceneName } from '../photos';
import { renderScene } from '../photos';
import type { Studio } from './camera';

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

/** The Compress workspace, and what every workspace has: settings and words about the app. */
export async function shootCompress({ page, home, shoot }: Studio): Promise<void> {
  const photos = await render(home);
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
}
