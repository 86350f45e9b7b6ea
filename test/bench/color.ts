// `npm run bench:color -- --images DIR [--limit N] [--samples 16] [--sheet FILE]`: bits and looks of the colorizer on
// held-out colour photos, laid out as `lavi.py color-held` writes them (DIR/<set>/<id>.jpg, <id>.classes.png). All figures
// are measured in the network's frame, through the room that the app uses; samples are drawn as --draw says at --temperature.
// --sheet writes a contact sheet of 24 photos: the original, the first colouring, samples.
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Colouring } from '../../src-main/colorize/colorizer';
import { Colorizer } from '../../src-main/colorize/colorizer';
import type { Placement } from '../../src-main/colorize/frame';
import { cellCount, CELL, chromaOf, gridIndex, SAMPLES } from '../../src-main/colorize/frame';
import { cellLabels } from '../../src-main/colorize/label-map';
import type { Labels, Scene } from '../../src-main/colorize/model';
import { logProbabilities } from '../../src-main/colorize/model';
import { render } from '../../src-main/colorize/render';
import { resample } from '../../src-main/colorize/resample';
import { defaultVivid } from '../../src-main/api/calls/colorize';
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
  --draw WAY      regions: noise shared by region (default); model: from P(z|x) itself
  --temperature T of the samples (default 0.8, or 1 with --draw model)
  --sheet FILE    a sheet of originals and samples, PNG`;

const { values } = benchOptions(usage, {
  options: {
    images: { type: 'string' },
    models: { type: 'string', default: 'models' },
    limit: { type: 'string', default: '0' },
    samples: { type: 'string', default: '16' },
    draw: { type: 'string', default: 'regions' },
    temperature: { type: 'string' },
    sheet: { type: 'string' },
  },
});
if (!values.images) throw new Error('Expected --images DIR, a folder of held-out photos by set.');
if (values.draw !== 'regions' && values.draw !== 'model') {
  throw new Error(`Expected --draw regions or model, found ${values.draw}.`);
}
const draw = values.draw;
const temperature = Number(values.temperature ?? (draw === 'model' ? 1 : 0.8));
const sampleCount = Math.max(4, Number(values.samples));

interface Row {
  set: string;
  samples: number;
  /** Sums over the photo's chroma samples. */
  bits: Record<'labels' | 'colour' | 'one' | 'palette' | 'givenL' | 'abHistogram', number>;
  /** Squared errors of a and b, and of RGB, a photo. */
  ab: Record<'mean' | 'single' | 'best' | 'first' | 'grey' | 'one', number>;
  rgb: Record<'mean' | 'single' | 'grey', number>;
  energy: number;
  oneError: number;
  between: number;
  toOriginal: number;
  colourfulness: number;
  originalColourfulness: number;
  isolated: number;
  isolatedFirst: number;
  /** Bits a chroma sample of the samples' own labels and colours. */
  own: Record<'labels' | 'colour', number>;
  classes: number;
  classesRight: number;
  firstSeconds: number;
  nextSeconds: number;
  bitsSeconds: number;
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
  const first = await colorizer.drawn(scene, { seed: 0, temperature: 0 });
  await render(photo, frame, first.labels, first.chroma);
  const firstSeconds = (performance.now() - began) / 1000;
  const drawn: Pick<Colouring, 'labels' | 'chroma'>[] = [];
  began = performance.now();
  for (let seed = 1; seed <= sampleCount; seed++) {
    drawn.push(await colorizer.drawn(scene, { seed, draw, temperature }));
  }
  const nextSeconds = (performance.now() - began) / 1000 / sampleCount;
  const colourings = drawn.slice(0, 4);
  const own = { labels: 0, colour: 0 };
  began = performance.now();
  for (const { labels, chroma } of colourings) {
    own.labels += (await colorizer.labelBits(scene, labels)) / samples / colourings.length;
    const nats = -scene.decoder.logLikelihood(labels, chroma.map(Math.round));
    own.colour += nats / Math.LN2 / samples / colourings.length;
  }
  const bitsSeconds = (performance.now() - began) / 1000 / colourings.length;
  const score = await colorizer.score(scene, photo);
  const truth = chromaOf(photo, frame);
  const mean = truth.map((_, i) =>
    drawn.reduce((sum, { chroma }) => sum + chroma[i]! / sampleCount, 0),
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
  const [classes, classesRight] = await classAccuracy(path, scene);
  const errors = colourings.map(({ chroma }) => squaredError(chroma, truth));
  const single = colourings[0]!.chroma;
  if (sheet) {
    const shown = [photo];
    for (const { labels, chroma } of [first, ...colourings.slice(0, 3)]) {
      shown.push(await render(photo, frame, labels, chroma, { vivid: defaultVivid }));
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
      single: errors[0]!,
      best: Math.min(...errors),
      first: squaredError(first.chroma, truth),
      grey: squaredError(grey, truth),
      one: one ? squaredError(one, truth) : NaN,
    },
    rgb: {
      mean: squaredError(await paint(mean), small.rgb),
      single: squaredError(await paint(single), small.rgb),
      grey: squaredError(await paint(grey), small.rgb),
    },
    energy: toOriginal - between / 2,
    oneError: one ? meanDistance([cellMeans(one, frame)], [original]) : NaN,
    between,
    toOriginal,
    colourfulness: colourfulness(await paint(single)),
    originalColourfulness: colourfulness(small.rgb),
    isolated: isolatedShare(colourings[0]!.labels, frame),
    isolatedFirst: isolatedShare(first.labels, frame),
    own,
    classes,
    classesRight,
    firstSeconds,
    nextSeconds,
    bitsSeconds,
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
  ['ab PSNR of the best of 4 samples', (of) => psnr(255, of, ({ ab }) => ab.best)],
  ['ab PSNR of the first colouring', (of) => psnr(255, of, ({ ab }) => ab.first)],
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
  ['isolated cells, first colouring', (of) => average(of, ({ isolatedFirst }) => isolatedFirst)],
  ["bits a chroma sample of a sample's own labels", (of) => average(of, ({ own }) => own.labels)],
  ['… of its own colours', (of) => average(of, ({ own }) => own.colour)],
  [
    "label head's accuracy on labelled cells",
    (of) => total(of, ({ classesRight }) => classesRight) / total(of, ({ classes }) => classes),
  ],
  ['first colouring, s', (of) => average(of, ({ firstSeconds }) => firstSeconds)],
  ['each further one, s', (of) => average(of, ({ nextSeconds }) => nextSeconds)],
  ['bits of one, s', (of) => average(of, ({ bitsSeconds }) => bitsSeconds)],
];
console.log(
  table(
    ['', 'all', 'all but camvid'],
    looks.map(([name, of]) => [name, ...groups.slice(0, 2).map(([, g]) => fixed(of(g), 3))]),
  ),
);
