import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Layer } from '../../api/calls/contract';
import { decodeBaseline, encodeBaseline } from '../../image/baselines';
import type { Samples } from '../../image/tile';
import { cropRgb, encodeTile } from '../../image/tile';
import type { Tune } from '../../api/choices';
import type { RdaModel } from '../../rda/model';
import type { Checkpoint, Picture } from '../../rda/transforms';
import type { Rectangle } from '../common/decoded';
import { partsOf } from '../common/decoded';
import type { OpenedPhoto } from '../common/opened';
import { Pyramid, TILE_SIDE } from '../common/opened';
import { bitsOverlay, errorOverlay } from './overlay';
import { alignedTiles, sizeAt, tileName, within } from '../common/tile-grid';

/** Tiles are at least this wide and high, but at a picture's edges. */
const LEAST_SIDE = 128;

export interface TileRequest extends Rectangle {
  file: string;
  /** Where tiles are written. */
  folder: string;
  layer: Layer;
  /** Of what is decoded. */
  tune: Tune;
  level: number;
}

/** A tile that was written: its place in the level's pixels, its file's name and size. */
export interface WrittenTile extends Rectangle {
  name: string;
  bytes: number;
}

/**
 * Writes the tiles that cover a rectangle. Those cut from pictures that are there are cut at multiples of
 * their side, so that neighbouring requests share them; what is decoded for the request at full size is
 * what was asked for and no more. A tile is named by the hash of what it shows; one that is there is not
 * made again.
 */
export async function writeTiles(
  model: () => Promise<RdaModel>,
  photo: OpenedPhoto,
  request: TileRequest,
  check: Checkpoint,
): Promise<WrittenTile[]> {
  const { folder, layer, tune, level } = request;
  const size = sizeAt(photo.photo, level);
  const decoded = layer.what === 'decoded' || layer.what === 'error';
  const wanted = within(size, request);
  // Smaller scales are made of the windows that decoders work in, and cut as those lie.
  const side = decoded ? Math.max(LEAST_SIDE, TILE_SIDE >> level) : TILE_SIDE;
  const places =
    decoded && level === 0 ? partsOf(wanted, TILE_SIDE) : alignedTiles(wanted, side, size);
  const tiles: WrittenTile[] = [];
  for (const place of places) {
    check(tiles.length / places.length);
    const { x, y, w, h } = place;
    const name = `${tileName(photo.key, layer, decoded || layer.what === 'bits' ? tune : '', level, x, y, w, h)}.png`;
    const found = await stat(join(folder, name)).catch(() => undefined);
    const bytes = found?.size || (await write(name, place));
    tiles.push({ ...place, name, bytes });
  }
  return tiles;

  async function write(name: string, place: Rectangle): Promise<number> {
    const samples = await render(model, photo, layer, level, place, check);
    const icc = samples.channels === 3 ? photo.photo.icc : undefined;
    const file = await encodeTile(samples, icc);
    await writeFile(join(folder, name), file, { mode: 0o600 });
    return file.length;
  }
}

async function render(
  model: () => Promise<RdaModel>,
  opened: OpenedPhoto,
  layer: Layer,
  level: number,
  place: Rectangle,
  check: Checkpoint,
): Promise<Samples> {
  switch (layer.what) {
    case 'original':
      return rgb(opened.original.level(level), place);
    case 'decoded': {
      const decoded = await opened.decoded(await model(), layer.quality);
      const pixels = pixelsOf(place, level, opened.photo);
      if (level === 0) return whole(await decoded.part(pixels, check));
      return whole(new Pyramid(await decoded.exact(pixels, check)).level(level));
    }
    case 'bits':
      return bitsOverlay(await opened.blockBits(await model(), layer.quality, check), place, level);
    case 'error': {
      const decoded = await opened.decoded(await model(), layer.quality);
      const pixels = pixelsOf(place, level, opened.photo);
      const picture = await (level > 0
        ? decoded.exact(pixels, check)
        : decoded.part(pixels, check));
      return errorOverlay(part(opened.photo, pixels), picture, level);
    }
    case 'baseline': {
      const { codec: name, setting: quality } = layer;
      const pyramid = await opened.baseline(`${name} ${quality}`, async () =>
        decodeBaseline(await encodeBaseline(opened.photo, { codec: name, quality })),
      );
      return rgb(pyramid.level(level), place);
    }
  }
}

/** A rectangle of a level in the photo's own pixels. */
function pixelsOf(
  { x, y, w, h }: Rectangle,
  level: number,
  { width, height }: { width: number; height: number },
): Rectangle {
  const scale = 2 ** level;
  const left = x * scale;
  const top = y * scale;
  return {
    x: left,
    y: top,
    w: Math.min(width - left, w * scale),
    h: Math.min(height - top, h * scale),
  };
}

function part(picture: Picture, place: Rectangle): Picture {
  return { width: place.w, height: place.h, rgb: cropRgb(picture, place) };
}

function rgb(picture: Picture, place: Rectangle): Samples {
  return whole(part(picture, place));
}

function whole({ width, height, rgb: data }: Picture): Samples {
  return { width, height, channels: 3, data };
}
