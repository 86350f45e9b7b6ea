import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { encodeLosslessWebp } from '../../src-main/image/lossless';
import { readSamples, writeSamplesPng } from '../../src-main/image/samples';
import { decodeLossless, encodeLossless } from '../../src-main/lossless/file';
import { benchOptions } from './options';
import { fixed, table } from './table';

const usage = `npm run bench:lossless -- --images DIR
  --images DIR   8-bit RGB pictures, read as their decoded pixels
  --every N      only every Nth picture (default 1)
  --out FILE     the report, JSON (default .cache/bench/lossless.json)
JPEG XL is measured where cjxl is installed (Debian's libjxl-tools).`;

const { values } = benchOptions(usage, {
  options: {
    images: { type: 'string' },
    every: { type: 'string', default: '1' },
    out: { type: 'string', default: '.cache/bench/lossless.json' },
  },
});
if (values.images === undefined) {
  console.error(usage);
  process.exit(2);
}

interface Row {
  name: string;
  samples: number;
  bytes: Record<string, number>;
  modelBits: number;
  /** Processor seconds of one core; encoding includes decoding what was written. */
  encode: number;
  decode: number;
}

const cpuSeconds = (since?: NodeJS.CpuUsage) => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
};

const hasCjxl = spawnSync('cjxl', ['--version']).status === 0;
if (!hasCjxl) console.log('JPEG XL: not measured, cjxl is not installed.');
const scratch = mkdtempSync(join(tmpdir(), 'lavi-bench-'));

function jxlBytes(png: Uint8Array, effort: number): number {
  const source = join(scratch, 'in.png');
  const output = join(scratch, 'out.jxl');
  writeFileSync(source, png);
  const run = spawnSync('cjxl', [source, output, '-d', '0', '-e', String(effort)]);
  if (run.status !== 0) throw new Error(`cjxl failed: ${run.stderr.toString()}`);
  return statSync(output).size;
}

async function measure(path: string, name: string): Promise<Row | undefined> {
  const { width, height, channels, depth, data } = await readSamples(path);
  const samples = { width, height, channels, depth, data };
  if (samples.channels !== 3 || samples.depth !== 8) {
    console.log(`${name}: left out, ${samples.channels} channels of ${samples.depth} bits.`);
    return undefined;
  }
  const rgb = samples.data as Uint8Array;
  const start = process.cpuUsage();
  const { file, modelBits } = encodeLossless({ samples });
  const encode = cpuSeconds(start);
  const middle = process.cpuUsage();
  const again = decodeLossless(file).samples.data;
  const decode = cpuSeconds(middle);
  if (!again.every((value, i) => value === rgb[i])) throw new Error(`${name} came back changed.`);
  const png = await writeSamplesPng(samples, {}, 9);
  const webp = await encodeLosslessWebp({ ...samples, rgb });
  const bytes: Record<string, number> = { lavi: file.length, png: png.length };
  if (webp) bytes['webp'] = webp.length;
  if (hasCjxl) for (const effort of [3, 7, 9]) bytes[`jxl e${effort}`] = jxlBytes(png, effort);
  return { name, samples: rgb.length, bytes, modelBits, encode, decode };
}

const rows: Row[] = [];
const step = Number(values.every);
const names = readdirSync(values.images).filter((name) => /\.(png|webp|tiff?|jpe?g)$/i.test(name));
for (const name of names.sort().filter((_, i) => i % step === 0)) {
  const row = await measure(join(values.images, name), name);
  if (!row) continue;
  rows.push(row);
  const sizes = Object.entries(row.bytes).map(([codec, size]) => `${codec} ${size}`);
  console.log(`${name}: ${sizes.join(', ')}`);
}
rmSync(scratch, { recursive: true });
if (rows.length === 0)
  throw new Error(`Expected 8-bit RGB pictures in ${values.images}, found none.`);

const codecs = Object.keys(rows[0]!.bytes);
const bits = (row: Row, codec: string) => (8 * (row.bytes[codec] ?? NaN)) / row.samples;
const mean = (of: (row: Row) => number) =>
  rows.reduce((sum, row) => sum + of(row), 0) / rows.length;
console.log(
  table(
    ['bits a sample', ...codecs, 'model/file'],
    [
      ...rows.map((row) => [
        row.name,
        ...codecs.map((codec) => fixed(bits(row, codec), 3)),
        fixed(row.modelBits / (8 * row.bytes['lavi']!), 5),
      ]),
      [
        'mean',
        ...codecs.map((codec) =>
          fixed(
            mean((row) => bits(row, codec)),
            4,
          ),
        ),
        '',
      ],
    ],
  ),
);
const total = (of: (row: Row) => number) => rows.reduce((sum, row) => sum + of(row), 0);
const megapixels = total((row) => row.samples) / 3e6;
console.log(
  `${fixed(total((row) => row.encode) / megapixels, 2)} s of one core a megapixel to encode and check, ` +
    `${fixed(total((row) => row.decode) / megapixels, 2)} s to decode`,
);
mkdirSync(dirname(values.out), { recursive: true });
writeFileSync(values.out, `${JSON.stringify({ rows }, null, 2)}\n`);
