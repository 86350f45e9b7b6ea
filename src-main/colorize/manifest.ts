import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { LaviError } from '../api/errors';

const tensorSchema = z.object({
  shape: z.array(z.int().positive()),
  /** In bytes from the start of color-tables.bin. */
  offset: z.int().nonnegative(),
});

/** models/color.json as the export writes it. */
export const colorManifestSchema = z.object({
  id: z.string().regex(/^[0-9a-f]{16}$/),
  format: z.literal(1),
  frame: z.literal(256),
  grid: z.literal(32),
  /** The group of each cell of the grid, from 0: the order of the labels. */
  groups: z.array(z.int().min(0).max(15)).length(32 * 32),
  trunk: z.int().positive(),
  affinity: z.int().positive(),
  features: z.int().positive(),
  labels: z.array(
    z.object({
      name: z.string(),
      /** 0: no class. */
      class: z.int().nonnegative(),
      /** Mean a and b of the samples that it explained in training. */
      chroma: z.tuple([z.number(), z.number()]),
      /** Share of the training cells. */
      share: z.number(),
    }),
  ),
  classes: z.record(z.string(), z.string()),
  tables: z.record(z.string(), tensorSchema),
  files: z.record(z.string(), z.string()),
  training: z.looseObject({ steps: z.number(), hours: z.number(), note: z.string() }),
});

export type ColorManifest = z.output<typeof colorManifestSchema>;
export type ColorLabel = ColorManifest['labels'][number];

/** A table of floats by name, in row-major order. */
export type Tables = Record<string, { data: Float32Array; shape: readonly number[] }>;

/**
 * Reads `<dir>/color.json` and the tables beside it.
 * @throws LaviError MODEL_MISSING, MODEL_MISMATCH
 */
export async function readColorModel(
  dir: string,
): Promise<{ manifest: ColorManifest; tables: Tables }> {
  const text = (await readPart(dir, 'color.json')).toString('utf8');
  let manifest: ColorManifest;
  try {
    manifest = colorManifestSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw mismatch(dir, 'color.json is not one that this program reads', cause);
  }
  const bytes = await readPart(dir, 'color-tables.bin');
  const tables: Tables = {};
  for (const [name, { shape, offset }] of Object.entries(manifest.tables)) {
    const count = shape.reduce((product, side) => product * side, 1);
    if (offset + 4 * count > bytes.length) throw mismatch(dir, `table ${name} is cut short`);
    const data = new Float32Array(count);
    for (let i = 0; i < count; i++) data[i] = bytes.readFloatLE(offset + 4 * i);
    tables[name] = { data, shape };
  }
  return { manifest, tables };
}

async function readPart(dir: string, name: string): Promise<Buffer> {
  try {
    return await readFile(join(dir, name));
  } catch (cause) {
    const message = `Expected the colorizer's ${name} in ${dir}, found none.`;
    throw new LaviError('MODEL_MISSING', message, undefined, { cause });
  }
}

function mismatch(dir: string, what: string, cause?: unknown): LaviError {
  return new LaviError('MODEL_MISMATCH', `The colorizer in ${dir}: ${what}.`, undefined, { cause });
}
