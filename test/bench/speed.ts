import { spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { dirname, resolve } from 'node:path';
import sharp from 'sharp';
import { mse, psnr } from '../../src-main/image/metrics';
import { scenePixels } from './scene-pixels';
import { runTask } from './speed-child';
import type { SpeedResult, SpeedTask } from './speed-child';
import { fixed, table } from './table';
import { benchOptions } from './options';

const usage = `npm run bench:speed
  --sizes LIST    megapixels, of 0.4,1,12,48 (default all)
  --only NAMES    of lavi, avif-e4-420, webp-e6, mozjpeg (default all)
  --quality Q     of our codec, 0…100 (default 50)
  --threads N     of our codec's nets; the others use as many as sharp takes
  --models DIR    models of our codec (default models)
  --out FILE      the report, JSON (default .cache/bench/speed.json)`;

/** Settings near half a bit to one bit per pixel on photos: where people use them. */
const codecs: Record<string, SpeedTask['codec']> = {
  lavi: 'lavi',
  'avif-e4-420': { codec: 'avif', quality: 55, effort: 4 },
  'webp-e6': { codec: 'webp', quality: 50, effort: 6 },
  mozjpeg: { codec: 'jpeg', quality: 50 },
};
const sizes: Record<string, [number, number]> = {
  '0.4': [768, 512],
  '1': [1224, 816],
  '12': [4000, 3000],
  '48': [8000, 6000],
};

if (process.argv[2] === '--child') {
  console.log(JSON.stringify(await runTask(JSON.parse(process.argv[3]!) as SpeedTask)));
} else {
  await main();
}

function inChild(task: SpeedTask): Promise<SpeedResult> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [process.argv[1]!, '--child', JSON.stringify(task)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.on('error', fail);
    child.on('close', (code) => {
      if (code === 0) done(JSON.parse(text.trim().split('\n').at(-1)!) as SpeedResult);
      else fail(new Error(`Expected a measurement and the child ended with code ${code}.`));
    });
  });
}

async function main(): Promise<void> {
  const { values } = benchOptions(usage, {
    options: {
      sizes: { type: 'string' },
      only: { type: 'string' },
      quality: { type: 'string', default: '50' },
      threads: { type: 'string' },
      models: { type: 'string', default: 'models' },
      out: { type: 'string', default: '.cache/bench/speed.json' },
    },
  });
  const wanted = values.sizes?.split(',') ?? Object.keys(sizes);
  const names = values.only?.split(',') ?? Object.keys(codecs);
  if (!wanted.every((size) => sizes[size]) || !names.every((name) => codecs[name])) {
    console.error(usage);
    process.exit(2);
  }
  const results = [];
  for (const size of wanted) {
    const [width, height] = sizes[size]!;
    const pixels = await scenePixels(width, height);
    const megapixels = (width * height) / 1e6;
    for (const name of names) {
      const task = {
        codec: codecs[name]!,
        quality: Number(values.quality),
        modelsDir: resolve(values.models),
        ...(values.threads && { threads: Number(values.threads) }),
        width,
        height,
        pixels,
        file: resolve(`.cache/bench/speed-${name}-${size}.bin`),
        decoded: resolve('.cache/bench/speed-decoded.rgb'),
        repeats: 6,
        seconds: 20,
      };
      const encode = await inChild({ ...task, action: 'encode' });
      const decode = await inChild({ ...task, action: 'decode' });
      const error = mse(await readFile(pixels), await readFile(task.decoded));
      results.push({
        codec: name,
        megapixels,
        width,
        height,
        bpp: (8 * encode.bytes) / (width * height),
        psnr: psnr(error),
        encode: { ...encode, mpPerSecond: (1000 * megapixels) / encode.ms },
        decode: { ...decode, mpPerSecond: (1000 * megapixels) / decode.ms },
      });
      console.error(`${size} MP ${name} done`);
    }
  }
  const rows = results.map((r) => [
    `${fixed(r.megapixels, 1)} MP ${r.codec}`,
    fixed(r.bpp, 3),
    fixed(r.psnr, 2),
    fixed(r.encode.ms, 0),
    fixed(r.encode.mpPerSecond, 2),
    fixed(r.encode.peakRssMb, 0),
    fixed(r.decode.ms, 0),
    fixed(r.decode.mpPerSecond, 2),
    fixed(r.decode.peakRssMb, 0),
    r.codec === 'lavi' ? fixed(r.encode.loadMs, 0) : '',
  ]);
  const head = [
    '',
    'bpp',
    'PSNR',
    'enc ms',
    'MP/s',
    'RSS MB',
    'dec ms',
    'MP/s',
    'RSS MB',
    'load ms',
  ];
  console.log(table(head, rows));
  console.log('Peak RSS is of the whole process: Node, the pixels and the codec.');
  const report = {
    machine: { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version },
    threads: { lavi: values.threads ?? 'default', sharp: sharp.concurrency() },
    results,
  };
  const out = resolve(values.out);
  await mkdir(dirname(out), { recursive: true });
  await writeFile(out, `${JSON.stringify(report, null, 1)}\n`);
  console.log(out);
}
