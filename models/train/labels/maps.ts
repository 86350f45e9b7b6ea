import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { presentLabels, toRanks } from '../../../src-main/labels/map';
import { readLabelPng } from '../../../src-main/labels/png-map';

export interface TrainingMap {
  width: number;
  height: number;
  ranks: Uint16Array;
  labelCount: number;
}

/**
 * Reads all PNGs of a folder. With an index (JSON: [{id, split}, …], ids being file names without
 * extension) the held-out ones are left out: split "val", and every id divisible by 17.
 */
export function readMaps(folder: string, index?: string): TrainingMap[] {
  const held = index ? heldOut(index) : new Set<string>();
  return readdirSync(folder)
    .filter((name) => name.endsWith('.png') && !held.has(name.slice(0, -4)))
    .sort()
    .map((name) => {
      const { width, height, labels } = readLabelPng(readFileSync(join(folder, name)));
      const present = presentLabels(labels);
      return { width, height, ranks: toRanks(labels, present), labelCount: present.length };
    });
}

function heldOut(index: string): Set<string> {
  const entries = JSON.parse(readFileSync(index, 'utf8')) as { id: string; split: string }[];
  return new Set(
    entries.filter(({ id, split }) => split === 'val' || Number(id) % 17 === 0).map(({ id }) => id),
  );
}
