// `npm run bench:seams [-- --images DIR]`: is the picture worse along the borders of coding tiles? Squared error within
// 8 px of the seams, beside strips of equal width shifted by half a tile, on photos of several tiles. Strips half a tile off
// hold other things, so the same strips are measured again on the photo cropped such that its seams lie elsewhere: what
// remains is the seam's own share.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Photo, readPhoto } from '../../src-main/image/photo';
import { Codec } from '../../src-main/rda/codec';
import { tileGrid } from '../../src-main/rda/tiles';
import { renderScene, sceneNames } from '../photos';
import { fixed, table } from './table';
import { benchOptions } from './options';

const REACH = 8;
const qualities = [20, 50, 80];
const usage = `npm run bench:seams
  --images DIR  photos of several tiles (default: rendered scenes)
  --models DIR  models of our codec (default models)`;

const { values } = benchOptions(usage, {
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

/** The photo without its first `x` columns and `y` rows. */
function cropped(photo: Photo, x: number, y: number): Photo {
  const width = photo.width - x;
  const height = photo.height - y;
  const rgb = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row++) {
    const from = ((y + row) * photo.width + x) * 3;
    rgb.set(photo.rgb.subarray(from, from + width * 3), row * width * 3);
  }
  return { width, height, rgb };
}

const codec = await Codec.load({ modelsDir: values.models, provider: 'cpu' });
const rows: string[][] = [];
const sums = { seam: 0, beside: 0, withSeam: 0, without: 0 };
for await (const [name, photo] of photos()) {
  const { tiles } = tileGrid(photo.width, photo.height, codec.model.manifest.decode.tile);
  const places = (axis: 'x' | 'y') => [...new Set(tiles.map((tile) => tile[axis]))].slice(1);
  const half = (axis: 'x' | 'y') =>
    Math.round((axis === 'x' ? tiles[0]!.width : tiles[0]!.height) / 2);
  if (tiles.length < 2) {
    console.error(`${name} is left out: it has one tile.`);
    continue;
  }
  const [dx, dy] = [Math.round(half('x') / 2), Math.round(half('y') / 2)];
  const moved = cropped(photo, dx, dy);
  for (const value of qualities) {
    const decode = async (picture: Photo) => {
      const target = { kind: 'quality', value } as const;
      const { file } = await codec.compress(picture, { target, verify: false, measure: false });
      return codec.decompress(file);
    };
    const mean = (a: Photo, b: Photo, at: (axis: 'x' | 'y') => number[]) => {
      const axes = (['x', 'y'] as const).filter((axis) => places(axis).length > 0);
      return axes.reduce((sum, axis) => sum + strips(a, b, axis, at(axis)), 0) / axes.length;
    };
    const back = await decode(photo);
    const seam = mean(photo, back, places);
    const beside = mean(photo, back, (axis) =>
      places(axis).flatMap((p) => [p - half(axis), p + half(axis)]),
    );
    const shift = (axis: 'x' | 'y') => places(axis).map((p) => p - (axis === 'x' ? dx : dy));
    const withSeam = mean(moved, cropped(back, dx, dy), shift);
    const without = mean(moved, await decode(moved), shift);
    sums.seam += seam;
    sums.beside += beside;
    sums.withSeam += withSeam;
    sums.without += without;
    rows.push([
      name,
      String(value),
      String(tiles.length),
      fixed(seam, 2),
      fixed(beside, 2),
      fixed(seam / beside, 3),
      fixed(withSeam / without, 3),
    ]);
  }
}
const head = [
  'photo',
  'quality',
  'tiles',
  'MSE at seams',
  'half a tile off',
  'ratio',
  'to no seam',
];
console.log(table(head, rows));
console.log(`ratio of the sums to strips half a tile off: ${fixed(sums.seam / sums.beside, 3)}`);
console.log(`to the same strips without a seam: ${fixed(sums.withSeam / sums.without, 3)}`);
await codec.close();
