import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { encodePhoto } from '../../src-main/image/output';
import { renderScene, sceneNames } from '../photos';
import { scenePixels } from './scene-pixels';

/** So many pictures are rendered; files beyond them are the same ones at another JPEG quality. */
const RENDERED = 100;

/** A folder of so many small JPEGs, no two alike, made once. */
export async function manyFiles(count: number): Promise<string> {
  const folder = resolve(`.cache/bench/app-${count}`);
  const found = await readdir(folder).catch(() => []);
  if (found.length === count) return folder;
  console.error(`rendering ${count} files`);
  const fresh = `${folder}.part`;
  await mkdir(fresh, { recursive: true });
  for (let i = 0; i < Math.min(count, RENDERED); i++) {
    const seed = 1 + Math.floor(i / sceneNames.length);
    const scene = renderScene(sceneNames[i % sceneNames.length]!, {
      width: 240,
      height: 160,
      seed,
    });
    for (let n = i; n < count; n += RENDERED) {
      const quality = 95 - Math.floor(n / RENDERED);
      const name = `Photo ${String(n + 1).padStart(4, '0')}.jpg`;
      await writeFile(join(fresh, name), await encodePhoto(scene, 'jpeg', { quality }));
    }
  }
  await rename(fresh, folder);
  return folder;
}

/** A 12-megapixel JPEG of our own, rendered once. */
export async function largePhoto(): Promise<string> {
  const [width, height] = [4000, 3000];
  const path = resolve(`.cache/bench/Landscape ${width}x${height}.jpg`);
  if (await readFile(path).catch(() => undefined)) return path;
  const rgb = await readFile(await scenePixels(width, height));
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, await encodePhoto({ width, height, rgb }, 'jpeg', { quality: 92 }));
  return path;
}
