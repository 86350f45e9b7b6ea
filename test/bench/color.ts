// `npm run bench:color -- --images DIR [--limit N] [--samples 16] [--sheet FILE]`: bits and looks of the colorizer on
// held-out colour photos, laid out as `lavi.py color-held` writes them (DIR/<set>/<id>.jpg, <id>.classes.png). All figures
// are measured in the network's frame, through the room that the app uses. --sheet writes a contact sheet of 24 photos.
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Colorizer } from '../../src-main/colorize/colorizer';
import type { Placement } from '../../src-main/colorize/frame';
import { cellCount, CELL, chromaOf, gridIndex, SAMPLES } from '../../src-main/colorize/frame';
import { cellLabels } from '../../src-main/colorize/label-map';
import type { Labels, Scene } from '../../src-main/colorize/model';
import { logProbabilities } from '../../src-main/colorize/model';
import { render } from '../../src-main/colorize/render';
import { resample } from '../../src-main/colorize/resample';
import { encodePhoto } from '../../src-main/image/output';
import type { Photo } from '../../src-main/image/photo';
import { readPhoto } from '../../src-main/image/photo';
import { readLabelPng } from '../../src-main/labels/png-map';
import {
  cellMeans,
  colourfulness,
  isolatedShare,
  meanDistance,
  squaredError,
} from './color-metrics';
import { Sheet } from './color-sheet';
import { fixed, table } from './table';
import { benchOptions } from './options';

const usage = `npm run bench:color -- --images DIR
  --images DIR    held-out photos, a folder a set
  --models DIR    models to measure (default models)
  --limit N       the first N photos of each set only
  --samples N     samples a photo, at least 4 (default 16)
  --sheet FILE    a sheet of originals and samples, PNG`;

const { values } = benchOptions(usage, {
  options: {
    images: { type: 'string' },
    models: { type: 'string', default: 'models' },
    limit: { type: 'string', default: '0' },
    samples: { type: 'string', default: '16' },
    sheet: { type: 'string' },
  },
});
if (!values.images) throw new Error('Expected --images DIR, a folder of held-out photos by set.');
const sampleCount = Math.max(4, Number(values.samples));

interface Row {
  set: string;
  samples: number;
  /** Sums over the photo's chroma samples. */
  bits: Record<'labels' | 'colour' | 'one' | 'palette' | 'givenL' | 'abHistogram', number>;
  /** Squared errors of a and b, and of RGB, a photo. */
  ab: Record<'mean' | 'single' | 'grey' | 'one', number>;
  rgb: Record<'mean' | 'single' | 'grey', number>;
  energy: number;
  oneError: number;
  between: number;
  toOriginal: number;
  colourfulness: number;
  originalColourfulness: number;
  isolated: number;
  isolatedBest: number;
  classes: number;
  classesRight: number;
  firstSeconds: number;
  nextSeconds: number;
}

const colorizer = await Colorizer.load({ modelsDir: values.models });
const sheet = values.sheet ? new Sheet(24, 5, 128) : undefined;

async function files(): Promise<{ set: string; path: string }[]> {
  const out: { set: string; path: string }[] = [];
  for (const set of (await readdir(values.images!)).sort()) {
    for (const name of (await readdir(join(values.images!, set))).sort()) {
      if (/\.jpe?g$/.test(name)) out.push({ set, path: join(values.images!, set, name) });
    }
  }
  const limit = Number(values.limit);
  const step = limit > 0 ? Math.max(1, out.length / limit) : 1;
  return out.filter((_, i) => Math.floor(i / step) !== Math.floor((i - 1) / step));
}

/** The photo at the frame's size: what RGB errors are measured on. */
function framed(photo: Photo, place: Placement): Photo {
  const size = { width: place.columns * CELL, height: place.rows * CELL };
  const rgb = resample(photo, size, 3, (y, into) => {
    for (let i = 0; i < into.length; i++) into[i] = photo.rgb[y * photo.width * 3 + i]!;
  });
  return { ...size, rgb: Uint8Array.from(rgb, Math.round) };
}

