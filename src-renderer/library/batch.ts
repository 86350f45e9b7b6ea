import { defineStore } from 'pinia';
import { computed, ref, shallowRef, watch } from 'vue';
import type { FileEntry } from '../../src-main/api/calls/contract';
import { toLaviError } from '../../src-main/api/channel/answer';
import type { LaviError } from '../../src-main/api/errors';
import { useApp } from '../app';
import { client } from '../client';
import { monotone } from './curve';
import { usePhoto } from './photo';
import { useQueue } from './queue';
import { useSaving } from './saving';

type Sizes = NonNullable<FileEntry['sizes']>;

/** Reading one photo's size off its points: sizes grow by factors, so their logarithms are joined. */
const readers = new WeakMap<Sizes, (quality: number) => number>();
export function sizeAt(sizes: Sizes, quality: number): number {
  const found = readers.get(sizes);
  if (found) return Math.exp(found(quality));
  const made = monotone(
    sizes.map((point) => point.quality),
    sizes.map(({ bytes }) => Math.log(bytes)),
  );
  readers.set(sizes, made);
  return Math.exp(made(quality));
}

export interface BatchEstimate {
  before: number;
  after: number;
  /** The bytes are those of whole files, as saving writes them. */
  measured: boolean;
  /** How many files' sizes are known, and how many there are. */
  known: number;
  total: number;
  /** Null until something was timed. */
  seconds: number | null;
}

/** What saving the batch would come to, and the search for a total that all of it fits into. */
export const useEstimate = defineStore('estimate', () => {
  const app = useApp();
  const queue = useQueue();
  const photo = usePhoto();
  const saving = useSaving();

  /** Whom the slider moves while it moves; see `photo.slide`. */
  const moved = computed(() => {
    const { chosen, current, currentFile } = queue;
    if (chosen.length > 1) return new Set(chosen);
    return currentFile?.quality !== undefined && current ? new Set([current]) : null;
  });

  function qualityOf(file: FileEntry): number {
    const moves = moved.value ? moved.value.has(file.id) : file.quality === undefined;
    return moves && photo.photo ? photo.quality : queue.quality(file);
  }

  function anyway(file: FileEntry): boolean {
    return file.anyway ?? app.settings?.codeAnyway ?? false;
  }

  /** About what a photo would be saved as; null while nothing is known. */
  function bytesOf(file: FileEntry): number | null {
    const shown = photo.photo?.id === file.id ? photo.numbers?.bytes : undefined;
    const coded = shown ?? (file.sizes && sizeAt(file.sizes, qualityOf(file)));
    if (coded === undefined) return null;
    return anyway(file) ? coded : Math.min(coded, file.bytes);
  }

  const fitted = shallowRef<{ key: string; bytes: number; quality: number } | null>(null);
  const fitting = ref<number | null>(null);
  const failure = shallowRef<LaviError | null>(null);

  const photos = computed(() =>
    saving.wanted.flatMap((id) => {
      const file = queue.files.get(id);
      return file?.kind === 'photo' ? [file] : [];
    }),
  );

  /** A search's result holds for these files as they are set now, and no longer. */
  const key = computed(() => {
    const metadata = app.settings?.metadata;
    const parts = photos.value.map((file) => [file.id, qualityOf(file), anyway(file)]);
    return JSON.stringify([metadata, parts]);
  });

  const estimate = computed<BatchEstimate | null>(() => {
    const files = photos.value;
    if (files.length === 0) return null;
    let [before, knownBefore, after, pixels, known, sized] = [0, 0, 0, 0, 0, 0];
    for (const file of files) {
      before += file.bytes;
      if (file.width && file.height) {
        pixels += file.width * file.height;
        sized++;
      }
      const bytes = bytesOf(file);
      if (bytes === null) continue;
      known++;
      after += bytes;
      knownBefore += file.bytes;
    }
    if (known === 0) return null;
    const measured = fitted.value?.key === key.value;
    const perMegapixel = queue.batch.secondsPerMegapixel;
    // Photos not looked at yet are taken to be like the others.
    const megapixels = sized > 0 ? (pixels / 1e6) * (files.length / sized) : null;
    return {
      before,
      after: measured ? fitted.value!.bytes : Math.round(after * (before / knownBefore)),
      ...{ measured, known, total: files.length },
      seconds: perMegapixel === null || megapixels === null ? null : perMegapixel * megapixels,
    };
  });

  /** Sets the one quality at which all photos to be saved take at most so many bytes. */
  async function fit(bytes: number) {
    const ids = photos.value.map(({ id }) => id);
    failure.value = null;
    fitting.value = 0;
    try {
      const found = await client.call('queue.fit', { ids, bytes });
      photo.adopt(found.quality, ids);
      fitted.value = { key: key.value, bytes: found.bytes, quality: found.quality };
    } catch (error) {
      const known = toLaviError(error);
      if (known.code !== 'CANCELLED') failure.value = known;
    }
    fitting.value = null;
  }

  async function stopFit() {
    await client.call('queue.stopFit', {}).catch(app.fail);
  }

  client.on('fitting', ({ fraction }) => {
    if (fitting.value !== null) fitting.value = fraction;
  });
  watch(key, () => (failure.value = null));

  return { estimate, fitting, failure, fitted, photos, bytesOf, anyway, fit, stopFit };
});
