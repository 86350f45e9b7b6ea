// Writes the golden files of the current model: `npm run golden`. Run it when the model's id changes, never to make a test pass.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodePhoto } from '../../../src-main/image/output';
import { Codec } from '../../../src-main/rda/codec';
import { renderScene } from '../../photos';
import { goldenCases, symbolHash } from './cases';

const folder = join(process.cwd(), 'test/golden/rda');
const codec = await Codec.load({ modelsDir: join(process.cwd(), 'models'), provider: 'cpu' });
await mkdir(folder, { recursive: true });
const hashes: Record<string, string> = {};
for (const { name, scene, width, height, quality } of goldenCases) {
  const photo = renderScene(scene, { width, height, seed: 11 });
  const { file } = await codec.compress(photo, { target: { kind: 'quality', value: quality } });
  await writeFile(join(folder, `${name}.lavi`), file);
  await writeFile(join(folder, `${name}.png`), await encodePhoto(await codec.decompress(file), 'png'));
  hashes[name] = await symbolHash(codec.model, file);
}
const golden = { model: codec.model.manifest.id, symbols: hashes };
await writeFile(join(folder, 'golden.json'), `${JSON.stringify(golden, null, 2)}\n`);
await codec.close();
