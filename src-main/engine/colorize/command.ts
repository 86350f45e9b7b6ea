import type { JobContext, JobHandlers } from '../common/job';
import { extname } from 'node:path';
import { colouredFile } from './file';
import type { ColorJob } from '../../api/jobs/colorize/command';
import type { JobArgs, JobResult } from '../../api/jobs/contract';
import { LaviError } from '../../api/errors';
import type { Colorizer } from '../../colorize/colorizer';
import { cellLabels, enlarged, labelNames, labelPalette } from '../../colorize/label-map';
import type { Labels, Scene } from '../../colorize/model';
import { markedColours } from '../../colorize/note';
import { render } from '../../colorize/render';
import { readSrgbPhoto } from '../../image/srgb';
import { readInput } from '../../jobs/input';
import { refuseExisting, writeOutput } from '../../jobs/output';
import { partProgress } from '../../jobs/progress';
import type { Lane } from '../../jobs/queue';
import { throwIfCancelled } from '../../jobs/queue';
import { readLabelPng } from '../../labels/png-map';
import { writeLabelPng } from '../../labels/png-write';
import type { Codec } from '../../rda/codec';

export const colorLanes: Record<ColorJob, Lane> = {
  colorize: 'saving',
  segment: 'saving',
  score: 'numbers',
};

/** The colorizer's jobs; it is loaded when one first needs it. */
export function colorHandlers(
  colorizerOf: () => Promise<Colorizer>,
  codec: () => Promise<Codec>,
): JobHandlers<ColorJob> {
  return {
    colorize: async (args, context) => colorize(await colorizerOf(), codec, args, context),
    segment: async (args, context) => segment(await colorizerOf(), args, context),
    score: async (args, context) => score(await colorizerOf(), args, context),
  };
}

async function colorize(
  colorizer: Colorizer,
  codec: () => Promise<Codec>,
  args: JobArgs<'colorize'>,
  { signal, onProgress }: JobContext,
): Promise<JobResult<'colorize'>> {
  const { file, samples: count, temperature, vivid, overwrite } = args;
  let began = performance.now();
  const outputs = Array.from({ length: count }, (_, i) => outputOf(args.output, i, count));
  for (const output of outputs) await refuseExisting(output, overwrite);
  const photo = await readSrgbPhoto(file);
  throwIfCancelled(signal);
  const scene = await colorizer.scene(photo);
  const clamped = args.labels && (await heldLabels(colorizer, scene, args.labels));
  const samples: JobResult<'colorize'>['samples'] = [];
  for (const [i, output] of outputs.entries()) {
    const seed = args.seed + i;
    // Of draws by region, seed 0 is the one without noise.
    const isPlain = args.draw === 'regions' && seed === 0;
    const { labels, chroma, ...bits } = await colorizer.colour(scene, {
      ...{ seed, temperature: isPlain ? 0 : temperature, draw: args.draw, signal },
      ...(clamped && { clamped }),
    });
    const coloured = await render(photo, scene.frame, labels, chroma, {
      ...{ vivid, signal },
      onProgress: partProgress(onProgress, (i + 0.2) / count, (i + 0.5) / count),
    });
    const written = await colouredFile(markedColours(coloured, args), codec, {
      ...{ format: args.format, formatQuality: args.formatQuality, quality: args.quality, signal },
      onProgress: partProgress(onProgress, (i + 0.5) / count, (i + 0.9) / count),
    });
    await writeOutput(output, written, { overwrite, signal });
    const { bitsLabels, bitsColour, bitsPerSample } = bits;
    const seconds = (performance.now() - began) / 1000;
    samples.push({ output, sample: i + 1, seed, bitsLabels, bitsColour, bitsPerSample, seconds });
    began = performance.now();
    onProgress((i + 1) / count);
  }
  return { file, width: photo.width, height: photo.height, samples };
}

function outputOf(output: string, index: number, count: number): string {
  if (count === 1) return output;
  const extension = extname(output);
  return `${output.slice(0, output.length - extension.length)}-${index + 1}${extension}`;
}

async function heldLabels(colorizer: Colorizer, scene: Scene, path: string): Promise<Labels> {
  const map = readLabelPng(await readInput(path));
  const held = cellLabels(map, scene.frame, colorizer.model.labels);
  const isSame = Math.abs(
    Math.log((map.width * scene.frame.rows) / (map.height * scene.frame.columns)),
  );
  // Cells are rounded to whole ones, so shapes need not agree better than they do.
  if (isSame > 0.15) {
    throw new LaviError(
      'BAD_REQUEST',
      `Expected a label map of the photo's shape, found ${map.width} × ${map.height}.`,
    );
  }
  return held;
}

async function segment(
  colorizer: Colorizer,
  { file, output, seed, temperature, overwrite }: JobArgs<'segment'>,
  { signal, onProgress }: JobContext,
): Promise<JobResult<'segment'>> {
  const began = performance.now();
  await refuseExisting(output, overwrite);
  const { width, height, rgb } = await readSrgbPhoto(file);
  throwIfCancelled(signal);
  const scene = await colorizer.scene({ width, height, rgb });
  onProgress(0.3);
  const { labels, bits } = await colorizer.labels(scene, { seed, temperature, signal });
  onProgress(0.8);
  const { manifest } = colorizer.model;
  const { columns, rows } = scene.frame;
  const png = writeLabelPng({
    ...{ width, height, labels: enlarged(labels, scene.frame, width, height) },
    ...{ palette: labelPalette(manifest), names: labelNames(manifest) },
  });
  await writeOutput(output, png, { overwrite, signal });
  onProgress(1);
  const seconds = (performance.now() - began) / 1000;
  const distinct = new Set(labels).size;
  return {
    file,
    output,
    width,
    height,
    columns,
    rows,
    labels: distinct,
    bitsLabels: bits,
    seconds,
  };
}

async function score(
  colorizer: Colorizer,
  { file, colour }: JobArgs<'score'>,
  { signal, onProgress }: JobContext,
): Promise<JobResult<'score'>> {
  const began = performance.now();
  const photo = await readSrgbPhoto(file);
  const picture = colour === file ? photo : await readSrgbPhoto(colour);
  const shapes = (photo.width * picture.height) / (photo.height * picture.width);
  if (Math.abs(Math.log(shapes)) > 0.05) {
    throw new LaviError(
      'BAD_REQUEST',
      `Expected two pictures of one shape, found ${photo.width} × ${photo.height} and ` +
        `${picture.width} × ${picture.height}.`,
    );
  }
  const scene = await colorizer.scene(photo);
  throwIfCancelled(signal);
  const { bitsLabels, bitsColour, bitsPerSample, baselines } = await colorizer.score(
    scene,
    picture,
    { signal, onProgress },
  );
  const seconds = (performance.now() - began) / 1000;
  return { file, colour, bitsLabels, bitsColour, bitsPerSample, baselines, seconds };
}
