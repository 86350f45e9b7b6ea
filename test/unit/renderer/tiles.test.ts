import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Cuts, LoadTiles } from '../../../src-renderer/canvas/tiles';
import { LayerTiles } from '../../../src-renderer/canvas/tiles';

const picture = { width: 4000, height: 3000, levels: 3 };
type Place = Parameters<LoadTiles>[0];

let asked: Place[];
let finished: () => void;
const load: LoadTiles = (place) => {
  asked.push(place);
  return Promise.resolve([{ ...place, url: '/px/0.png' }]);
};

/** Wants something and waits until all of it has been asked for. */
async function wanted(tiles: LayerTiles, ...wish: Parameters<LayerTiles['want']>) {
  const done = new Promise<void>((resolve) => (finished = resolve));
  tiles.want(...wish);
  if (tiles.pending) await done;
  return asked.map(({ x, y, w, h }) => [x, y, w, h]);
}

function layer(cuts?: Cuts) {
  const changed = (error?: unknown) => {
    if (error) throw error;
    if (!tiles.pending) finished();
  };
  const tiles: LayerTiles = new LayerTiles(picture, load, changed, cuts && (() => cuts));
  return tiles;
}

beforeEach(() => {
  asked = [];
  vi.stubGlobal(
    'Image',
    class {
      src = '';
      decode = () => Promise.resolve();
    },
  );
  return () => vi.unstubAllGlobals();
});

describe('tiles of a layer', () => {
  it('are asked for in whole cells, and only where they are missing', async () => {
    const tiles = layer();
    const rect = { x: 300, y: 300, width: 100, height: 500 };
    expect(await wanted(tiles, 0, rect)).toEqual([[256, 256, 256, 768]]);
    expect(tiles.complete(0, rect)).toBe(true);
    asked = [];
    // A column to the right and a row down: two parts, none of what is there.
    const moved = { x: 300, y: 300, width: 300, height: 800 };
    expect(await wanted(tiles, 0, moved)).toEqual([
      [512, 256, 256, 768],
      [256, 1024, 512, 256],
    ]);
    asked = [];
    expect(await wanted(tiles, 0, moved)).toEqual([]);
  });

  it('end at the edges of their level', async () => {
    const corner = { x: 3900, y: 2900, width: 100, height: 100 };
    expect(await wanted(layer(), 1, corner)).toEqual([[1792, 1280, 208, 220]]);
  });

  it('come from a column outwards, those seen first', async () => {
    const tiles = layer({ cell: 500, largest: 500 });
    const rect = { x: 0, y: 0, width: 2500, height: 400 };
    const first = { x: 1000, y: 0, width: 1500, height: 400 };
    const places = await wanted(tiles, 0, rect, { first, near: 2100 });
    expect(places.map(([x]) => x)).toEqual([2000, 1500, 1000, 500, 0]);
  });

  it('cover a rectangle at coarser levels, but complete only their own', async () => {
    const tiles = layer();
    const rect = { x: 0, y: 0, width: 4000, height: 3000 };
    await wanted(tiles, 2, rect);
    expect(tiles.covers(0, rect)).toBe(true);
    expect(tiles.complete(0, rect)).toBe(false);
    expect(tiles.complete(2, rect)).toBe(true);
  });

  it('are not asked for any more once stopped', async () => {
    const tiles = layer();
    tiles.stop();
    tiles.want(0, { x: 0, y: 0, width: 10, height: 10 });
    expect(asked).toEqual([]);
  });
});
