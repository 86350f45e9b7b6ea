import { z } from 'zod';
import {
  labelEfforts,
  label,
  labelEditSchema,
  labelExports,
  labelFactsSchema,
  labelMapSchema,
  labelSeedsSchema,
  labelSizesSchema,
  mapLayerSchema,
} from '../calls/labels';
import { bytes, pixels, rectangle } from '../shapes';

/** The engine's jobs on label maps. Each names a map's folder and how many lines of its log count. */

const count = z.int().nonnegative();
const folder = z.string().min(1);

/** The first line of a map's log. */
export const mapHeaderSchema = z.object({
  version: z.literal(1),
  name: z.string(),
  /** The file in the folder that the map was read from. */
  source: z.string(),
  kind: z.enum(['map', 'photo', 'seeded']),
  /** The photo under it, where it came with one. */
  photo: z.string().optional(),
  width: pixels,
  height: pixels,
  /** Where it came from, for the names of what is saved: see the session's `ListedFile`. */
  origin: z.object({ path: z.string(), place: z.string(), upload: z.boolean() }),
});
export type MapHeader = z.infer<typeof mapHeaderSchema>;

/** Every other line. */
export const mapLineSchema = z.union([
  z.object({ edit: labelEditSchema }),
  z.object({ undo: z.literal(true) }),
  z.object({ redo: z.literal(true) }),
  z.object({ photo: z.string() }),
  z.object({ saved: z.literal(true) }),
]);
export type MapLine = z.infer<typeof mapLineSchema>;

const map = { folder, line: count };

export const labelJobs = {
  /** What a file is to the Labels workspace; a seeded map has its size only with its photo. */
  mapPeek: {
    args: z.object({ file: z.string().min(1) }),
    result: z.discriminatedUnion('kind', [
      z.object({ kind: z.enum(['map', 'photo']), width: pixels, height: pixels }),
      z.object({ kind: z.literal('seeded') }),
    ]),
  },
  mapState: {
    args: z.object(map),
    result: labelMapSchema.pick({
      width: true,
      height: true,
      levels: true,
      classes: true,
      classCount: true,
      voidLabel: true,
    }),
  },
  mapTiles: {
    args: z.object({
      ...map,
      /** Where tiles are written. */
      tiles: z.string().min(1),
      layer: mapLayerSchema,
      level: z.int().min(0),
      ...rectangle,
    }),
    result: z.array(z.object({ ...rectangle, name: z.string(), bytes: pixels })),
  },
  mapPick: { args: z.object({ ...map, x: count, y: count }), result: z.object({ label }) },
  mapFacts: { args: z.object({ ...map, effort: z.enum(labelEfforts) }), result: labelFactsSchema },
  mapSizes: { args: z.object(map), result: labelSizesSchema },
  mapReduce: {
    args: z.object({ ...map, agreement: z.number().min(0.9).max(1) }),
    result: labelSeedsSchema,
  },
  mapSave: {
    args: z.object({
      ...map,
      output: z.string().min(1),
      what: z.enum(labelExports),
      effort: z.enum(labelEfforts),
    }),
    result: z.object({ output: z.string(), bytes }),
  },
} as const;
