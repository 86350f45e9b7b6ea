import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodePhoto } from '../../src-main/image/output';
import { dropFiles } from '../e2e-web/web-shell';
import { renderScene } from '../photos';
import type { Studio } from './camera';

/** The Latents workspace: EM on the colours of a photo, and what each code of it is worth. */
export async function shootLatents({ page, home, shoot }: Studio): Promise<void> {
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
  await page.getByRole('button', { name: 'Posterior' }).click();
  await page.locator('[data-test=error]').waitFor({ timeout: 60_000 });
  await page.getByRole('slider', { name: 'Chosen latent' }).press('Home');
  await page.getByRole('slider', { name: /^Value of z/ }).press('PageUp');
  await page.getByRole('heading', { name: 'Moved' }).waitFor();
  await page.locator('section[aria-busy=false] [data-test=error]').waitFor({ timeout: 60_000 });
  await shoot('posterior');
  const lake = join(home, 'Lake.png');
  const other = renderScene('landscape', { width: 768, height: 512 });
  await writeFile(lake, await encodePhoto(other, 'png'));
  await dropFiles(page, [lake]);
  await page.getByRole('button', { name: 'Between' }).click();
  await page.getByRole('combobox', { name: 'From', exact: true }).selectOption('Flowers.png');
  await page.getByRole('combobox', { name: 'To', exact: true }).selectOption('Lake.png');
  await page.getByAltText('Step 9').waitFor({ timeout: 60_000 });
  await page.locator('section[aria-busy=false]').waitFor({ timeout: 60_000 });
  await shoot('between');
}
