import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { LaviError } from '../api/errors';
import { Decoder, logPair } from './decoder';
import { cellCount, SAMPLES, sampleIndex, samplesOf } from './frame';
import type { ColorModel, Scene } from './model';

const headSchema = z.object({
  /** Lowest whole unit and number of units. */
  a: z.tuple([z.int(), z.int().positive()]),
  b: z.tuple([z.int(), z.int().positive()]),
  /** Levels of L. */
  bins: z.int().positive(),
  /** Bits that a step of a table stands for. */
  unit: z.number().positive(),
  /** Palette labels. */
  labels: z.int().positive(),
});

/** Tables of simpler models of chroma, fitted on the training photos. */
export interface Baselines extends z.output<typeof headSchema> {
  /** Steps a sample [units of a × units of b]; [bins, …] given L; [labels, …] given a palette label. */
  ab: Uint8Array;
  givenL: Uint8Array;
  palette: Uint8Array;
  /** Mean a, b of each palette label. */
  centres: Float32Array;
  /** P(z), P(z | label to the left), P(z | label above). */
  share: Float32Array;
  left: Float32Array;
  upper: Float32Array;
}

/** @throws LaviError MODEL_MISSING, MODEL_MISMATCH */
export async function readBaselines(dir: string): Promise<Baselines> {
  const path = join(dir, 'color-baselines.gz');
  const packed = await readFile(path).catch((cause: unknown) => {
    const message = `Expected the colorizer's baselines at ${path}, found none.`;
    throw new LaviError('MODEL_MISSING', message, undefined, { cause });
  });
  try {
    const bytes = gunzipSync(packed);
    const end = bytes.indexOf(10);
    const head = headSchema.parse(JSON.parse(bytes.subarray(0, end).toString('utf8')));
    const { a, b, bins, labels } = head;
    const size = a[1] * b[1];
    let at = end + 1;
    const whole = (count: number) => bytes.subarray(at, (at += count));
    const ab = whole(size);
    const givenL = whole(bins * size);
    const palette = whole(labels * size);
    const real = (count: number) => {
      const out = Float32Array.from({ length: count }, (_, i) => bytes.readFloatLE(at + 4 * i));
      at += 4 * count;
      return out;
    };
    const centres = real(2 * labels);
    const share = real(labels);
    const [left, upper] = [real(labels ** 2), real(labels ** 2)] as const;
    return { ...head, ab, givenL, palette, centres, share, left, upper };
  } catch (cause) {
    const message = `The baselines at ${path} are not ones that this program reads.`;
    throw new LaviError('MODEL_MISMATCH', message, undefined, { cause });
  }
}

/**
 * Bits a chroma sample under each baseline; `one` is the same net trained with one label, null where
 * the model has none.
 *
 * @param chroma interleaved [4·rows, 4·columns, 2] in whole units
 */
export async function baselineBits(
  tables: Baselines,
  model: ColorModel,
  scene: Scene,
  chroma: Float32Array,
) {
  const samples = cellCount(scene.frame) * SAMPLES;
  const trunk = await model.trunkOfOne(scene.frame);
  return {
    ...histogramBits(tables, scene.frame.light, chroma),
    palette: paletteBits(tables, scene, chroma) / samples,
    one: trunk ? oneBits(model, scene, trunk, chroma) / samples : null,
  };
}

/** Place of a chroma sample in a table. */
function unitIndex({ a, b }: Baselines, chroma: Float32Array, sample: number): number {
  const within = (value: number, [low, count]: readonly [number, number]) =>
    Math.min(count - 1, Math.max(0, value - low));
  return within(chroma[2 * sample]!, a) * b[1] + within(chroma[2 * sample + 1]!, b);
}

function histogramBits(tables: Baselines, light: Float32Array, chroma: Float32Array) {
  const { ab, givenL, bins, unit } = tables;
  const size = tables.a[1] * tables.b[1];
  let plain = 0;
  let given = 0;
  for (let i = 0; i < light.length; i++) {
    const at = unitIndex(tables, chroma, i);
    const level = Math.min(bins - 1, Math.max(0, Math.floor((light[i]! / 100) * bins)));
    plain += ab[at]!;
    given += givenL[level * size + at]!;
  }
  return { abHistogram: (plain * unit) / light.length, givenL: (given * unit) / light.length };
}

/** Each cell takes the label nearest to its mean; labels are coded from those to the left and above. */
function paletteBits(tables: Baselines, { frame }: Scene, chroma: Float32Array): number {
  const { labels: count, centres, share, left, upper, palette, unit } = tables;
  const size = tables.a[1] * tables.b[1];
  const y = new Float32Array(2 * SAMPLES);
  const labels: number[] = [];
  let bits = 0;
  for (let cell = 0; cell < cellCount(frame); cell++) {
    samplesOf(chroma, frame, cell, y);
    const mean = [0, 1].map(
      (c) => y.reduce((sum, v, i) => sum + (i % 2 === c ? v : 0), 0) / SAMPLES,
    );
    let label = 0;
    let nearest = Infinity;
    for (let k = 0; k < count; k++) {
      const distance = (centres[2 * k]! - mean[0]!) ** 2 + (centres[2 * k + 1]! - mean[1]!) ** 2;
      if (distance < nearest) [nearest, label] = [distance, k];
    }
    labels.push(label);
    const says: number[] = [];
    if (cell % frame.columns > 0) says.push(left[labels[cell - 1]! * count + label]!);
    if (cell >= frame.columns) says.push(upper[labels[cell - frame.columns]! * count + label]!);
    const p = says.reduce((sum, value) => sum + value, 0) / says.length;
    bits -= Math.log2(says.length > 0 ? p : share[label]!);
    for (let s = 0; s < SAMPLES; s++) {
      bits +=
        palette[label * size + unitIndex(tables, chroma, sampleIndex(frame, cell, s))]! * unit;
    }
  }
  return bits;
}

/** The net with one label: a single logistic a channel at each sample. */
function oneBits(
  model: ColorModel,
  { frame }: Scene,
  trunk: Float32Array,
  chroma: Float32Array,
): number {
  const { tables } = model;
  const decoder = new Decoder(
    { table: tables['one.table']!, place: tables.place!, blend: tables.blend! },
    frame,
    trunk,
  );
  const y = new Float32Array(2 * SAMPLES);
  let sum = 0;
  for (let cell = 0; cell < cellCount(frame); cell++) {
    samplesOf(chroma, frame, cell, y);
    const parameters = decoder.parameters(cell, 0);
    for (let p = 0; p < SAMPLES; p++) sum += logPair(parameters, p, y[2 * p]!, y[2 * p + 1]!);
  }
  return -sum / Math.LN2;
}
