import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LabelMap } from '../../src-main/labels/map';
import { readLabelPng } from '../../src-main/labels/png-map';

export interface BenchMap extends LabelMap {
  id: string;
  /** The data set it is from; figures are given by set. */
  set: string;
  held: boolean;
}

/**
 * All label PNGs of a folder. An index (JSON: [{id, set, split}, …]) names their sets and which ones
 * are held out: split "val", and every id divisible by 17. Without one, all are, in one set.
 */
export function readBenchMaps(folder: string, index?: string): BenchMap[] {
  const entries = new Map<string, { set: string; split: string }>();
  if (index) {
    const list = JSON.parse(readFileSync(index, 'utf8')) as {
      id: string;
      set: string;
      split: string;
    }[];
    for (const entry of list) entries.set(entry.id, entry);
  }
  return readdirSync(folder)
    .filter((name) => name.endsWith('.png'))
    .sort()
    .map((name) => {
      const id = name.slice(0, -4);
      const entry = entries.get(id);
      const held = !index || entry?.split === 'val' || Number(id) % 17 === 0;
      const { width, height, labels } = readLabelPng(readFileSync(join(folder, name)));
      return { id, set: entry?.set ?? 'maps', held, width, height, labels };
    });
}

/** One large map, maps laid side by side row by row and cut at its edges. */
export function mosaic(maps: LabelMap[], side: number): LabelMap {
  const labels = new Uint16Array(side * side);
  for (let y = 0, next = 0; y < side;) {
    const rowHeight = maps[next % maps.length]!.height;
    for (let x = 0; x < side; next++) {
      const { width, height, labels: source } = maps[next % maps.length]!;
      const columns = Math.min(width, side - x);
      for (let row = 0; row < Math.min(rowHeight, side - y); row++) {
        const from = (row % height) * width;
        labels.set(source.subarray(from, from + columns), (y + row) * side + x);
      }
      x += columns;
    }
    y += rowHeight;
  }
  return { width: side, height: side, labels };
}
