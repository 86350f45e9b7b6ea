import { defineStore } from 'pinia';
import { computed, reactive, ref, shallowRef, watch } from 'vue';
import type { BaselineCodec, BaselinePoint, Layer } from '../../../src-main/api/calls/contract';
import { useApp } from '../../app';
import type { Rect } from '../../canvas/geometry';
import { levelFor } from '../../canvas/geometry';
import { useZoom } from '../../canvas/zoom';
import { client } from '../../client';
import { usePhoto } from '../../library/photo';

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

  const zooming = useZoom(() => photo.photo);
  const { set } = zooming;
  const spot = shallowRef<(Rect & { index: number; count: number; mse: number }) | null>(null);
  let spots: { key: string; list: (Rect & { mse: number })[] } = { key: '', list: [] };

  function fit() {
    spot.value = null;
    zooming.fit();
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

  /** The scale that tiles come in. */
  const level = computed(() => levelFor(zooming.view.value.scale, photo.photo?.levels ?? 1));
  /**
   * The quality of the picture. At full size it follows the slider, since what is seen is soon decoded;
   * of smaller scales the whole photo has to be, so those wait until the slider rests.
   */
  const decodedQuality = computed(() => (level.value === 0 ? photo.quality : photo.restQuality));

  function layerOf(side: Side): Layer | null {
    const choice = shown[side];
    if (photo.isLavi || choice.what === 'original') return { what: 'original' };
    if (choice.what === 'lavi') return { what: 'decoded', quality: decodedQuality.value };
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
    ...zooming,
    spot,
    level,
    decodedQuality,
    layers,
    overlayLayer,
    fit,
    worst,
  };
});
