import type { JobHandlers } from '../common/job';
import type { colouringJobs } from '../../api/jobs/colorize/window';
import { colouringSchema } from '../../api/calls/colorize';
import type { Colorizer } from '../../colorize/colorizer';
import { enlarged, labelNames, labelPalette } from '../../colorize/label-map';
import { optionsOf } from '../../colorize/posterior';
import { writeOutput } from '../../jobs/output';
import type { Lane } from '../../jobs/queue';
import { writeLabelPng } from '../../labels/png-write';
import type { Codec } from '../../rda/codec';
import { LruCache } from '../common/lru-cache';
import { inSrgb } from '../../image/srgb';
import { OpenedPhotos } from '../common/opened';
import { ColouredPhoto } from './colored';
import { saveColours } from './save';
import { writeColourTiles, writeThumb } from './tiles';

export type ColouringJob = keyof typeof colouringJobs;

export const colouringLanes: Record<ColouringJob, Lane> = {
  colourScene: 'preview',
  colouring: 'numbers',
  colourOptions: 'preview',
  colourScore: 'numbers',
  colourTiles: 'preview',
  colourSave: 'saving',
  colourMap: 'saving',
};

/** So many alternatives of a region are told. */
const MOST_OPTIONS = 8;

/** The jobs of the workspace "Colorize". What they keep is a cache: any colouring can be made again. */
export function colouringHandlers(
  colorizer: () => Promise<Colorizer>,
  codec: () => Promise<Codec>,
): JobHandlers<ColouringJob> {
  const photos = new OpenedPhotos(codec, inSrgb);
  const coloured = new LruCache<ColouredPhoto>(2);
  const photoOf = async (file: string) => {
    const opened = await photos.get(file);
    return coloured.get(opened.key, async () => ColouredPhoto.of(opened, await colorizer()));
  };
  return {
    async colourScene({ file }) {
      return (await photoOf(file)).describe();
    },

    async colouring({ file, colouring, vivid, folder }, { signal }) {
      const photo = await photoOf(file);
      const made = await photo.colouring(colouring, signal);
      const { bitsLabels, bitsColour, bitsPerSample, labels } = made;
      const thumb = await writeThumb(photo, made, vivid, folder);
      return { bitsLabels, bitsColour, bitsPerSample, labels: [...labels], thumb };
    },

    async colourOptions({ file, segments }) {
      const photo = await photoOf(file);
      for (const segment of segments) photo.checkSegment(segment);
      const options = optionsOf(photo.posterior, segments).slice(0, MOST_OPTIONS);
      return {
        options: options.map(({ label, probability }) => ({
          label,
          probability: Math.min(1, probability),
        })),
      };
    },

    async colourScore({ file }, { signal }) {
      return { score: await (await photoOf(file)).score(signal) };
    },

    async colourTiles(args, { signal }) {
      return writeColourTiles(await photoOf(args.file), args, signal);
    },

    async colourSave(args, context) {
      const photo = await photoOf(args.file);
      const made = await photo.colouring(colouringSchema.parse(args.colours), context.signal);
      return saveColours(photo, made, codec, args, context);
    },

    async colourMap({ file, colouring, output, names }, { signal }) {
      const photo = await photoOf(file);
      const { labels } = await photo.colouring(colouring, signal);
      const { width, height } = photo.opened.photo;
      const { manifest } = photo.colorizer.model;
      const png = writeLabelPng({
        ...{ width, height, labels: enlarged(labels, photo.scene.frame, width, height) },
        ...{ palette: labelPalette(manifest), names: { ...labelNames(manifest), ...names } },
      });
      await writeOutput(output, png, { overwrite: true, signal });
      return { output, bytes: png.length, width, height };
    },
  };
}
