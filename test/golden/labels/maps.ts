import { createHash } from 'node:crypto';
import type { LabelMap } from '../../../src-main/labels/map';
import type { Completion } from '../../../src-main/labels/sparse';
import type { Seed } from '../../../src-main/labels/watershed';
import { cells, discs, noise } from '../../unit/labels/maps';

export interface GoldenMap {
  name: string;
  map: LabelMap;
  completion?: Completion;
}

/** The maps in the golden files: one for each part of the format. */
export function goldenMaps(): GoldenMap[] {
  const palette = Uint8Array.from({ length: 24 }, (_, i) => (i % 8 === 7 ? 100 : 10 * i));
  return [
    { name: 'cells', map: cells(131, 90, 6, 21) },
    {
      name: 'named',
      map: { ...discs(90, 67, 5, 22), palette, names: { 0: 'ground', 3: 'Bäume' }, voidLabel: 0 },
    },
    { name: 'lattice', map: discs(61, 47, 8, 23), completion: { stride: 1, predictor: 1 } },
    { name: 'many', map: cells(120, 100, 400, 24), completion: { stride: 16, predictor: 0 } },
    { name: 'noise', map: noise(50, 40, 11, 25) },
    { name: 'single', map: { width: 7, height: 9, labels: new Uint16Array(63).fill(40_000) } },
  ];
}

export const seededMap = (): LabelMap => discs(80, 60, 5, 26);

/** Luma of the photo under `seededMap`. */
export const goldenPhoto = (): Uint8Array =>
  Uint8Array.from(seededMap().labels, (label, i) => 30 + 35 * label + ((i * 7) % 5));

/** The first and the middle pixel of each label. */
export function seedsOf({ labels }: LabelMap): Seed[] {
  const seeds = new Map<number, number>();
  for (let label = 0; label < 6; label++) {
    const at = Array.from(labels.keys()).filter((i) => labels[i] === label);
    for (const index of [at[0], at[at.length >> 1]]) if (index !== undefined) seeds.set(index, label);
  }
  return [...seeds].map(([index, label]) => ({ index, label })).sort((a, b) => a.index - b.index);
}

/** SHA-256 of sides and labels, low byte first. */
export function hashOf({ width, height, labels }: LabelMap): string {
  const bytes = Buffer.alloc(8 + 2 * labels.length);
  bytes.writeUInt32LE(width, 0);
  bytes.writeUInt32LE(height, 4);
  labels.forEach((label, i) => bytes.writeUInt16LE(label, 8 + 2 * i));
  return createHash('sha256').update(bytes).digest('hex');
}
