import type { JobContext, JobHandlers } from '../common/job';
import type { JobKind } from '../../api/jobs/contract';
import type { photoJobs } from '../../api/jobs/compress';
import type { Tune } from '../../api/choices';
import { steadyProgress } from '../../jobs/progress';
import type { Lane } from '../../jobs/queue';
import { throwIfCancelled } from '../../jobs/queue';
import { readInput } from '../../jobs/input';
import type { Codec } from '../../rda/codec';
import { smallWindows } from '../../rda/tiles';
import type { Checkpoint } from '../../rda/transforms';
import { DecodedPhoto } from '../common/decoded';
import { estimateSizes } from './estimate';
import { exportPhoto } from './export';
import { fitTotal } from './fit';
import { measure } from './measure';
import { CodedPhotos } from '../common/coded-photos';
import { levelsOf, OpenedPhotos } from '../common/opened';
import { baselinePoint, matchBaseline } from './other-codecs';
import { peek, writeThumb } from './peek';
import { savePhoto } from './save';
import { sheetOf } from '../common/patches';
import { writeTiles } from './tiles';
import { worstSpots } from './worst';

export type PhotoJob = keyof typeof photoJobs & JobKind;

export const photoLanes: Record<PhotoJob, Lane> = {
  glimpse: 'glimpse',
  open: 'preview',
  tiles: 'preview',
  worst: 'numbers',
  probe: 'numbers',
  measure: 'numbers',
  peek: 'numbers',
  match: 'numbers',
  save: 'saving',
  export: 'saving',
  fit: 'saving',
  estimate: 'chart',
  laviThumb: 'chart',
  curvePoint: 'chart',
  baseline: 'chart',
};

/** The jobs on photos that the app's window shows. */
export function photoHandlers(codec: () => Promise<Codec>): JobHandlers<PhotoJob> {
  const coded = new CodedPhotos();
  const photos = new OpenedPhotos(codec, undefined, coded);
  const modelOf = async (tune: Tune) => (await codec()).tuned(tune);
  return {
    peek: ({ file, folder }) => peek(file, folder),

    async laviThumb({ file, folder }, context) {
      const bytes = await readInput(file);
      const options = { ...context, windows: smallWindows };
      return writeThumb(await (await codec()).decompress(bytes, options), folder);
    },

    async open({ file }) {
      const { width, height } = (await photos.get(file)).photo;
      return { width, height, levels: levelsOf({ width, height }) };
    },

    async measure({ file, quality, tune, metadata }, context) {
      const photo = await photos.get(file);
      const decoded = await photo.decoded(await modelOf(tune), quality);
      const found = await measure(decoded, await photo.side(metadata), checkpoint(context));
      coded.put({ photo: photo.key, tune, quality: decoded.quality }, found.coded);
      return found.numbers;
    },

    async glimpse({ file, quality, tune }, context) {
      const model = await modelOf(tune);
      const photo = await photos.get(file);
      const analysed = await photo.glimpse(model);
      const decoded = new DecodedPhoto(analysed, model.quality.fromPercent(quality));
      const { numbers: point } = await measure(decoded, {}, checkpoint(context));
      return { ...point, bytes: scaled(point.bpp, photo.photo) };
    },

    async curvePoint({ file: path, quality, tune, whole: all }, context) {
      const model = await modelOf(tune);
      const photo = await photos.get(path);
      const { analysed, whole, windows } = all
        ? { analysed: await photo.analysed(model), whole: true, windows: smallWindows }
        : await photo.sheet(model);
      // A decoded photo of its own: those shown stay in memory.
      const wire = model.quality.fromPercent(quality);
      const key = { photo: photo.key, tune, quality: wire };
      const decoded = new DecodedPhoto(analysed, wire, windows, whole ? coded.get(key) : undefined);
      const extras = whole ? await photo.side(true) : {};
      const { numbers: point, coded: found } = await measure(decoded, extras, checkpoint(context));
      if (whole) coded.put(key, found);
      return { ...point, bytes: scaled(point.bpp, photo.photo), whole };
    },

    async tiles(request, context) {
      const model = () => modelOf(request.tune);
      return writeTiles(model, await photos.get(request.file), request, checkpoint(context));
    },

    async worst({ file, quality, tune, n }, context) {
      const photo = await photos.get(file);
      const decoded = await photo.decoded(await modelOf(tune), quality);
      return worstSpots(photo.photo, await decoded.whole(checkpoint(context)), n);
    },

    async probe({ file, quality, tune, x, y }, context) {
      const photo = await photos.get(file);
      const model = await modelOf(tune);
      const bits = await photo.blockBits(model, quality, checkpoint(context));
      const { width, height } = photo.photo;
      const block = { x: x - (x % 16), y: y - (y % 16) };
      const size = { w: Math.min(16, width - block.x), h: Math.min(16, height - block.y) };
      const mse = await photo.errorOf(model, quality, { ...block, ...size });
      return { bits: bits.at(x, y), mse };
    },

    async baseline({ file, codec: name, setting, whole: all }) {
      const { photo } = await photos.get(file);
      const { picture, whole } = all ? { picture: photo, whole: true } : sheetOf(photo);
      const point = await baselinePoint(picture, name, setting);
      return { ...point, bytes: whole ? point.bytes : scaled(point.bpp, photo), whole };
    },

    async match({ file, codec: name, by, value }, { signal }) {
      const { width, height, rgb } = (await photos.get(file)).photo;
      return matchBaseline({ width, height, rgb }, { codec: name, by, value }, signal);
    },

    async save(args, context) {
      return savePhoto(await codec(), coded, args, context);
    },

    export: (args, context) => exportPhoto(codec, args, context),

    async fit(args, context) {
      return fitTotal(await modelOf(args.tune), coded, args, context);
    },

    async estimate(args, context) {
      return estimateSizes(await codec(), args, checkpoint(context));
    },
  };
}

/** A whole photo's bytes at a sheet's rate. */
function scaled(bpp: number, { width, height }: { width: number; height: number }): number {
  return Math.round((bpp * width * height) / 8);
}

function checkpoint({ signal, onProgress }: JobContext): Checkpoint {
  const steady = steadyProgress(onProgress);
  return (fraction) => {
    throwIfCancelled(signal);
    steady(fraction);
  };
}
