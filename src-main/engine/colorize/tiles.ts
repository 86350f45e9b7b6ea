import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobArgs, JobResult } from '../../api/jobs/contract';
import type { Drawn } from '../../colorize/colorizer';
import { SAMPLES, cellCount } from '../../colorize/frame';
import { render } from '../../colorize/render';
import { encodeTile } from '../../image/tile';
import type { Samples } from '../../image/tile';
import { TILE_SIDE } from '../common/opened';
import { alignedTiles, sizeAt, tileName, within } from '../common/tile-grid';
import { writePicture } from '../common/written';
import type { ColouredPhoto } from './colored';

/** Thumbnails are at most this wide and high. */
const THUMB_SIDE = 400;

/** Writes the tiles that cover a rectangle; those that are there are not made again. */
export async function writeColourTiles(
  coloured: ColouredPhoto,
  { folder, layer, level, ...rectangle }: JobArgs<'colourTiles'>,
  signal: AbortSignal,
): Promise<JobResult<'colourTiles'>> {
  const { opened, scene } = coloured;
  const size = sizeAt(opened.photo, level);
  const grid = alignedTiles(within(size, rectangle), TILE_SIDE, size);
  const { icc } = opened.photo;
  const written = [];
  for (const place of grid) {
    const { x, y, w, h } = place;
    const name = `${tileName(opened.key, layer, level, x, y, w, h)}.png`;
    const path = join(folder, name);
    let bytes = (await stat(path).catch(() => undefined))?.size;
    if (!bytes) {
      const { labels, chroma } =
        layer.what === 'grey'
          ? grey(scene.frame)
          : await coloured.colouring(layer.colouring, signal);
      const vivid = layer.what === 'grey' ? 0 : layer.vivid;
      const { rgb } = await render(opened.original.level(level), scene.frame, labels, chroma, {
        ...{ vivid, part: place, signal },
      });
      const file = await encodeTile({ width: w, height: h, channels: 3, data: rgb }, icc);
      await writeFile(path, file, { mode: 0o600 });
      bytes = file.length;
    }
    written.push({ ...place, name, bytes });
  }
  return written;
}

/** No chroma anywhere, so no edges between labels either. */
function grey(frame: ColouredPhoto['scene']['frame']): Drawn {
  const count = cellCount(frame);
  return { labels: new Int16Array(count), chroma: new Float32Array(2 * SAMPLES * count) };
}

export async function writeThumb(
  { opened, scene }: ColouredPhoto,
  { labels, chroma }: Drawn,
  vivid: number,
  folder: string,
) {
  let level = 0;
  let picture = opened.original.level(0);
  while (Math.max(picture.width, picture.height) > THUMB_SIDE) {
    picture = opened.original.level(++level);
  }
  const { width, height, rgb } = await render(picture, scene.frame, labels, chroma, { vivid });
  const samples: Samples = { width, height, channels: 3, data: rgb };
  return writePicture(folder, samples, opened.photo.icc);
}
