import { describe, expect, it } from 'vitest';
import { LaviError } from '../../../src-main/api/errors';
import { contentType, readContainer, writeContainer } from '../../../src-main/entropy/container';
import { decodeLabels, encodeLabels } from '../../../src-main/labels/file';
import { labelStatistics } from '../../../src-main/labels/statistics';
import { cells, discs, noise, random } from './maps';

const palette = Uint8Array.from({ length: 40 }, (_, i) => (i % 4 === 3 ? 255 : i * 5));
const samples = [
  { ...cells(120, 90, 6), palette, names: { 0: 'ground', 3: 'sky' }, voidLabel: 2 },
  discs(64, 64, 8),
  noise(40, 40, 9),
  { width: 30, height: 20, labels: new Uint16Array(600).fill(4) },
].map((map) => encodeLabels(map).file);

/** Limits, like those of the program, that keep a damaged header from asking for hours. */
const pixelLimit = 1 << 20;

type Damage = (file: Uint8Array, next: () => number) => Uint8Array;

const at = (length: number, next: () => number) => Math.floor(next() * length);

const flip: Damage = (file, next) => {
  const out = file.slice();
  for (let k = at(4, next); k >= 0; k--) out[at(out.length, next)]! ^= 1 << at(8, next);
  return out;
};

const cut: Damage = (file, next) => file.slice(0, at(file.length, next));

const splice: Damage = (file, next) => {
  const other = samples[at(samples.length, next)]!;
  return Uint8Array.from([
    ...file.subarray(0, at(file.length, next)),
    ...other.subarray(at(other.length, next)),
  ]);
};

const randomBytes: Damage = (file, next) => {
  const head = file.subarray(0, at(16, next));
  return Uint8Array.from([...head, ...Array.from({ length: at(200, next) }, () => at(256, next))]);
};

/** Damages payloads and makes their CRCs right again: what the CRC would have caught gets through. */
const reseal =
  (damage: Damage): Damage =>
  (file, next) => {
    const { chunks } = readContainer(file);
    const damaged = chunks.map(({ type, data }) => ({
      type: next() < 0.05 ? 1 + at(3, next) : type,
      data: damage(data, next),
    }));
    return writeContainer(contentType.labels, damaged);
  };

const header: Damage = (payload, next) => {
  const out = payload.slice();
  for (let k = 0; k < 3; k++) out[at(Math.min(out.length, 12), next)] = at(256, next);
  return out;
};

const damages = [flip, cut, splice, randomBytes, reseal(flip), reseal(cut), reseal(header)];

describe('damaged label files', () => {
  it('end in a named error, or in a map where the damage stayed within the format', () => {
    const next = random(2026);
    const codes = new Map<string, number>();
    for (let round = 0; round < 1000; round++) {
      const damage = damages[round % damages.length]!;
      const file = damage(samples[at(samples.length, next)]!, next);
      let code = 'none';
      try {
        const { map } =
          round % 2 ? decodeLabels(file, { pixelLimit }) : labelStatistics(file, pixelLimit);
        expect(map.labels.length).toBe(map.width * map.height);
      } catch (error) {
        if (!(error instanceof LaviError)) throw error;
        expect(error.message).toMatch(/^\S.*[.]$/);
        code = error.code;
      }
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    expect(codes.has('INTERNAL')).toBe(false);
    expect([...codes.keys()]).toEqual(
      expect.arrayContaining(['TRUNCATED', 'CORRUPT', 'NOT_LAVI', 'UNSUPPORTED_VERSION']),
    );
  });

  it('without a right CRC never end in a map that differs', () => {
    const next = random(7);
    for (let round = 0; round < 300; round++) {
      const file = samples[round % samples.length]!;
      const damaged = (round % 2 ? flip : cut)(file, next);
      try {
        expect(decodeLabels(damaged, { pixelLimit }).map).toEqual(decodeLabels(file).map);
      } catch (error) {
        if (!(error instanceof LaviError)) throw error;
      }
    }
  });
});
