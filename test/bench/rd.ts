import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import sharp from 'sharp';
import { readPhoto } from '../../src-main/image/photo';
import { Codec } from '../../src-main/rda/codec';
import { unevenness } from './bd-rate';
import type { Curve } from './bd-rate';
import { bdTable, inMsSsim, inSsimulacra2, meanCurve, sharedSpan } from './curves';
import type { BdTable, MeasuredCurve } from './curves';
import { avifTune, belongs, lavi, otherLadders } from './ladders';
import type { Distortion } from './ladders';
import { plotCurves } from './plot';
import { laviPoint, PointCache } from './points';
import type { Point } from './points';
import { fixed, percent, table } from './table';
import { byPhoto } from './worst';
import type { PhotoBd } from './worst';
import { benchOptions } from './options';

const usage = `npm run bench:rd -- --images DIR
  --out FILE         the report, JSON; a plot goes beside it (default .cache/bench/rd.json)
  --only NAMES       curves to measure, by comma: lavi, lavi-ms-ssim, lavi-best, mozjpeg, webp-e6, jxl-e7, and AVIF by chroma
                     and what it is tuned for: avif-e4-420-psnr, avif-e4-444-ssim, avif-e4-420-iq …
                     (default: all but lavi-best, which is --effort best). Each table has AVIF tuned for what it measures
  --limit N          the first N photos only
  --span LOW,HIGH    dB that BD-rates cover (default 28,38)
  --msssim-span L,H  dB of MS-SSIM, −10 log10(1 − MS-SSIM), that its BD-rates cover (default 11,20)
  --ssimulacra2-span L,H  of SSIMULACRA2 (default 30,85). A span shrinks to what all curves reach, and says so
  --worst N          the N photos of largest BD-rate against --against
  --against NAME     (default avif-e4-420-psnr)
  --anchors FILE     outside curves for the BD table, {name: {bpp, psnr}}
  --avif-effort N    AVIF at effort N too
  --models DIR       models of our codec (default models)
  --threads N        threads of our codec's nets
  --no-cache         measure every point again, so that all times are of this run`;

const { values } = benchOptions(usage, {
  options: {
    images: { type: 'string' },
    out: { type: 'string', default: '.cache/bench/rd.json' },
    only: { type: 'string' },
    limit: { type: 'string' },
    span: { type: 'string', default: '28,38' },
    'msssim-span': { type: 'string', default: '11,20' },
    'ssimulacra2-span': { type: 'string', default: '30,85' },
    worst: { type: 'string', default: '0' },
    against: { type: 'string', default: 'avif-e4-420-psnr' },
    anchors: { type: 'string' },
    'avif-effort': { type: 'string' },
    models: { type: 'string', default: 'models' },
    threads: { type: 'string' },
    'no-cache': { type: 'boolean', default: false },
  },
});

function misused(why: string): never {
  console.error(`${why}\n${usage}`);
  process.exit(2);
}

if (!values.images) misused('Expected --images DIR.');
function spanOf(text: string): [number, number] {
  const [low, high, ...more] = text.split(',').map(Number);
  if (!(low! < high!) || more.length > 0) misused(`Expected LOW,HIGH and found ${text}.`);
  return [low!, high!];
}
const span = spanOf(values.span);
const msssimSpan = spanOf(values['msssim-span']);
const ssimulacra2Span = spanOf(values['ssimulacra2-span']);
const effort = values['avif-effort'] ? Number(values['avif-effort']) : undefined;
const ladders = otherLadders(effort);
const ours = {
  lavi: {},
  'lavi-ms-ssim': { tune: 'ms-ssim' },
  'lavi-best': { effort: 'best' },
} as const;
const isOurs = (name: string): name is keyof typeof ours => name in ours;
const known = [...Object.keys(ours), ...Object.keys(ladders)];
const names = values.only?.split(',') ?? known.filter((name) => name !== 'lavi-best');
const unknown = names.filter((name) => !known.includes(name));
if (unknown.length > 0) misused(`Unknown curves: ${unknown.join(', ')}.`);

const files = (await readdir(values.images))
  .filter((name) => /\.(jpe?g|png|webp|avif|tiff?|gif)$/i.test(name))
  .sort()
  .slice(0, values.limit ? Number(values.limit) : undefined);
if (files.length === 0) misused(`There are no photos in ${values.images}.`);

const codec = names.some(isOurs)
  ? await Codec.load({
      modelsDir: values.models,
      provider: 'cpu',
      ...(values.threads && { threads: Number(values.threads) }),
    })
  : undefined;
const cache = new PointCache(resolve('.cache/bench/points'), !values['no-cache']);

const photos: { file: string; width: number; height: number; points: Record<string, Point[]> }[] =
  [];
for (const [i, file] of files.entries()) {
  const { width, height, rgb } = await readPhoto(join(values.images, file));
  const photo = { width, height, rgb };
  const key = cache.keyOf(photo);
  const points: Record<string, Point[]> = {};
  const began = performance.now();
  for (const name of names) {
    const row: Point[] = (points[name] = []);
    if (isOurs(name))
      for (const quality of lavi) row.push(await laviPoint(codec!, photo, quality, ours[name]));
    else for (const setting of ladders[name]!) row.push(await cache.other(photo, key, setting));
  }
  photos.push({ file, width, height, points });
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.error(`${i + 1}/${files.length} ${file} ${width}×${height} ${seconds} s`);
}
await codec?.close();

