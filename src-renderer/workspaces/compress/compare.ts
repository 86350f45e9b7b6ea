import { defineStore } from 'pinia';
import { computed, reactive, ref, shallowRef, watch } from 'vue';
import type { BaselineCodec, BaselinePoint, Layer } from '../../../src-main/api/app';
import { useApp } from '../../app';
import { client } from '../../client';
import type { Rect, Size, View } from './geometry';
import { fitView, settle, zoomAt } from './geometry';
import { usePhoto } from './photo';

export type Side = 'left' | 'right';
/** What a side shows: another codec stands at the bytes or the PSNR of ours. */
export type Shown =
  | { what: 'original' }
  | { what: 'lavi' }
  | { what: 'baseline'; codec: BaselineCodec; by: 'bytes' | 'psnr' };
export type Mode = 'split' | 'side' | 'flip';
export type Overlay = 'none' | 'bits' | 'error';

/** How the photo is looked at: zoom, split, what each side shows, overlays, the worst spots. */
export const useCompare = defineStore('compare', () => {
  const app = useApp();
  const photo = usePhoto();

  const mode = ref<Mode>('split');
  const overlay = ref<Overlay>('none');
  const split = ref(0.5);
  const flipped = ref(false);
  const shown = reactive<Record<Side, Shown>>({
    left: { what: 'original' },
    right: { what: 'lavi' },
  });
  const matches = reactive<Record<Side, BaselinePoint | null>>({ left: null, right: null });

  /** The size of one picture's pane, in device pixels. */
  const pane = shallowRef<Size>({ width: 0, height: 0 });
  const margin = shallowRef<Size>({ width: 0, height: 0 });
  const view = shallowRef<View>({ scale: 1, x: 0, y: 0 });
  const fitted = ref(true);
  const spot = shallowRef<(Rect & { index: number; count: number; mse: number }) | null>(null);
  let spots: { key: string; list: (Rect & { mse: number })[] } = { key: '', list: [] };

  function fit() {
    spot.value = null;
    if (!photo.photo || pane.value.width === 0) return;
    view.value = settle(
      fitView(photo.photo, pane.value, margin.value),
      photo.photo,
      pane.value,
      margin.value,
    );
    fitted.value = true;
  }

  function set(next: View) {
    if (!photo.photo) return;
    view.value = settle(next, photo.photo, pane.value, margin.value);
    fitted.value = false;
  }

  const zoom = (factor: number, x = pane.value.width / 2, y = pane.value.height / 2) =>
    set(zoomAt(view.value, factor, x, y, pane.value));
  /** 100 %: a pixel of the photo is a pixel of the screen. */
  const actual = () => set({ ...view.value, scale: 1 });
  const pan = (dx: number, dy: number) =>
    set({
      ...view.value,
      x: view.value.x - dx / view.value.scale,
      y: view.value.y - dy / view.value.scale,
    });

  function resize(size: Size, newMargin: Size) {
    pane.value = size;
    margin.value = newMargin;
    if (fitted.value) fit();
    else set(view.value);
  }

  watch(
    () => photo.photo,
    () => {
      spot.value = null;
      matches.left = matches.right = null;
      fit();
    },
  );

  /** Flies to the largest error at 100 %; again for the next. */
  async function worst() {
    const open = photo.photo;
    if (!open || photo.isLavi) return;
    const quality = photo.restQuality;
    const key = `${open.id} ${quality}`;
    try {
      if (spots.key !== key) {
        const found = await client.call('photo.worst', { id: open.id, quality, n: 12 });
        if (photo.photo?.id !== open.id) return;
        spots = { key, list: found.map(({ w, h, ...at }) => ({ ...at, width: w, height: h })) };
        spot.value = null;
      }
      const index = spot.value ? (spot.value.index + 1) % spots.list.length : 0;
      const next = spots.list[index];
      if (!next) return;
      const { x, y, width, height } = next;
      set({ scale: Math.max(1, devicePixelRatio), x: x + width / 2, y: y + height / 2 });
      spot.value = { ...next, index, count: spots.list.length };
    } catch (error) {
      app.fail(error);
    }
  }

  watch(
    () => [photo.restQuality, photo.photo?.id],
    () => (spot.value = null),
  );

  /** Another codec's setting that comes nearest to ours, once ours is measured. */
  async function match(side: Side) {
    const choice = shown[side];
    const open = photo.photo;
    const ours = photo.measured;
    if (choice.what !== 'baseline' || !open || !ours) return;
    const value = choice.by === 'bytes' ? ours.bytes : ours.psnr;
    if (value === null) return;
    try {
      const { codec, by } = choice;
      const found = await client.call('photo.match', { id: open.id, codec, by, value });
      const now = shown[side];
      if (photo.photo?.id === open.id && now.what === 'baseline' && now.codec === codec) {
        matches[side] = found;
      }
    } catch (error) {
      app.fail(error);
    }
  }

  for (const side of ['left', 'right'] as const) {
    watch(
      () => [shown[side], photo.measured] as const,
      ([choice], [before]) => {
        if (choice !== before) matches[side] = null;
        void match(side);
      },
    );
  }

  function layerOf(side: Side): Layer | null {
    const choice = shown[side];
    if (photo.isLavi || choice.what === 'original') return { what: 'original' };
    if (choice.what === 'lavi') return { what: 'decoded', quality: photo.restQuality };
    const found = matches[side];
    return found && { what: 'baseline', codec: found.codec, setting: found.setting };
  }

  const layers = computed(() => ({ left: layerOf('left'), right: layerOf('right') }));
  const overlayLayer = computed<Layer | null>(() =>
    photo.isLavi || overlay.value === 'none'
      ? null
      : { what: overlay.value, quality: photo.restQuality },
  );

  return {
    mode,
    overlay,
    split,
    flipped,
    shown,
    matches,
    pane,
    margin,
    view,
    fitted,
    spot,
    layers,
    overlayLayer,
    fit,
    set,
    zoom,
    actual,
    pan,
    resize,
    worst,
  };
});
