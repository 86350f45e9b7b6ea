/**
 * Writes the golden label files and what they must decode to. Run it only when the format changes,
 * with a new table id or method: `node test/run.mjs golden/labels/make.ts`.
 */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { encodeLabels, encodeSeededLabels } from '../../../src-main/labels/file';
import { encodeMap } from '../../../src-main/labels/codec';
import { contentType, writeContainer } from '../../../src-main/entropy/container';
import { goldenMaps, goldenPhoto, hashOf, seededMap, seedsOf } from './maps';

const folder = resolve('test/golden/labels');
const hashes: Record<string, string> = {};
for (const { name, map, completion } of goldenMaps()) {
  const { type, payload } = encodeMap(map, completion ? { completion } : {});
  const file = completion
    ? writeContainer(contentType.labels, [{ type, data: payload }])
    : encodeLabels(map).file;
  writeFileSync(join(folder, `${name}.lavi`), file);
  hashes[name] = hashOf(map);
}
const seeded = encodeSeededLabels(seededMap(), goldenPhoto(), seedsOf(seededMap()));
writeFileSync(join(folder, 'seeded.lavi'), seeded);
hashes['seeded'] = hashOf(seededMap());
writeFileSync(join(folder, 'hashes.json'), `${JSON.stringify(hashes, undefined, 2)}\n`);
