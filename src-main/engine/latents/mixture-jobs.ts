import type { JobHandlers } from '../common/job';
import type { JobArgs } from '../../api/jobs/contract';
import { projections } from '../../api/calls/contract';
import { LaviError } from '../../api/errors';
import type { latentJobs } from '../../api/jobs/latents/mixture';
import { encodeLosslessWebp } from '../../image/lossless';
import { encodePhoto } from '../../image/output';
import { writeOutput } from '../../jobs/output';
import type { Lane } from '../../jobs/queue';
import { throwIfCancelled } from '../../jobs/queue';
import { encodeLabels } from '../../labels/file';
import { writeLabelPng } from '../../labels/png-write';
import { byWeight, coloursOf, encodePalette } from '../../latents/palette';
import type { ColourSegmentation } from '../../latents/segment';
import { colourLabels, placedLabels, segmentationOf } from '../../latents/segment';
import type { Codec } from '../../rda/codec';
import { LruCache } from '../common/lru-cache';
import { inSrgb } from '../../image/srgb';
import { OpenedPhotos } from '../common/opened';
import { writePicture } from '../common/written';
import type { Moment } from './fits';
import { PhotoFits, pixelsOf } from './fits';
import { pictureOf, scatterOf, shareOf } from './mixture-pictures';

export type LatentJob = keyof typeof latentJobs;

export const latentLanes: Record<LatentJob, Lane> = {
  mixture: 'numbers',
  mixtureShare: 'numbers',
  scatter: 'preview',
  mixtureSave: 'saving',
  worth: 'chart',
};

/** The jobs about mixtures of a photo's colours. What they keep is a cache: any step can be made again. */
export function mixtureHandlers(
  codec: () => Promise<Codec>,
): JobHandlers<LatentJob, { signal: AbortSignal }> {
  const photos = new OpenedPhotos(codec, inSrgb);
  const fits = new LruCache<PhotoFits>(2);
  const fitsOf = async (file: string) => {
    const { photo, key, original } = await photos.get(file);
    return fits.get(key, async () => new PhotoFits(photo, key, original));
  };
  return {
    async mixture({ file, settings, half, folder, pictures }, { signal }) {
      const photo = await fitsOf(file);
      const { fit, moment } = await photo.at(settings, half, signal);
      const points = pixelsOf(photo.shown, settings.place);
      const made = [];
      for (const what of pictures) {
        const picture = pictureOf(what, sizeOf(photo.shown), points, moment);
        made.push({ what, ...(await writePicture(folder, picture)) });
      }
      const { counts, values, size } = fit.points;
      const total = values.length / size;
      return {
        half: moment.steps.length,
        steps: moment.steps.map(({ step, half: name, logLikelihood, elbo, kl, entropy }) => ({
          ...{ step, half: name, logLikelihood, elbo, kl, entropy },
        })),
        converged: moment.converged,
        components: componentsOf(moment),
        points: total,
        pixels: counts ? counts.reduce((sum, count) => sum + count, 0) : total,
        pictures: made,
      };
    },

    async mixtureShare({ file, settings, half, component, folder }, { signal }) {
      const photo = await fitsOf(file);
      const { moment } = await photo.at(settings, half, signal);
      if (component >= moment.mixture.components.length) {
        throw new LaviError(
          'BAD_REQUEST',
          `Expected one of ${moment.mixture.components.length} components and found ${component}.`,
        );
      }
      const points = pixelsOf(photo.shown, settings.place);
      return writePicture(folder, shareOf(component, photo.shown, points, moment));
    },

    async scatter({ file, folder }) {
      const { colours } = await fitsOf(file);
      return Promise.all(
        projections.map(async (one) => {
          const { samples, ...place } = scatterOf(colours, one);
          return { ...place, ...(await writePicture(folder, samples)) };
        }),
      );
    },

    async mixtureSave({ file, settings, half, name, output, what }, { signal }) {
      const photo = await fitsOf(file);
      const { moment } = await photo.at(settings, half, signal);
      await writeOutput(output, await fileOf(photo, settings.place, moment, what, name), {
        signal,
      });
      return { output };
    },

    async worth({ file, settings, half }, { signal }) {
      const photo = await fitsOf(file);
      const { moment } = await photo.at(settings, half, signal);
      const { width, height, rgb } = photo.photo;
      const png = await encodePhoto({ width, height, rgb }, 'png');
      throwIfCancelled(signal);
      const webp = await encodeLosslessWebp({ width, height, rgb }, 4);
      throwIfCancelled(signal);
      const map = segmentation(photo, settings.place, moment);
      const coded = encodeLabels(map, { bare: true });
      return {
        ...{ width, height, raw: rgb.length, png: png.length, webp: webp?.length ?? null },
        map: {
          labels: map.palette.length / 4,
          points: coded.points,
          modelBits: coded.modelledBits,
          bytes: coded.file.length,
        },
      };
    },
  };
}

const sizeOf = ({ width, height }: { width: number; height: number }) => ({ width, height });

function componentsOf({ mixture }: Moment) {
  const colours = coloursOf(mixture);
  return mixture.components.map(({ mean, covariance }, k) => ({
    weight: mixture.weights[k]!,
    mean: [...mean],
    covariance: [...covariance],
    rgb: colours[k]!.rgb,
  }));
}

/** Labels of the whole photo, by the likeliest component. */
function segmentation(fits: PhotoFits, place: number, { mixture }: Moment): ColourSegmentation {
  const { photo } = fits;
  const labels =
    place > 0
      ? placedLabels(photo, place, mixture)
      : colourLabels(photo.rgb, fits.colours, mixture);
  return segmentationOf(photo, labels, mixture.components.length);
}

async function fileOf(
  photo: PhotoFits,
  place: number,
  moment: Moment,
  what: JobArgs<'mixtureSave'>['what'],
  name: string,
): Promise<Uint8Array> {
  if (what !== 'posterised' && what !== 'labels') {
    return encodePalette(byWeight(coloursOf(moment.mixture)), what, name);
  }
  const map = segmentation(photo, place, moment);
  if (what === 'labels') return writeLabelPng(map);
  const { width, height, labels } = map;
  const rgb = new Uint8Array(3 * labels.length);
  labels.forEach((label, i) => rgb.set(map.palette.subarray(4 * label, 4 * label + 3), 3 * i));
  const { icc } = photo.photo;
  return encodePhoto({ width, height, rgb, ...(icc && { icc }) }, 'png');
}
