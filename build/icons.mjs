// The app's icon for every system, drawn from the page's own: `node build/icons.mjs FOLDER`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { root } from './setup.mjs';

const source = join(root, 'src-renderer', 'public', 'icon.svg');
const folder = process.argv[2];
if (!folder) throw new Error('Expected the folder to write into.');

/**
 * @param {number} size
 * @returns {Promise<Buffer>}
 */
const png = (size) =>
  sharp(source, { density: (72 * size) / 32 })
    .resize(size, size)
    .png()
    .toBuffer();

/** Windows: a directory of PNGs. A size of 256 is written as 0. */
async function ico() {
  const pictures = await Promise.all(
    [16, 24, 32, 48, 64, 128, 256].map(async (size) => ({ size, bytes: await png(size) })),
  );
  const head = Buffer.alloc(6 + 16 * pictures.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(pictures.length, 4);
  let offset = head.length;
  for (const [index, { size, bytes }] of pictures.entries()) {
    const at = 6 + 16 * index;
    head.writeUInt8(size % 256, at);
    head.writeUInt8(size % 256, at + 1);
    head.writeUInt16LE(1, at + 4);
    head.writeUInt16LE(32, at + 6);
    head.writeUInt32LE(bytes.length, at + 8);
    head.writeUInt32LE(offset, at + 12);
    offset += bytes.length;
  }
  return Buffer.concat([head, ...pictures.map(({ bytes }) => bytes)]);
}

/** macOS: PNGs, each after its type and length; types ending in 11…14 and 10 are for Retina. */
async function icns() {
  const types = {
    ...{ icp4: 16, icp5: 32, ic07: 128, ic08: 256, ic09: 512, ic10: 1024 },
    ...{ ic11: 32, ic12: 64, ic13: 256, ic14: 512 },
  };
  const chunks = await Promise.all(
    Object.entries(types).map(async ([type, size]) => icnsChunk(type, await png(size))),
  );
  return icnsChunk('icns', Buffer.concat(chunks));
}

/**
 * @param {string} type
 * @param {Buffer} content
 */
function icnsChunk(type, content) {
  const head = Buffer.alloc(8);
  head.write(type, 'latin1');
  head.writeUInt32BE(8 + content.length, 4);
  return Buffer.concat([head, content]);
}

mkdirSync(folder, { recursive: true });
for (const size of [64, 512]) writeFileSync(join(folder, `icon-${size}.png`), await png(size));
writeFileSync(join(folder, 'icon.ico'), await ico());
writeFileSync(join(folder, 'icon.icns'), await icns());
