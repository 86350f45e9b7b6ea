import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MapLayer } from '../../api/calls/labels';
import type { JobArgs, JobResult } from '../../api/jobs/contract';
import { cropRgb, encodeTile } from '../../image/tile';
import type { Samples } from '../../image/tile';
import type { Rectangle } from '../common/decoded';
import { TILE_SIDE } from '../common/opened';
import { alignedTiles, sizeAt, tileName, within } from '../common/tile-grid';
import type { OpenedMap } from './opened';
import { edgeMarks, labelPicture, markPicture, otherMarks, pointMarks } from './render';
import { readSeeds } from './seeds';

/** Writes the tiles that cover a rectangle of one layer; those that are there are not made again. */
export async function writeMapTiles(
  opened: OpenedMap,
  { tiles: folder, layer, level, ...rectangle }: JobArgs<'mapTiles'>,
): Promise<JobResult<'mapTiles'>> {
  const size = sizeAt(opened.map, level);
  const grid = alignedTiles(within(size, rectangle), TILE_SIDE, size);
  // Strokes leave the photo as it is.
  const line = layer.what === 'photo' ? 0 : opened.line;
  const seeds = layer.what === 'seeded' ? await readSeeds(opened.folder) : undefined;
  const written = [];
  for (const place of grid) {
    const { x, y, w, h } = place;
    const key = [opened.folder, line, layer, seeds?.line, seeds?.seeds.length, level, x, y, w, h];
    const name = `${tileName(...key)}.png`;
    const path = join(folder, name);
    let bytes = (await stat(path).catch(() => undefined))?.size;
    if (!bytes) {
      const icc = layer.what === 'photo' ? (await opened.photo()).icc : undefined;
      const file = await encodeTile(await render(opened, layer, place, level), icc);
      await writeFile(path, file, { mode: 0o600 });
      bytes = file.length;
    }
    written.push({ ...place, name, bytes });
  }
  return written;
}

async function render(
  opened: OpenedMap,
  layer: MapLayer,
  place: Rectangle,
  level: number,
): Promise<Samples> {
  const { map } = opened;
  const picture = (labels: Uint16Array) =>
    labelPicture(labels, map, opened.colours(), place, level);
  switch (layer.what) {
    case 'map':
      return picture(map.labels);
    case 'photo': {
      const photo = (await opened.photo()).pixels.level(level);
      return { width: place.w, height: place.h, channels: 3, data: cropRgb(photo, place) };
    }
    case 'edges':
      return markPicture(map, place, level, edgeMarks(map.labels, map.width));
    case 'points': {
      const mask = await opened.mask(layer);
      return markPicture(map, place, level, pointMarks(mask, map.labels, opened.colours()));
    }
    case 'frame':
      return picture(await opened.frame(layer, layer.unit));
    case 'others':
      return markPicture(map, place, level, otherMarks(map.labels, layer.label));
    case 'seeded': {
      const { line, seeds } = await readSeeds(opened.folder);
      return picture(await opened.seeded(seeds, `${line} ${seeds.length}`));
    }
  }
}
