import { defineStore } from 'pinia';
import { computed, ref, watch } from 'vue';
import type { MapLayer } from '../../../src-main/api/calls/contract';
import { useZoom } from '../../canvas/zoom';
import { useLabelFacts } from './facts';
import { useLabels } from '../../library/label-maps';

export const views = ['map', 'blend', 'photo', 'points'] as const;
export type MapView = (typeof views)[number];

/** What the canvas draws, from the ground up. */
export interface DrawnLayer {
  layer: MapLayer;
  opacity: number;
}

/** How long one state of the completion stays, in milliseconds. */
const frameMs = 700;

/** How the map is looked at: zoom, view, borders, one class, the completion step by step. */
export const useLooking = defineStore('looking', () => {
  const labels = useLabels();
  const facts = useLabelFacts();
  const zooming = useZoom(() => labels.map);
  const chosen = ref<MapView>('map');
  const edges = ref(false);
  const hovered = ref<number | null>(null);
  /** The state of the completion that is shown; null while it is not looked at. */
  const frame = ref<number | null>(null);
  const playing = ref(false);
  const seeded = ref(false);

  const hasPhoto = computed(() => (labels.map?.photo ?? null) !== null);
  const kind = computed<MapView>(() =>
    !hasPhoto.value && (chosen.value === 'photo' || chosen.value === 'blend')
      ? 'map'
      : chosen.value,
  );
  const levels = computed(() => facts.facts?.levels ?? []);
  const showsSeeds = computed(
    () => seeded.value && facts.seeds !== null && facts.seeds.line === labels.map?.line,
  );

  const layers = computed<DrawnLayer[]>(() => {
    const completion = facts.facts?.completion;
    const level = frame.value === null ? undefined : levels.value[frame.value];
    const drawn: DrawnLayer[] = [];
    const put = (layer: MapLayer, opacity = 1) => drawn.push({ layer, opacity });
    if (level && completion) put({ what: 'frame', ...completion, unit: level.unit });
    else if (showsSeeds.value) put({ what: 'seeded' });
    else if (kind.value === 'points') {
      if (hasPhoto.value) put({ what: 'photo' }, 0.3);
      if (completion) put({ what: 'points', ...completion });
    } else {
      if (kind.value !== 'map') put({ what: 'photo' });
      if (kind.value === 'map') put({ what: 'map' });
      if (kind.value === 'blend') put({ what: 'map' }, 0.55);
    }
    if (edges.value) put({ what: 'edges' });
    if (hovered.value !== null) put({ what: 'others', label: hovered.value });
    return drawn;
  });

  let timer: ReturnType<typeof setInterval> | undefined;
  function stop() {
    clearInterval(timer);
    playing.value = false;
  }

  function show(index: number | null) {
    frame.value = index === null ? null : Math.max(0, Math.min(levels.value.length - 1, index));
  }

  function play() {
    if (playing.value) return stop();
    if (levels.value.length === 0) return;
    if (frame.value === null || frame.value >= levels.value.length - 1) show(0);
    playing.value = true;
    timer = setInterval(() => {
      if (frame.value === null || frame.value >= levels.value.length - 1) stop();
      else show(frame.value + 1);
    }, frameMs);
  }

  function leave() {
    stop();
    frame.value = null;
  }

  function look(next: MapView) {
    leave();
    seeded.value = false;
    chosen.value = next;
  }

  watch(
    () => labels.map?.id,
    () => {
      leave();
      hovered.value = null;
      seeded.value = false;
      zooming.fit();
    },
  );
  // An edit is made to the whole map: it is shown again.
  watch(() => labels.map?.line, leave);

  return {
    ...zooming,
    ...{ kind, edges, hovered, frame, playing, seeded, hasPhoto, levels, showsSeeds, layers },
    ...{ look, play, stop, show, leave },
  };
});