const curves: Record<string, MeasuredCurve> = {};
for (const name of names) {
  const qualities = isOurs(name) ? lavi : ladders[name]!.map((setting) => setting.quality);
  curves[name] = meanCurve(
    qualities,
    photos.map((photo) => photo.points[name]!),
  );
}
const anchors: Record<string, Curve> = values.anchors
  ? (JSON.parse(await readFile(values.anchors, 'utf8')) as Record<string, Curve>)
  : {};
const { vips, aom, mozjpeg, webp } = sharp.versions;
const report = {
  images: files.length,
  span,
  curves,
  bd: {} as BdTable,
  msssimSpan,
  bdMsSsim: {} as BdTable,
  ssimulacra2Span,
  bdSsimulacra2: {} as BdTable,
  byPhoto: [] as PhotoBd[],
  photos,
  machine: { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version },
  versions: { sharp: sharp.versions.sharp, vips, aom, mozjpeg, webp },
};
const out = resolve(values.out);
await mkdir(dirname(out), { recursive: true });
const save = () => writeFile(out, `${JSON.stringify(report, null, 1)}\n`);
// Saved before BD-rates too: a curve that misses the span must not cost an hour's points.
await save();
const plot = out.replace(/(\.json)?$/, '.svg');
const title = `Rate and distortion, mean over ${files.length} photos`;
await writeFile(plot, plotCurves(curves, { title, span }));

const rows = names.flatMap((name) => {
  const curve = curves[name]!;
  return curve.quality.map((quality, i) => [
    i === 0 ? name : '',
    String(quality),
    fixed(curve.bpp[i], 4),
    fixed(curve.psnr[i], 3),
    fixed(curve.msssim[i], 5),
    fixed(curve.ssimulacra2[i], 2),
    fixed(curve.encMs[i], 0),
    fixed(curve.decMs[i], 0) + (curve.cached ? ' *' : ''),
  ]);
});
console.log(
  table(['curve', 'quality', 'bpp', 'PSNR', 'MS-SSIM', 'SSIMULACRA2', 'enc ms', 'dec ms'], rows),
);
for (const name of names.filter(isOurs)) {
  const worst = unevenness(curves[name]!).sort((a, b) => b.percent - a.percent)[0]!;
  const at = curves[name]!.quality[worst.index]!;
  console.log(
    `${name}: quality ${at} takes ${percent(worst.percent)} bits against the curve through its neighbours, more than any other`,
  );
}
if (names.some((name) => curves[name]!.cached)) console.log('* times of an earlier run');

let missed = false;
/** Prints and gives the BD-rates of the curves that stand in this table, over the part of the span that they share. */
function tableOf(
  distortion: Distortion,
  within: [number, number],
  what: string,
  of: (curve: MeasuredCurve) => Curve,
  outside: Record<string, Curve> = {},
): BdTable {
  const shown = names.filter((name) => belongs(name, distortion));
  const standing = Object.fromEntries(shown.map((name) => [name, of(curves[name]!)]));
  if (shown.length < 2 && Object.keys(outside).length === 0) return {};
  const shared = sharedSpan(Object.values(standing), within);
  if (!shared) {
    console.error(`\nNo BD-rates of ${what}: the curves share too little of ${within.join('…')}.`);
    missed = true;
    return {};
  }
  const bd = bdTable(standing, outside, shared);
  const against = [...new Set(Object.values(bd).flatMap((row) => Object.keys(row)))];
  const shrunk = shared.join() === within.join() ? '' : ` (the shared part of ${within.join('…')})`;
  const tuned = shown.some((name) => name.startsWith('avif-'))
    ? `; AVIF with tune ${avifTune[distortion]}`
    : '';
  console.log(
    `\nBD-rate over ${shared.join('…')} of ${what}${shrunk}, a column's bits against a row's${tuned}`,
  );
  // Anchors are many and read better downwards.
  const cells = against.map((row) => [row, ...shown.map((name) => percent(bd[name]![row]))]);
  console.log(table(['against', ...shown], cells));
  return bd;
}

report.bd = tableOf('psnr', span, 'dB of PSNR', (curve) => curve, anchors);
report.bdMsSsim = tableOf('msssim', msssimSpan, 'dB of MS-SSIM', inMsSsim);
report.bdSsimulacra2 = tableOf('ssimulacra2', ssimulacra2Span, 'SSIMULACRA2', inSsimulacra2);

const { against } = values;
const worst = Number(values.worst);
if (worst > 0 && names.includes('lavi') && names.includes(against)) {
  report.byPhoto = byPhoto(photos, 'lavi', against, span);
  const lost = report.byPhoto.filter((row) => row.percent > 0).length;
  console.log(
    `\nPhotos on which lavi takes most bits against ${against} (more on ${lost} of ${report.byPhoto.length})`,
  );
  const rows = report.byPhoto
    .slice(0, worst)
    .map((row) => [row.file, percent(row.percent), row.span.map((v) => v.toFixed(1)).join('…')]);
  console.log(table(['photo', 'BD-rate', 'dB'], rows));
}
await save();
console.log(`\n${out}\n${plot}`);
if (missed) process.exitCode = 1;
