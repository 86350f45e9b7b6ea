// `npm run bench:seams [-- --images DIR]`: is the picture worse along the borders of coding tiles? Squared error within
// 8 px of the seams, beside strips of equal width shifted by half a tile, on photos of several tiles.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Photo, readPhoto } from '../../src-main/image/photo';
import { Codec } from '../../src-main/rda/codec';
import { tileGrid } from '../../src-main/rda/tiles';
import { renderScene, sceneNames } from '../photos';
import { fixed, table } from './table';

const REACH = 8;
const qualities = [20, 50, 80];
const { values } = parseArgs({
  options: { images: { type: 'string' }, models: { type: 'string', default: 'models' } },
});

async function* photos(): AsyncGenerator<[string, Photo]> {
  if (values.images) {
    for (const name of (await readdir(values.images)).sort()) {
      yield [name, await readPhoto(join(values.images, name))];
    }
    return;
  }
  for (const name of sceneNames.slice(0, 6)) {
    yield [name, renderScene(name, { width: 1400, height: 1100, seed: 21 })];
  }
}

/** Mean squared error of the columns (or rows) within REACH of the given places. */
function strips(a: Photo, b: Photo, axis: 'x' | 'y', places: number[]): number {
  const size = axis === 'x' ? a.width : a.height;
  const other = axis === 'x' ? a.height : a.width;
  let sum = 0;
  let count = 0;
  for (const place of places) {
    for (let p = Math.max(0, place - REACH); p < Math.min(size, place + REACH); p++) {
      for (let o = 0; o < other; o++) {
        const at = 3 * (axis === 'x' ? o * a.width + p : p * a.width + o);
        for (let c = 0; c < 3; c++) sum += (a.rgb[at + c]! - b.rgb[at + c]!) ** 2;
        count += 3;
      }
    }
  }
  return count ? sum / count : NaN;
}

const codec = await Codec.load({ modelsDir: values.models, provider: 'cpu' });
const rows: string[][] = [];
let seamTotal = 0;
let besideTotal = 0;
for await (const [name, photo] of photos()) {
  const { tiles } = tileGrid(photo.width, photo.height, codec.model.manifest.decode.tile);
  const places = (axis: 'x' | 'y') => [...new Set(tiles.map((tile) => tile[axis]))].slice(1);
  const half = (axis: 'x' | 'y') =>
    Math.round((axis === 'x' ? tiles[0]!.width : tiles[0]!.height) / 2);
  if (tiles.length < 2) {
    console.error(`${name} is left out: it has one tile.`);
    continue;
  }
  for (const value of qualities) {
    const target = { kind: 'quality', value } as const;
    const { file } = await codec.compress(photo, { target, verify: false, measure: false });
    const back = await codec.decompress(file);
    const measure = (shift: boolean) => {
      const parts = (['x', 'y'] as const).flatMap((axis) =>
        places(axis).length
          ? [
              strips(
                photo,
                back,
                axis,
                places(axis).flatMap((p) => (shift ? [p - half(axis), p + half(axis)] : [p])),
              ),
            ]
          : [],
      );
      return parts.reduce((s, v) => s + v, 0) / parts.length;
    };
    const [seam, beside] = [measure(false), measure(true)];
    seamTotal += seam;
    besideTotal += beside;
    rows.push([
      name,
      String(value),
      String(tiles.length),
      fixed(seam, 2),
      fixed(beside, 2),
      fixed(seam / beside, 3),
    ]);
  }
}
console.log(
  table(['photo', 'quality', 'tiles', 'MSE at seams', 'MSE half a tile off', 'ratio'], rows),
);
console.log(`ratio of the sums: ${fixed(seamTotal / besideTotal, 3)}`);
await codec.close();
