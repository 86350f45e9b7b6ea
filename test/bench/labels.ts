import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { encodeLosslessWebp } from '../../src-main/image/lossless';
import { encodePhoto } from '../../src-main/image/output';
import { decodeLabels, encodeLabels } from '../../src-main/labels/file';
import { type LabelMap, presentLabels, toRanks } from '../../src-main/labels/map';
import { readLabelPng } from '../../src-main/labels/png-map';
import { writeLabelPng } from '../../src-main/labels/png-write';
import { type BenchMap, mosaic, readBenchMaps } from './labels-input';
import { fixed, table } from './table';
import { benchOptions } from './options';

const usage = `npm run bench:labels -- --maps DIR
  --maps DIR     label PNGs
  --index FILE   JSON naming their sets and which are held out; only those are measured
  --all          code and decode every other map of the folder as well, for equality
  --side N       side of the large map for peak memory and speed (default 4096)
  --no-jxl       without JPEG XL (needs cjxl, of Debian's libjxl-tools)
  --out FILE     the report, JSON (default .cache/bench/labels.json)`;

const { values } = benchOptions(usage, {
  options: {
    maps: { type: 'string' },
    index: { type: 'string' },
    all: { type: 'boolean', default: false },
    side: { type: 'string', default: '4096' },
    'no-jxl': { type: 'boolean', default: false },
    out: { type: 'string', default: '.cache/bench/labels.json' },
    child: { type: 'string' },
  },
});

/** Wall and processor time of `run`; the latter is what one core takes, whatever else runs. */
function timed<Result>(run: () => Result): { result: Result; wallMs: number; cpuMs: number } {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const result = run();
  const wallMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { result, wallMs, cpuMs: (user + system) / 1000 };
}

function roundTrip(map: LabelMap) {
  const encode = timed(() => encodeLabels(map, { bare: true }));
  const decode = timed(() => decodeLabels(encode.result.file));
  const { labels } = decode.result.map;
  if (!labels.every((label, i) => label === map.labels[i]))
    throw new Error('A map came back changed.');
  return { encode, decode, bytes: encode.result.file.length, points: encode.result.points };
}

/** Peak memory needs a process of its own: reads a PNG, encodes, decodes, reports. */
function child(path: string): void {
  const map = readLabelPng(readFileSync(path));
  const { encode, decode, bytes } = roundTrip(map);
  const peakRssMb = process.resourceUsage().maxRSS / 1024;
  const [encodeMs, decodeMs] = [encode.cpuMs, decode.cpuMs];
  console.log(JSON.stringify({ encodeMs, decodeMs, bytes, peakRssMb }));
}