/** Mean chroma of the net with one label. */
async function oneMean(scene: Scene): Promise<Float32Array | undefined> {
  const trunk = await colorizer.model.trunkOfOne(scene.frame);
  if (!trunk) return undefined;
  const { Decoder } = await import('../../src-main/colorize/decoder');
  const { tables } = colorizer.model;
  const own = { table: tables['one.table']!, place: tables.place!, blend: tables.blend! };
  return new Decoder(own, scene.frame, trunk).mean(new Int16Array(cellCount(scene.frame)));
}

/** Cells whose class is known, and those where the head's most probable class is that one. */
async function classAccuracy(path: string, scene: Scene): Promise<[number, number]> {
  const mapPath = path.replace(/\.jpe?g$/, '.classes.png');
  if (!existsSync(mapPath)) return [0, 0];
  const map = { ...readLabelPng(await readFile(mapPath)), voidLabel: 0 };
  const truth: Labels = cellLabels(map, scene.frame, 64);
  const { labels } = colorizer.model.manifest;
  const logP = new Float64Array(labels.length);
  let known = 0;
  let right = 0;
  truth.forEach((wanted, cell) => {
    if (wanted < 0) return;
    logProbabilities(scene.logits.data, gridIndex(scene.frame, cell), logP);
    const byClass = new Float64Array(64);
    labels.forEach((label, k) => (byClass[label.class]! += label.class ? Math.exp(logP[k]!) : 0));
    known++;
    if (byClass.indexOf(Math.max(...byClass)) === wanted) right++;
  });
  return [known, right];
}

async function measure(set: string, path: string): Promise<Row> {
  const photo = await readPhoto(path);
  let began = performance.now();
  const scene = await colorizer.scene(photo);
  const { frame } = scene;
  const samples = cellCount(frame) * SAMPLES;
  const colourings = [await colorizer.colour(scene, { seed: 1 })];
  await render(photo, frame, colourings[0]!.labels, colourings[0]!.chroma);
  const firstSeconds = (performance.now() - began) / 1000;
  began = performance.now();
  for (let seed = 2; seed <= sampleCount; seed++) {
    colourings.push(await colorizer.colour(scene, { seed }));
  }
  const nextSeconds = (performance.now() - began) / 1000 / (sampleCount - 1);
  const score = await colorizer.score(scene, photo);
  const truth = chromaOf(photo, frame);
  const mean = truth.map((_, i) =>
    colourings.reduce((sum, { chroma }) => sum + chroma[i]! / sampleCount, 0),
  );
  const one = await oneMean(scene);
  const small = framed(photo, frame);
  const paint = async (chroma: Float32Array) =>
    (await render(small, frame, new Int16Array(cellCount(frame)), chroma)).rgb;
  const grey = new Float32Array(truth.length);
  const four = colourings.slice(0, 4).map(({ chroma }) => cellMeans(chroma, frame));
  const original = cellMeans(truth, frame);
  const between = meanDistance(four, four);
  const toOriginal = meanDistance(four, [original]);
  const best = await colorizer.labels(scene, { seed: 1, temperature: 0 });
  const [classes, classesRight] = await classAccuracy(path, scene);
  const first = colourings[0]!.chroma;
  if (sheet) {
    const shown = [photo];
    for (const { labels, chroma } of colourings.slice(0, 4)) {
      shown.push(await render(photo, frame, labels, chroma));
    }
    sheet.add(shown);
  }
  return {
    set,
    samples,
    bits: {
      labels: score.bitsLabels,
      colour: score.bitsColour,
      one: (score.baselines.one ?? NaN) * samples,
      palette: score.baselines.palette * samples,
      givenL: score.baselines.givenL * samples,
      abHistogram: score.baselines.abHistogram * samples,
    },
    ab: {
      mean: squaredError(mean, truth),
      single: squaredError(first, truth),
      grey: squaredError(grey, truth),
      one: one ? squaredError(one, truth) : NaN,
    },
    rgb: {
      mean: squaredError(await paint(mean), small.rgb),
      single: squaredError(await paint(first), small.rgb),
      grey: squaredError(await paint(grey), small.rgb),
    },
    energy: toOriginal - between / 2,
    oneError: one ? meanDistance([cellMeans(one, frame)], [original]) : NaN,
    between,
    toOriginal,
    colourfulness: colourfulness(await paint(first)),
    originalColourfulness: colourfulness(small.rgb),
    isolated: isolatedShare(colourings[0]!.labels, frame),
    isolatedBest: isolatedShare(best.labels, frame),
    classes,
    classesRight,
    firstSeconds,
    nextSeconds,
  };
}

