import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { encodePhoto, formatOfPath } from '../../src-main/image/output';
import { renderScene, sceneNames } from './index';
import type { SceneName } from './index';

const usage = `npm run photos -- --out DIR [--size 1600x1200] [--seed 1] [--only ${sceneNames.join(',')}] [--format png|jpeg]`;

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    size: { type: 'string', default: '1600x1200' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    format: { type: 'string', default: 'png' },
  },
});
const [width, height] = values.size.split('x').map(Number);
const names = (values.only?.split(',') ?? sceneNames) as SceneName[];
const format = formatOfPath(`.${values.format}`);
const known = names.every((name) => sceneNames.includes(name));
if (!values.out || !width || !height || !format || !known) {
  console.error(usage);
  process.exit(2);
}
await mkdir(values.out, { recursive: true });
for (const name of names) {
  const scene = renderScene(name, { width, height, seed: Number(values.seed) });
  const path = join(values.out, `${name}.${values.format}`);
  await writeFile(path, await encodePhoto(scene, format, { quality: 92 }));
  console.log(path);
}
