import { brotliDecompressSync } from 'node:zlib';
import { LaviError } from '../api/errors';
import { crc32 } from '../entropy/bytes';
import { fullScale, pairSlots, slotCount, type StartTables, weightCount } from './model';
import packed from './start-tables.json' with { type: 'json' };
import { squash } from './logistic';

/**
 * The start tables of the label model, fitted on other maps (models/train/labels). They decide what
 * a file's bits mean, so their id is part of the file.
 *
 * Packed form (brotli, base64): for each slot its logit / 24 (signed byte), for each slot the index of
 * its count in `countSteps` (byte), then the weights / 32 (signed 16 bits, low byte first). The slots
 * of the label-pair context are stored once a pattern, so that they know no labels.
 */
export const countSteps = [0, 1, 2, 4, 7, 12, 20, 35, 60, 100, 170, 255] as const;
export const logitStep = 24;
export const weightStep = 32;

const storedSlots = slotCount - pairSlots.groups * (pairSlots.size - 1);

/** Slot of the `index`-th stored entry; all slots of a pair group share their first one's entry. */
export function storedSlot(index: number): number {
  const { base, groups, size } = pairSlots;
  if (index < base) return index;
  if (index < base + groups) return base + (index - base) * size;
  return index + groups * (size - 1);
}

/** The id that files carry: one byte, which a change of the tables must change. */
export const tablesId: number = packed.id;

export const storedSlotCount = storedSlots;

let cached: StartTables | undefined;

/** The tables shipped with this version. Unpacked once and shared: read only. */
export function startTables(): StartTables {
  cached ??= unpackTables(packed);
  return cached;
}

export interface PackedTables {
  id: number;
  /** CRC-32 of the unpacked bytes, eight hexadecimal digits. */
  crc: string;
  data: string;
}

export function unpackTables({ crc, data }: PackedTables): StartTables {
  const length = storedSlots * 2 + weightCount * 2;
  const bytes = brotliDecompressSync(Buffer.from(data, 'base64'), { maxOutputLength: length });
  if (crc32(bytes).toString(16).padStart(8, '0') !== crc || bytes.length !== length) {
    throw new LaviError('INTERNAL', 'The start tables of the label model are damaged.');
  }
  const logits = new Int8Array(bytes.buffer, bytes.byteOffset, storedSlots);
  const tables = blankTables();
  for (let i = 0; i < storedSlots; i++) {
    // In 1/2²⁴ and off the grid's ends, so that no context starts out certain.
    const probability = squash(logits[i]! * logitStep) * (fullScale / 65_536);
    const count = countSteps[bytes[storedSlots + i]!]!;
    const slot = storedSlot(i);
    const inPairs = slot >= pairSlots.base && i < pairSlots.base + pairSlots.groups;
    const end = slot + (inPairs ? pairSlots.size : 1);
    tables.probabilities.fill(probability, slot, end);
    tables.counts.fill(count, slot, end);
  }
  for (let i = 0; i < weightCount; i++) {
    const at = storedSlots * 2 + i * 2;
    tables.weights[i] = (((bytes[at]! | (bytes[at + 1]! << 8)) << 16) >> 16) * weightStep;
  }
  return tables;
}

/** Tables that know nothing: every bit even, every context trusted alike. Fitting starts here. */
export function blankTables(): StartTables {
  return {
    probabilities: new Int32Array(slotCount).fill(fullScale / 2),
    counts: new Uint16Array(slotCount),
    weights: new Int32Array(weightCount).fill(9_824),
  };
}
