import type { Ref } from 'vue';
import { onBeforeUnmount, ref, watch } from 'vue';
import type { Layer } from '../../../src-main/api/calls/contract';
import { useApp } from '../../app';
import type { Rect } from '../../canvas/geometry';
import { toPane, visible } from '../../canvas/geometry';
import type { Cuts } from '../../canvas/tiles';
import { LayerTiles } from '../../canvas/tiles';
import { client } from '../../client';
import { useBlind } from './blind';
import type { Side } from './compare';
import { useCompare } from './compare';
import type { Pane } from './pane';
import { usePhoto } from '../../library/photo';

/**
 * What is decoded for the screen: at full size little more than is seen, smaller scales as the windows
 * of 1024 pixels lie that decoders work in.
 */
const decodedCuts = (level: number): Cuts =>
  level === 0
    ? { cell: 64, largest: 1024 }
    : { cell: Math.max(128, 1024 >> level), largest: Math.max(128, 1024 >> level) };

/** Layers of the photo that are kept: going back to one shows it at once. */
const keptLayers = 6;

/** A side's part of the canvas, in device pixels: a pane's start, and what of the pane the side fills. */
interface Strip {
  side: Side;
  offset: number;
  from: number;
  to: number;
}

/** Draws both sides, overlays and the worst spot, asking for tiles as far as they are seen. */
export function usePainting(
  canvas: Readonly<Ref<HTMLCanvasElement | null>>,
  { ratio, area, single, panes, size, divided, splitAt }: Pane,
) {
  const app = useApp();
  const photo = usePhoto();
  const compare = useCompare();
  const blind = useBlind();

  /** Whether something seen is not there yet. */
  const refining = ref(false);
  /** The quality of the coded picture that is seen, once all of it is there. */
  const shownQuality = ref<number>();

  /** By layer, the one used last at the end. */
  const layers = new Map<string, { layer: Layer; tiles: LayerTiles }>();
  /** What a side drew last: stays until its successor has something to show. */
  const shownBefore: Record<Side, LayerTiles | null> = { left: null, right: null };
  let frame = 0;

  function tilesOf(layer: Layer): LayerTiles {
    const key = JSON.stringify(layer);
    const entry = layers.get(key) ?? { layer, tiles: load(layer) };
    layers.delete(key);
    layers.set(key, entry);
    for (const [oldest, { tiles }] of layers) {
      if (layers.size <= keptLayers) break;
      tiles.stop();
      layers.delete(oldest);
    }
    return entry.tiles;
  }

  function load(layer: Layer): LayerTiles {
    const open = photo.photo!;
    const decoded = layer.what === 'decoded' || layer.what === 'error';
    return new LayerTiles(
      open,
      (place) => client.call('photo.tiles', { id: open.id, layer, ...place }),
      (error) => {
        if (error) app.fail(error);
        draw();
      },
      decoded ? decodedCuts : undefined,
    );
  }

  function forget() {
    for (const { tiles } of layers.values()) tiles.stop();
    layers.clear();
    shownBefore.left = shownBefore.right = null;
  }

  function draw() {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(paint);
  }

  function strips(): Strip[] {
    const { width } = size.value;
    const all = (side: Side, offset = 0): Strip => ({ side, offset, from: 0, to: width });
    if (panes.value === 2) return [all('left'), all('right', width)];
    if (blind.active) return [all(blind.side)];
    if (!divided.value) return [all(compare.flipped || single.value ? 'left' : 'right')];
    const at = Math.round(splitAt.value * ratio.value);
    return [
      { ...all('left'), to: at },
      { ...all('right'), from: at },
    ];
  }

  function paint() {
    const context = canvas.value?.getContext('2d');
    if (!context || !canvas.value) return;
    const { width, height } = area.value;
    if (canvas.value.width !== width) canvas.value.width = width;
    if (canvas.value.height !== height) canvas.value.height = height;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    if (!photo.photo || width === 0) return;
    // Above 100 % a photo's pixels are squares: nothing is smoothed that is to be judged.
    context.imageSmoothingEnabled = compare.view.scale < 1;
    context.imageSmoothingQuality = 'high';
    let complete = true;
    for (const strip of strips()) if (!paintStrip(context, strip)) complete = false;
    refining.value = !complete;
    shownQuality.value = complete ? compare.decodedQuality : undefined;
  }

  /** @returns whether everything seen of the strip is there */
  function paintStrip(context: CanvasRenderingContext2D, strip: Strip): boolean {
    const { side, offset, from, to } = strip;
    const { height } = size.value;
    const open = photo.photo!;
    const all = visible(compare.view, open, size.value);
    const seen = visible(compare.view, open, size.value, { x: from, width: to - from });
    if (!all || !seen) return true;
    context.save();
    context.translate(offset, 0);
    context.beginPath();
    context.rect(from, 0, to - from, height);
    context.clip();
    const complete = paintSide(context, side, seen, all);
    if (compare.overlayLayer && compare.shown[side].what === 'lavi') {
      const overlay = tilesOf(compare.overlayLayer);
      overlay.want(compare.level, all, { first: seen, near: border() });
      overlay.draw(context, compare.level, compare.view, size.value);
    }
    if (compare.spot) paintSpot(context, compare.spot);
    context.restore();
    return complete;
  }

  /** The border's column of the photo, or the middle: what is seen there is wanted first. */
  const border = () => {
    const open = photo.photo!;
    return divided.value ? compare.split * open.width : compare.view.x;
  };

  /** Asks for what a side shows. */
  function wantSide(side: Side, seen: Rect, all: Rect): LayerTiles | null {
    const layer = compare.layers[side];
    const tiles = layer && tilesOf(layer);
    // What the border may be drawn over next comes once the slider rests.
    const resting = photo.quality === photo.restQuality;
    tiles?.want(compare.level, resting ? all : seen, { first: seen, near: border() });
    return tiles;
  }

  function paintSide(context: CanvasRenderingContext2D, side: Side, seen: Rect, all: Rect) {
    const { level, view } = compare;
    const now = wantSide(side, seen, all);
    if (!now?.covers(level, seen)) {
      standIn(side, seen)?.draw(context, level, view, size.value);
    } else shownBefore[side] = now;
    now?.draw(context, level, view, size.value);
    const complete = now?.complete(level, seen) ?? false;
    if (!blind.active) return complete;
    // Whether one of the two has to be waited for would tell which it is: both are, or neither.
    const other = wantSide(side === 'left' ? 'right' : 'left', seen, all);
    return complete && (other?.complete(level, seen) ?? false);
  }

  /** The nearest finished picture: what was there before, the photo at another quality, or the original. */
  function standIn(side: Side, seen: Rect): LayerTiles | null {
    const { level } = compare;
    const before = shownBefore[side];
    if (before?.covers(level, seen)) return before;
    const covering = [...layers.values()].flatMap(({ layer, tiles }) =>
      layer.what === 'decoded' && tiles.covers(level, seen)
        ? [{ tiles, distance: Math.abs(layer.quality - compare.decodedQuality) }]
        : [],
    );
    const [nearest] = covering.sort((a, b) => a.distance - b.distance);
    if (nearest) return nearest.tiles;
    const original = tilesOf({ what: 'original' });
    original.want(level, seen, { near: border() });
    return original;
  }

  function paintSpot(context: CanvasRenderingContext2D, spot: Rect) {
    const box = toPane(spot, compare.view, size.value);
    context.lineWidth = Math.max(1, Math.round(ratio.value));
    for (const [colour, grow] of [
      ['#000', 3],
      ['#fff', 1.5],
    ] as const) {
      context.strokeStyle = colour;
      const by = grow * ratio.value + 4;
      context.strokeRect(box.x - by, box.y - by, box.width + 2 * by, box.height + 2 * by);
    }
  }

  onBeforeUnmount(() => {
    cancelAnimationFrame(frame);
    forget();
  });
  watch(() => photo.photo, forget, { flush: 'sync' });
  watch(
    () => [
      area.value,
      photo.photo,
      photo.restQuality,
      compare.view,
      compare.mode,
      compare.split,
      compare.flipped,
      compare.layers,
      compare.overlayLayer,
      compare.spot,
      blind.active,
      blind.side,
    ],
    draw,
  );

  return { refining, shownQuality };
}
