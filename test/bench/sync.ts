import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { toLaviError } from '../../src-main/api/channel/answer';
import { readPhoto } from '../../src-main/image/photo';
import { Codec } from '../../src-main/rda/codec';
import { readTiles } from '../../src-main/rda/decoding';
import { readPhotoFile } from '../../src-main/rda/file';
import { withWasmRows } from '../wasm-rows';
import { benchOptions } from './options';

const usage = `npm run bench:sync -- --images DIR
  Codes every photo on one thread and decodes its symbols in other ways; counts those that come out otherwise.
  --images DIR    photos
  --qualities L   0…100 (default 5,35,65,95)
  --limit N       so many photos
  --write DIR     keep the files
  --read DIR      decode such files, written elsewhere, instead: another machine, another Node
  --models DIR    models (default models)`;

const { values } = benchOptions(usage, {
  options: {
    images: { type: 'string' },
    qualities: { type: 'string', default: '5,35,65,95' },
    limit: { type: 'string' },
    write: { type: 'string' },
    read: { type: 'string' },
    models: { type: 'string', default: 'models' },
  },
});
const modelsDir = values.models;
const load = (threads: number, optimize = true) =>
  Codec.load({ modelsDir, provider: 'cpu', threads, optimize });
const [one, two, plain] = await Promise.all([load(1), load(2), load(1, false)]);
const ways = {
  '1 thread': one.model,
  '2 threads': two.model,
  'graphs not optimised': plain.model,
  WebAssembly: await withWasmRows(one.model, modelsDir),
};
const wrong = Object.fromEntries(Object.keys(ways).map((way) => [way, 0]));
let files = 0;
let symbols = 0;

/** Decodes a file's symbols in each way; a CRC over them tells whether they are the encoder's. */
async function check(name: string, file: Uint8Array): Promise<void> {
  files++;
  for (const [way, model] of Object.entries(ways)) {
    try {
      const tiles = await readTiles(model, readPhotoFile(file), () => {});
      if (way === '1 thread') {
        for (const { hyper, residual } of tiles) symbols += hyper.length + residual.length;
      }
    } catch (error) {
      wrong[way]!++;
      console.log(`${name}, ${way}: ${toLaviError(error).message}`);
    }
  }
}

if (values.read) {
  for (const name of (await readdir(values.read)).sort()) {
    if (name.endsWith('.lavi')) await check(name, await readFile(join(values.read, name)));
  }
} else {
  if (!values.images) throw new Error(usage);
  if (values.write) await mkdir(values.write, { recursive: true });
  const names = (await readdir(values.images)).filter((name) => /\.(png|jpe?g|webp)$/i.test(name));
  for (const name of names.sort().slice(0, Number(values.limit ?? Infinity))) {
    const photo = await readPhoto(join(values.images, name));
    for (const value of values.qualities.split(',').map(Number)) {
      const target = { kind: 'quality', value } as const;
      const { file } = await one.compress(photo, { target, verify: false, measure: false });
      if (values.write)
        await writeFile(join(values.write, `${basename(name)}-${value}.lavi`), file);
      await check(`${name} at ${value}`, file);
    }
  }
}
console.log(`Node ${process.version}: ${files} files, ${symbols} symbols; files that differ:`);
for (const [way, count] of Object.entries(wrong)) console.log(`  ${way}: ${count}`);
for (const codec of [one, two, plain]) await codec.close();
process.exitCode = Object.values(wrong).some((count) => count > 0) ? 1 : 0;
