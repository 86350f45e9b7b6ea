import type { BinaryCoder } from '../entropy/binary';
import type { DecodeListener, MapCoding } from './codec';
import { decodeLabels } from './file';
import { countBoundaryEdges, type LabelMap } from './map';

/** What the passes of one unit took. */
export interface LevelBits {
  /** Distance of the neighbours known in these passes; the start stride's row is the lattice. */
  unit: number;
  pixels: number;
  points: number;
  bits: number;
}

/** What the pixels of one label took. */
export interface ClassBits {
  label: number;
  name?: string;
  pixels: number;
  points: number;
  bits: number;
}

export interface LabelStatistics extends MapCoding {
  map: LabelMap;
  bytes: number;
  /** Bits of the "in z?" and label decisions of all pixels: modelled bits less list and choice. */
  pixelBits: number;
  boundaryEdges: number;
  levels: LevelBits[];
  classes: ClassBits[];
  /** 1 at the pixels of z. */
  mask: Uint8Array;
}

/**
 * Decodes a label file and says where its bits go. Raw maps have one row in `classes` a label with
 * their even share, and no levels.
 *
 * @throws LaviError as `decodeLabels`
 */
export function labelStatistics(file: Uint8Array, pixelLimit?: number): LabelStatistics {
  const meter = new Meter();
  const decoded = decodeLabels(file, {
    listener: meter,
    ...(pixelLimit !== undefined && { pixelLimit }),
  });
  const { map, ...coding } = decoded;
  const { names } = map;
  const pixelsByLabel = new Float64Array(65_536);
  for (const label of map.labels) pixelsByLabel[label]!++;
  const pixelBits = coding.modelledBits - coding.listBits - 8;
  const classes = Array.from(meter.present, (label, rank) => ({
    label,
    ...(names?.[label] !== undefined && { name: names[label] }),
    pixels: pixelsByLabel[label]!,
    points: meter.pointsByRank[rank]!,
    bits:
      coding.mode === 'sparse'
        ? meter.bitsByRank[rank]!
        : (pixelBits * pixelsByLabel[label]!) / map.labels.length,
  }));
  const stride = coding.completion?.stride ?? 0;
  const levels = meter.levels
    .map((level, index) => ({ unit: 2 ** index, ...level }))
    .filter(({ unit, pixels }) => pixels > 0 && unit <= stride)
    .reverse();
  return {
    ...coding,
    map,
    bytes: file.length,
    pixelBits,
    boundaryEdges: countBoundaryEdges(map),
    levels,
    classes,
    mask: meter.mask,
  };
}

/** Shares out the coder's bits among levels and labels while a map is decoded. */
class Meter implements DecodeListener {
  coder: BinaryCoder | undefined;
  present: Uint16Array = new Uint16Array();
  mask = new Uint8Array();
  levels = Array.from({ length: 7 }, () => ({ pixels: 0, points: 0, bits: 0 }));
  bitsByRank = new Float64Array();
  pointsByRank = new Float64Array();
  private ranks: Uint16Array = new Uint16Array();
  private before = 0;

  begin({ present, ranks }: { present: Uint16Array; ranks: Uint16Array }): void {
    this.present = present;
    this.ranks = ranks;
    this.mask = new Uint8Array(ranks.length);
    this.bitsByRank = new Float64Array(present.length);
    this.pointsByRank = new Float64Array(present.length);
    this.before = this.coder!.bits;
  }

  pixel(index: number, level: number, inZ: boolean): void {
    const bits = this.coder!.bits - this.before;
    this.before += bits;
    const rank = this.ranks[index]!;
    const row = this.levels[level]!;
    row.pixels++;
    row.bits += bits;
    this.bitsByRank[rank]! += bits;
    if (!inZ) return;
    row.points++;
    this.pointsByRank[rank]!++;
    this.mask[index] = 1;
  }
}