/** Bytes and wall time of cjxl -d 0 -e 9 on indices as grey and as RGB; the smaller file counts. */
async function jpegXl(map: LabelMap, folder: string) {
  const { width, height } = map;
  const rgb = new Uint8Array(3 * map.labels.length);
  const palette = map.palette ?? new Uint8Array();
  map.labels.forEach((label, i) => {
    for (let c = 0; c < 3; c++) rgb[3 * i + c] = palette[4 * label + c] ?? label;
  });
  writeFileSync(join(folder, 'grey.pgm'), greyFile(map));
  writeFileSync(join(folder, 'rgb.png'), await encodePhoto({ width, height, rgb }, 'png'));
  const sizes = ['grey.pgm', 'rgb.png'].map((name) => {
    const output = join(folder, 'out.jxl');
    const start = performance.now();
    const args = [join(folder, name), output, '-d', '0', '-e', '9', '--num_threads=0'];
    const run = spawnSync('cjxl', args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
    if (run.status !== 0) throw new Error(`cjxl failed: ${run.error?.message ?? run.stderr}`);
    return { bytes: statSync(output).size, ms: performance.now() - start };
  });
  return sizes.reduce((a, b) => (b.bytes < a.bytes ? b : a));
}

/** Samples as they are, 8 or 16 bits by the largest label. */
function greyFile({ width, height, labels }: LabelMap): Uint8Array {
  const wide = labels.some((label) => label > 255);
  const head = Buffer.from(`P5\n${width} ${height}\n${wide ? 65_535 : 255}\n`);
  const body = wide
    ? Uint8Array.from({ length: 2 * labels.length }, (_, i) =>
        i % 2 ? labels[i >> 1]! & 255 : labels[i >> 1]! >> 8,
      )
    : Uint8Array.from(labels);
  return Buffer.concat([head, body]);
}

interface Row {
  maps: number;
  pixels: number;
  points: number;
  bytes: number;
  png: number;
  webp: number;
  jxl: number;
  encodeMs: number;
  decodeMs: number;
  encodeWallMs: number;
  decodeWallMs: number;
  webpMs: number;
  jxlMs: number;
}

const keys = [
  ...(['maps', 'pixels', 'points', 'bytes', 'png', 'webp', 'jxl', 'encodeMs', 'decodeMs'] as const),
  ...(['encodeWallMs', 'decodeWallMs', 'webpMs', 'jxlMs'] as const),
];

async function measure(map: BenchMap, folder: string | undefined): Promise<Row> {
  const { encode, decode, bytes, points } = roundTrip(map);
  const { width, height } = map;
  const ranks = toRanks(map.labels, presentLabels(map.labels));
  const png = writeLabelPng({ width, height, labels: ranks }, { level: 9, bare: true }).length;
  const rgb = new Uint8Array(3 * ranks.length);
  ranks.forEach((rank, i) => rgb.set([rank >> 8, rank], 3 * i));
  const start = performance.now();
  const webp = (await encodeLosslessWebp({ width, height, rgb }))?.length ?? NaN;
  const webpMs = performance.now() - start;
  const jxl = folder ? await jpegXl(map, folder) : { bytes: NaN, ms: NaN };
  return {
    ...{ maps: 1, pixels: ranks.length, points, bytes, png, webp, webpMs },
    ...{ encodeMs: encode.cpuMs, decodeMs: decode.cpuMs },
    ...{ encodeWallMs: encode.wallMs, decodeWallMs: decode.wallMs },
    ...{ jxl: jxl.bytes, jxlMs: jxl.ms },
  };
}

function add(a: Row, b: Row): Row {
  return Object.fromEntries(keys.map((key) => [key, a[key] + b[key]])) as unknown as Row;
}

function cells(name: string, row: Row): string[] {
  const megapixels = row.pixels / 1e6;
  return [
    name,
    String(row.maps),
    fixed((8 * row.bytes) / row.pixels, 4),
    fixed(row.points / row.maps, 0),
    String(row.bytes),
    String(row.png),
    String(row.webp),
    String(row.jxl),
    fixed(row.bytes / row.png, 3),
    fixed(row.bytes / row.webp, 3),
    fixed(row.bytes / row.jxl, 3),
    fixed(row.encodeMs / megapixels, 0),
    fixed(row.decodeMs / megapixels, 0),
    fixed(row.webpMs / megapixels, 0),
    fixed(row.jxlMs / megapixels, 0),
  ];
}

const head = [
  ...['set', 'maps', 'bpp', '|z|', 'bytes', 'PNG', 'WebP', 'JXL e9', '/PNG', '/WebP', '/JXL'],
  ...['enc ms/MP', 'dec ms/MP', 'WebP ms/MP', 'JXL ms/MP'],
];

async function main(mapsFolder: string): Promise<void> {
  const all = readBenchMaps(mapsFolder, values.index);
  const maps = all.filter(({ held }) => held);
  if (maps.length === 0) throw new Error(`There are no maps to measure in ${mapsFolder}.`);
  const hasJxl = !values['no-jxl'] && spawnSync('cjxl', ['--version']).status === 0;
  if (!hasJxl) console.log('JPEG XL is left out: there is no cjxl, or --no-jxl was given.');
  const folder = mkdtempSync(join(tmpdir(), 'lavi-bench-'));
  try {
    // The first maps run before V8 has compiled the coder; they are measured again.
    for (const map of maps.slice(0, 20)) roundTrip(map);
    const sets = new Map<string, Row>();
    for (const map of maps) {
      const row = await measure(map, hasJxl ? folder : undefined);
      const sum = sets.get(map.set);
      sets.set(map.set, sum ? add(sum, row) : row);
    }
    const total = [...sets.values()].reduce(add);
    const rows = [...sets].map(([name, row]) => cells(name, row));
    console.log(table(head, [...rows, cells('all', total)]));
    console.log('ms: ours processor time on one core; WebP and JPEG XL (encode) wall time.');
    if (values.all) checkOthers(all);
    const large = measureLarge(maps, Number(values.side), folder);
    mkdirSync(dirname(values.out), { recursive: true });
    const report = { sets: Object.fromEntries(sets), total, large };
    writeFileSync(values.out, `${JSON.stringify(report, undefined, 2)}\n`);
    console.log(`Report: ${values.out}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function checkOthers(all: BenchMap[]): void {
  const others = all.filter(({ held }) => !held);
  for (const map of others) roundTrip(map);
  console.log(`${others.length} other maps: each came back equal.`);
}

function measureLarge(maps: BenchMap[], side: number, folder: string) {
  const path = join(folder, 'large.png');
  writeFileSync(path, writeLabelPng(mosaic(maps, side)));
  const run = spawnSync(process.execPath, [process.argv[1]!, '--child', path], {
    encoding: 'utf8',
  });
  if (run.status !== 0) throw new Error(`The large map failed: ${run.stderr}`);
  const found = JSON.parse(run.stdout) as Record<
    'encodeMs' | 'decodeMs' | 'bytes' | 'peakRssMb',
    number
  >;
  const megapixels = side ** 2 / 1e6;
  console.log(
    `${side}×${side}: ${found.bytes} bytes, encode ${fixed(found.encodeMs / megapixels, 0)} and ` +
      `decode ${fixed(found.decodeMs / megapixels, 0)} ms/MP, ` +
      `peak memory of PNG in, encode and decode ${fixed(found.peakRssMb, 0)} MB`,
  );
  return { side, ...found };
}

if (values.child) {
  child(values.child);
} else if (values.maps) {
  await main(values.maps);
} else {
  console.error(`Expected --maps DIR.\n${usage}`);
  process.exitCode = 2;
}
