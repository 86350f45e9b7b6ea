import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { renderScene } from '../photos';

/** A landscape of our own as raw samples on disk, rendered once; above 20 MP it is four mirrored ones. */
export async function scenePixels(width: number, height: number): Promise<string> {
  const path = resolve(`.cache/bench/scene-${width}x${height}.rgb`);
  const found = await stat(path).catch(() => undefined);
  if (found?.size === 3 * width * height) return path;
  console.error(`rendering ${width}×${height}`);
  let rgb: Uint8Array;
  if (width * height > 20e6) {
    const half = await readFile(await scenePixels(width / 2, height / 2));
    rgb = mirrored(half, width / 2, height / 2);
  } else {
    rgb = renderScene('landscape', { width, height }).rgb;
  }
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.part`, rgb);
  await rename(`${path}.part`, path);
  return path;
}

function mirrored(from: Uint8Array, w: number, h: number): Uint8Array {
  const out = new Uint8Array(from.length * 4);
  for (let y = 0; y < 2 * h; y++) {
    for (let x = 0; x < 2 * w; x++) {
      const at = 3 * ((y < h ? y : 2 * h - 1 - y) * w + (x < w ? x : 2 * w - 1 - x));
      out.set(from.subarray(at, at + 3), 3 * (y * 2 * w + x));
    }
  }
  return out;
}
