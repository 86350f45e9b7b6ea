// `npm run bench:color-memory -- [--sizes 48,100]`: seconds and peak memory of colouring large grey photos, rendered by us, once as
// the command line does it (read, colour, write a JPEG) and once as the window does (looked at, a thumbnail, then saved). Each in
// a process of its own.
import { spawn } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import sharp from 'sharp';
import { Engine } from '../../src-main/engine/engine';
import { greyScene } from '../photos/grey';
import { fixed, table } from './table';
import { benchOptions } from './options';

const sizes: Record<string, [number, number]> = { '48': [8000, 6000], '100': [11_600, 8600] };
const ways = ['command line', 'window'] as const;

interface Task {
  way: (typeof ways)[number];
  file: string;
  folder: string;
  modelsDir: string;
}

/** A grey JPEG of our landscape, rendered small and enlarged: memory does not depend on what is seen. */
async function greyFile(folder: string, width: number, height: number): Promise<string> {
  const small = greyScene('landscape', { width: width / 10, height: height / 10 });
  const { rgb: data, ...size } = small;
  const path = resolve(folder, `grey-${width}x${height}.jpg`);
  await sharp(data, { raw: { ...size, channels: 3 } })
    .resize(width, height, { kernel: 'cubic' })
    .jpeg({ quality: 90 })
    .toFile(path);
  return path;
}

async function colour({ way, file, folder, modelsDir }: Task) {
  const engine = new Engine({ modelsDir, provider: 'cpu' });
  const context = { signal: new AbortController().signal, onProgress: () => {} };
  const output = resolve(folder, 'coloured.jpg');
  await rm(output, { force: true });
  const began = performance.now();
  if (way === 'command line') {
    const plain = { samples: 1, seed: 1, temperature: 0.8, vivid: 1.2, quality: 50 };
    await engine.run(
      'colorize',
      {
        ...{ file, output, ...plain, draw: 'regions', format: 'jpeg', formatQuality: 90 },
        ...{ metadata: true, note: true, overwrite: false },
      },
      context,
    );
  } else {
    const ways = { draw: 'regions' as const, follow: 'near' as const };
    const colouring = { ...ways, seed: 1, temperature: 0.8, held: [], regions: [], points: [] };
    await engine.run('colourScene', { file }, context);
    await engine.run('colouring', { file, colouring, vivid: 1, folder }, context);
    await engine.run(
      'colourSave',
      {
        ...{ file, output, colours: { ...colouring, vivid: 1, note: true } },
        ...{ format: 'jpeg', formatQuality: 90, quality: 50, metadata: true },
      },
      context,
    );
  }
  const seconds = (performance.now() - began) / 1000;
  await engine.close();
  await rm(output);
  // maxRSS is in kilobytes on every platform that Node runs on.
  return { seconds, peakMb: process.resourceUsage().maxRSS / 1024 };
}

function inChild(task: Task): Promise<Awaited<ReturnType<typeof colour>>> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [process.argv[1]!, '--child', JSON.stringify(task)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.on('error', fail);
    child.on('close', (code) => {
      if (code === 0) done(JSON.parse(text) as Awaited<ReturnType<typeof colour>>);
      else fail(new Error(`Expected a measurement and the child ended with code ${code}.`));
    });
  });
}

const usage = `npm run bench:color-memory
  --sizes LIST    megapixels (default all)
  --models DIR    models to measure (default models)`;

if (process.argv[2] === '--child') {
  console.log(JSON.stringify(await colour(JSON.parse(process.argv[3]!) as Task)));
} else {
  const { values } = benchOptions(usage, {
    options: {
      sizes: { type: 'string', default: Object.keys(sizes).join() },
      models: { type: 'string', default: 'models' },
    },
  });
  const folder = resolve('.cache/bench/colours');
  await mkdir(folder, { recursive: true });
  const rows: string[][] = [];
  for (const size of values.sizes.split(',')) {
    if (!sizes[size]) throw new Error(`Expected sizes of ${Object.keys(sizes).join()}.`);
    const [width, height] = sizes[size];
    const file = await greyFile(folder, width, height);
    for (const way of ways) {
      const found = await inChild({ way, file, folder, modelsDir: resolve(values.models) });
      const megapixels = fixed((width * height) / 1e6, 1);
      const row = [`${megapixels} MP, ${way}`, fixed(found.seconds, 1), fixed(found.peakMb, 0)];
      rows.push(row);
      // On a busy machine the next one may never come.
      console.error(row.join('  '));
    }
  }
  console.log(table(['', 'seconds', 'peak RSS MB'], rows));
  await rm(folder, { recursive: true });
}
