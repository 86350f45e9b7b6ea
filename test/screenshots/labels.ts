import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodePhoto } from '../../src-main/image/output';
import { writeLabelPng } from '../../src-main/labels/png-write';
import { dropFiles } from '../e2e-web/web-shell';
import { renderScene } from '../photos';
import { labelMapOf } from '../photos/label-map';
import type { Studio } from './camera';

/** By falling share of the scene's pixels, as `labelMapOf` gives them, in colours easily told apart. */
const classes = {
  dusk: '8d86c0',
  forest: '2c6b4c',
  'pink cloud': 'dc9fb4',
  grass: '8f9c34',
  sky: '3a7fd5',
  light: 'f2dca6',
};
const size = { width: 1152, height: 768 };

/** The Labels workspace: a map with its photo under it, looked at and drawn on in each way. */
export async function shootLabels({ page, home, shoot }: Studio): Promise<void> {
  const scene = renderScene('landscape', size);
  const files = { photo: join(home, 'Lake.jpg'), map: join(home, 'Lake.png') };
  await writeFile(files.photo, await encodePhoto(scene, 'jpeg', { quality: 95 }));
  const map = labelMapOf(scene, 6, Object.keys(classes));
  const palette = Uint8Array.from(Buffer.from(`${Object.values(classes).join('ff')}ff`, 'hex'));
  await writeFile(files.map, writeLabelPng({ ...map, palette }));
  const button = (name: string) => page.getByRole('button', { exact: true, name });
  const look = (name: string) =>
    page.getByRole('group', { name: 'Views' }).getByRole('button', { name }).click();
  const still = () => page.locator('.busy').waitFor({ state: 'detached' });
  const counted = () => page.locator('[data-test=label-facts][data-measured=true]').waitFor();

  await button('Labels').click();
  await page.getByRole('heading', { name: 'Drop a label map here' }).waitFor();
  await shoot('labels-empty');

  await dropFiles(page, [files.map, files.photo]);
  await counted();
  await page.locator('dd').getByText('measuring').last().waitFor({ state: 'detached' });
  await shoot('labels');
  await look('Points');
  await shoot('labels-points');

  await page.locator('[data-test=scrub]').fill('3');
  await page.locator('[data-test=scrub]').blur();
  await shoot('labels-half');

  await look('Blend');
  await button('Brush').click();
  await page.getByRole('button', { name: /^grass/ }).click();
  await page.getByRole('slider', { name: 'px' }).fill('40');
  await still();
  const box = (await page.locator('.shadow').boundingBox())!;
  const at = (x: number, y: number) =>
    [box.x + x * box.width, box.y + y * box.height] as [number, number];
  await page.mouse.move(...at(0.3, 0.3));
  await page.mouse.down();
  await page.mouse.move(...at(0.45, 0.4), { steps: 8 });
  await page.mouse.move(...at(0.62, 0.34), { steps: 8 });
  await shoot('labels-drawing');
  await page.mouse.up();
  await counted();
  await button('Undo').click();
  await counted();

  await button('Move').click();
  await look('Photo');
  await button('Find seeds').click();
  await page.locator('[data-test=seeds]').waitFor({ timeout: 300_000 });
  await shoot('labels-seeds');
}