const rows: Row[] = [];
const list = await files();
for (const [i, { set, path }] of list.entries()) {
  rows.push(await measure(set, path));
  process.stderr.write(`\r${i + 1}/${list.length}`);
}
process.stderr.write('\n');
await colorizer.close();
if (sheet) await writeFile(values.sheet!, await encodePhoto(sheet.photo(), 'jpeg'));

const total = (of: Row[], value: (row: Row) => number) => of.reduce((s, row) => s + value(row), 0);
const average = (of: Row[], value: (row: Row) => number) => total(of, value) / of.length;
const psnr = (peak: number, of: Row[], value: (row: Row) => number) =>
  average(of, (row) => 10 * Math.log10(peak ** 2 / value(row)));
const perSample = (of: Row[], key: keyof Row['bits']) =>
  total(of, (row) => row.bits[key]) / total(of, ({ samples }) => samples);

const groups: [string, Row[]][] = [
  ['all', rows],
  ['all but camvid', rows.filter(({ set }) => set !== 'camvid')],
  ...[...new Set(rows.map(({ set }) => set))].map(
    (set) => [set, rows.filter((row) => row.set === set)] as [string, Row[]],
  ),
];
console.log(
  `model ${colorizer.model.manifest.id}, ${JSON.stringify(colorizer.model.manifest.training)}`,
);
console.log('\nbits a chroma sample (sums over samples)');
const bitKeys = ['labels', 'colour', 'one', 'palette', 'givenL', 'abHistogram'] as const;
console.log(
  table(
    ['set', 'photos', 'sum', ...bitKeys],
    groups.map(([name, of]) => [
      name,
      String(of.length),
      fixed(perSample(of, 'labels') + perSample(of, 'colour'), 3),
      ...bitKeys.map((key) => fixed(perSample(of, key), 3)),
    ]),
  ),
);
console.log('\nlooks (means over photos; ab PSNR at peak 255)');
const looks: [string, (of: Row[]) => number][] = [
  [`ab PSNR of the mean of ${sampleCount} samples, dB`, (of) => psnr(255, of, ({ ab }) => ab.mean)],
  ['ab PSNR of one sample', (of) => psnr(255, of, ({ ab }) => ab.single)],
  ['ab PSNR of grey', (of) => psnr(255, of, ({ ab }) => ab.grey)],
  ['ab PSNR of the mean with one label', (of) => psnr(255, of, ({ ab }) => ab.one)],
  ['RGB PSNR of the mean', (of) => psnr(255, of, ({ rgb }) => rgb.mean)],
  ['RGB PSNR of one sample', (of) => psnr(255, of, ({ rgb }) => rgb.single)],
  ['RGB PSNR of grey', (of) => psnr(255, of, ({ rgb }) => rgb.grey)],
  ['energy score', (of) => average(of, ({ energy }) => energy)],
  ["error of the one label's mean", (of) => average(of, ({ oneError }) => oneError)],
  [
    'distance between samples / to the original',
    (of) => average(of, ({ between }) => between) / average(of, ({ toOriginal }) => toOriginal),
  ],
  [
    'colourfulness / the original’s',
    (of) =>
      average(of, (row) => row.colourfulness) / average(of, (row) => row.originalColourfulness),
  ],
  ['isolated cells, sample', (of) => average(of, ({ isolated }) => isolated)],
  ['isolated cells, most probable map', (of) => average(of, ({ isolatedBest }) => isolatedBest)],
  [
    "label head's accuracy on labelled cells",
    (of) => total(of, ({ classesRight }) => classesRight) / total(of, ({ classes }) => classes),
  ],
  ['first colouring, s', (of) => average(of, ({ firstSeconds }) => firstSeconds)],
  ['each further one, s', (of) => average(of, ({ nextSeconds }) => nextSeconds)],
];
console.log(
  table(
    ['', 'all', 'all but camvid'],
    looks.map(([name, of]) => [name, ...groups.slice(0, 2).map(([, g]) => fixed(of(g), 3))]),
  ),
);
