import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodePhoto } from '../../src-main/image/output';
import { dropFiles } from '../e2e-web/web-shell';
import { renderScene } from '../photos';
import { greyScene } from '../photos/grey';
import type { Studio } from './camera';

/** The Colorize workspace: colourings of a grey photo, a region and what else it could be. */
export async function shootColorize({ page, home, shoot }: Studio): Promise<void> {
  const coloured = async () => {
    await page.locator('[data-test=sample][data-fresh=true]').nth(3).waitFor({ timeout: 180_000 });
    await page.waitForTimeout(1500);
  };
  await page.getByRole('button', { name: 'Colorize' }).click();
  const grey = join(home, 'Lake, about 1930.png');
  const scene = greyScene('landscape', { width: 768, height: 512 });
  await writeFile(grey, await encodePhoto(scene, 'png'));
  await dropFiles(page, [grey]);
  await coloured();
  const lake = (await page.locator('.shadow').boundingBox())!;
  await page.mouse.click(lake.x + 0.7 * lake.width, lake.y + 0.7 * lake.height);
  await page.locator('[data-test=region]').waitFor();
  await shoot('colorize');
  await page.locator('[data-test=region] [data-label]').nth(1).click();
  await page.waitForTimeout(500);
  await coloured();
  await page.keyboard.press('l');
  await shoot('relabelled');

  const colour = join(home, 'Lake.png');
  const own = renderScene('landscape', { width: 768, height: 512 });
  await writeFile(colour, await encodePhoto(own, 'png'));
  await dropFiles(page, [colour]);
  await page.getByRole('row', { name: 'Lake.png' }).click();
  await coloured();
  await page.locator('[data-test=baselines]').waitFor({ timeout: 180_000 });
  await page.locator('[data-test=baselines]').scrollIntoViewIfNeeded();
  await shoot('scored');
  await page.getByRole('button', { name: 'Open this map in Labels' }).click();
  await page.getByRole('region', { name: 'Classes' }).waitFor();
  await page.waitForTimeout(3000);
  await shoot('handed-over');
}
