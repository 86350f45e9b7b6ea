import type { LabelMapState, MapLayer } from '../../../src-main/api/calls/contract';
import type { Rect, Size, View } from '../../canvas/geometry';
import { LayerTiles } from '../../canvas/tiles';
import { client } from '../../client';

/** So many layers are kept, the newest first: going back to one shows it at once. */
const keptLayers = 12;

/** Layers that fill the picture: one may stand in for another. */
const grounds: MapLayer['what'][] = ['map', 'frame', 'seeded'];

/** The tiles of a map's layers. While an edit's are on their way, those before it stay. */
export class MapTiles {
  #kept: { key: string; tiles: LayerTiles }[] = [];
  readonly #before = new Map<string, LayerTiles>();

  constructor(private readonly changed: (error?: unknown) => void) {}

  /** @returns whether all of it is there */
  draw(
    context: CanvasRenderingContext2D,
    map: LabelMapState,
    layer: MapLayer,
    level: number,
    rect: Rect,
    view: View,
    pane: Size,
  ): boolean {
    const tiles = this.#of(map, layer);
    tiles.want(level, rect);
    const ready = tiles.covers(level, rect);
    // Frames follow each other as edits do: the last one stays until the next is there.
    const slot = `${map.id} ${layer.what}`;
    const ground = grounds.includes(layer.what) ? `${map.id} ground` : slot;
    const before = this.#before.get(slot) ?? this.#before.get(ground);
    if (!ready) before?.draw(context, level, view, pane);
    tiles.draw(context, level, view, pane);
    if (ready) this.#before.set(slot, tiles).set(ground, tiles);
    return ready;
  }

  /** Whether a layer of the map as it is now can be seen without holes. */
  has(map: LabelMapState, layer: MapLayer, level: number, rect: Rect): boolean {
    const key = keyOf(map, layer);
    return this.#kept.find((entry) => entry.key === key)?.tiles.covers(level, rect) ?? false;
  }

  forget(): void {
    for (const { tiles } of this.#kept) tiles.stop();
    this.#kept = [];
    this.#before.clear();
  }

  #of(map: LabelMapState, layer: MapLayer): LayerTiles {
    const key = keyOf(map, layer);
    const found = this.#kept.find((entry) => entry.key === key);
    if (found) return found.tiles;
    const { id, line } = map;
    const tiles = new LayerTiles(
      map,
      (place) => client.call('labels.tiles', { id, line, layer, ...place }),
      this.changed,
    );
    this.#kept.unshift({ key, tiles });
    for (const { tiles: old } of this.#kept.slice(keptLayers)) old.stop();
    this.#kept = this.#kept.slice(0, keptLayers);
    return tiles;
  }
}

/** Edits leave the photo as it is. */
const keyOf = ({ id, line, photo }: LabelMapState, layer: MapLayer) =>
  JSON.stringify([id, layer.what === 'photo' ? photo : line, layer]);
