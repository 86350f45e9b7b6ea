import type { Ref } from 'vue';
import { computed, onBeforeUnmount, watch } from 'vue';
import type { ColourLayer } from '../../../src-main/api/calls/contract';
import { useApp } from '../../app';
import type { Rect, Size } from '../../canvas/geometry';
import { levelFor, toPane, visible } from '../../canvas/geometry';
import { LayerTiles } from '../../canvas/tiles';
import { client } from '../../client';
import type { OpenScene, Sample } from './colours';
import { useColours } from './colours';
import { useHeld } from './held';
import { paintCells, paintCursor, paintDots, paintPoints, paintSegments } from './marks';
import { useRegion } from './region';

type Layer = ColourLayer | { what: 'original' };

/** Layers of the photo that are kept: going back to one shows it at once. */
const keptLayers = 8;

/** Draws the photo's two sides and the marks on it, asking for tiles as far as they are seen. */
export function useColourPainting(
  canvas: Readonly<Ref<HTMLCanvasElement | null>>,
  area: Ref<Size>,
  ratio: Ref<number>,
) {
  const app = useApp();
  const colours = useColours();
  const held = useHeld();
  const region = useRegion();
  const layers = new Map<string, LayerTiles>();
  const before: Record<'left' | 'right', LayerTiles | null> = { left: null, right: null };
  let frame = 0;

  const layerOf = ({ made, colouring }: Sample): Layer =>
    made ? { what: 'colour', colouring, vivid: colours.vivid } : { what: 'grey' };
  const sides = computed<{ left: Layer; right: Layer }>(() => ({
    left: colours.beside ? layerOf(colours.beside) : { what: region.left },
    right: colours.chosen && !region.grey ? layerOf(colours.chosen) : { what: 'grey' },
  }));

  function tilesOf(scene: OpenScene, layer: Layer): LayerTiles {
    const key = JSON.stringify(layer);
    const tiles = layers.get(key) ?? load(scene, layer);
    layers.delete(key);
    layers.set(key, tiles);
    for (const [oldest, old] of layers) {
      if (layers.size <= keptLayers) break;
      old.stop();
      layers.delete(oldest);
    }
    return tiles;
  }

  function load({ id, ...size }: OpenScene, layer: Layer): LayerTiles {
    return new LayerTiles(
      size,
      (place) =>
        layer.what === 'original'
          ? client.call('photo.tiles', { id, layer, ...place })
          : client.call('colours.tiles', { id, layer, ...place }),
      (error) => {
        if (error) app.fail(error);
        draw();
      },
    );
  }

  function forget() {
    for (const tiles of layers.values()) tiles.stop();
    layers.clear();
    before.left = before.right = null;
  }

  function draw() {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(paint);
  }

  function paint() {
    const context = canvas.value?.getContext('2d');
    const { scene } = colours;
    if (!context || !canvas.value) return;
    const { width, height } = area.value;
    if (canvas.value.width !== width) canvas.value.width = width;
    if (canvas.value.height !== height) canvas.value.height = height;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    const rect = scene && visible(region.view, scene, area.value);
    if (!scene || !rect || width === 0) return;
    context.imageSmoothingEnabled = region.view.scale < 1;
    context.imageSmoothingQuality = 'high';
    const at = toPane({ x: 0, y: 0, width: scene.width, height: scene.height }, region.view, {
      width,
      height,
    });
    const border = region.bare ? 0 : Math.round(at.x + at.width * region.split);
    const complete = [
      side(context, scene, 'left', rect, 0, border),
      side(context, scene, 'right', rect, border, width),
    ];
    canvas.value.dataset['shown'] = complete[1] ? JSON.stringify(sides.value.right) : '';
    const labels = colours.chosen?.made?.labels;
    if (labels && region.overlay) paintCells(context, scene, at, labels, region.overlay);
    if (region.bare) return;
    const around = { ratio: ratio.value, dashed: false };
    if (region.hovered !== null) paintSegments(context, scene, at, [region.hovered], around);
    if (region.region) {
      paintSegments(context, scene, at, region.region.segments, { ...around, dashed: true });
    }
    paintDots(context, scene, at, held.held.cells, ratio.value);
    paintPoints(context, at, held.held.points, ratio.value);
    if (region.cursor !== null) paintCursor(context, scene, at, region.cursor, ratio.value);
  }

  /** @returns whether all that is seen of the side is there */
  function side(
    context: CanvasRenderingContext2D,
    scene: OpenScene,
    name: 'left' | 'right',
    rect: Rect,
    from: number,
    to: number,
  ): boolean {
    if (to <= from) return true;
    const level = levelFor(region.view.scale, scene.levels);
    const tiles = tilesOf(scene, sides.value[name]);
    tiles.want(level, rect);
    context.save();
    context.beginPath();
    context.rect(from, 0, to - from, area.value.height);
    context.clip();
    const ready = tiles.covers(level, rect);
    // What was there before stays until its successor is.
    if (!ready) before[name]?.draw(context, level, region.view, area.value);
    else before[name] = tiles;
    tiles.draw(context, level, region.view, area.value);
    context.restore();
    return tiles.complete(level, rect);
  }

  onBeforeUnmount(() => {
    cancelAnimationFrame(frame);
    forget();
  });
  watch(() => colours.scene?.id, forget, { flush: 'sync' });
  watch(
    () => [
      ...[area.value, colours.scene, sides.value, region.view, region.split, region.overlay],
      ...[region.region, region.hovered, region.bare, region.cursor, held.held],
      colours.chosen?.made,
    ],
    draw,
  );
}
