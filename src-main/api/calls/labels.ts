import { z } from 'zod';
import { failureSchema } from '../channel/answer';
import { bytes, fraction, id, path, pictureUrl, pixels, rectangle } from '../shapes';

/**
 * The Labels workspace's calls. A map is edited by strokes, kept in a log on disk: a map is its source
 * and the first `line` lines of that log, whoever reads them.
 */

export const label = z.int().min(0).max(65_535);
const count = z.int().nonnegative();
const bits = z.number().nonnegative();
const coordinate = z.number().min(-1e6).max(1e6);

/** `#rrggbb`. */
export const colour = z.string().regex(/^#[0-9a-f]{6}$/);

export const largestBrush = 512;
const stroke = {
  /** Diameter in pixels of the map. */
  size: z.number().min(1).max(largestBrush),
  /** x and y in turn. */
  points: z.array(coordinate).min(2).max(8192),
};

export const segmentMethods = ['hard-em', 'em'] as const;

export const labelEditSchema = z.discriminatedUnion('what', [
  z.object({ what: z.literal('paint'), label, ...stroke }),
  /** Gives the pixels under the stroke the label of the nearest ones around it. */
  z.object({ what: z.literal('heal'), ...stroke }),
  z.object({ what: z.literal('fill'), label, x: count, y: count }),
  /** Names or colours a class, or adds one that no pixel has yet. */
  z.object({
    what: z.literal('class'),
    label,
    name: z.string().max(200).optional(),
    colour: colour.optional(),
  }),
  /** The label that means "not labelled". */
  z.object({ what: z.literal('void'), label: label.nullable() }),
  /** Replaces the map by a segmentation of its photo into so many colours. */
  z.object({
    what: z.literal('segment'),
    count: z.int().min(1).max(256),
    method: z.enum(segmentMethods),
  }),
]);
export type LabelEdit = z.infer<typeof labelEditSchema>;

const labelClass = z.object({ label, name: z.string().optional(), colour, pixels: count });
export type LabelClass = z.infer<typeof labelClass>;

/** So many classes are listed, those with most pixels. */
export const mostClasses = 512;

export const labelMapSchema = z.object({
  id,
  name: z.string(),
  width: pixels,
  height: pixels,
  /** As of `photo.open`. */
  levels: z.int().positive(),
  /** Lines of the log: grows with every change, undone ones too. */
  line: count,
  /** Edits that can be undone, and done again. */
  undo: count,
  redo: count,
  /** Changed since it was opened or saved. */
  changed: z.boolean(),
  /** The file name of the photo under it. */
  photo: z.string().nullable(),
  /** Came of a photo, without a map of its own; with how it was segmented last. */
  segmented: z.object({ count: pixels, method: z.enum(segmentMethods) }).nullable(),
  classes: z.array(labelClass).max(mostClasses),
  classCount: count,
  voidLabel: label.nullable(),
});
export type LabelMapState = z.infer<typeof labelMapSchema>;

/** How a completion runs: see docs/label-format.md. */
export const completion = { stride: z.int().min(1).max(64), predictor: z.int().min(0).max(1) };

export const mapLayerSchema = z.discriminatedUnion('what', [
  z.object({ what: z.literal('map') }),
  z.object({ what: z.literal('photo') }),
  /** Borders between labels; transparent elsewhere. */
  z.object({ what: z.literal('edges') }),
  /** The points of z in their colours; transparent elsewhere. */
  z.object({ what: z.literal('points'), ...completion }),
  /** The decoder's map once the passes down to `unit` are done. */
  z.object({ what: z.literal('frame'), ...completion, unit: z.int().min(1).max(64) }),
  /** Everything but one class, darkened. */
  z.object({ what: z.literal('others'), label }),
  /** The map that the watershed makes of the seeds last found. */
  z.object({ what: z.literal('seeded') }),
]);
export type MapLayer = z.infer<typeof mapLayerSchema>;

export const labelEfforts = ['fast', 'best'] as const;

/** Of the file that would be saved now. Sizes are in bytes, bits in bits. */
export const labelFactsSchema = z.object({
  line: count,
  mode: z.enum(['sparse', 'raw']),
  /** Null for raw maps, which list no points. */
  completion: z.object(completion).nullable(),
  labels: count,
  points: count,
  pointShare: fraction,
  bytes,
  bpp: bits,
  modelBits: bits,
  /** Of z: where its points are and which labels they have. */
  pointBits: bits,
  boundaryEdges: count,
  bitsPerBoundaryEdge: bits.nullable(),
  levels: z.array(z.object({ unit: pixels, pixels: count, points: count, bits })),
  classes: z.array(
    z.object({ label, name: z.string().optional(), pixels: count, points: count, bits }),
  ),
});
export type LabelFacts = z.infer<typeof labelFactsSchema>;

export const labelSizesSchema = z.object({ line: count, png: bytes, webp: bytes.nullable() });
export type LabelSizes = z.infer<typeof labelSizesSchema>;

export const labelSeedsSchema = z.object({
  line: count,
  /** x, y and label in turn. */
  seeds: z.array(count),
  agreement: fraction,
  /** Of a file that holds the seeds and what the watershed gets wrong. */
  exactBytes: bytes,
});
export type LabelSeeds = z.infer<typeof labelSeedsSchema>;

export const labelExports = ['lavi', 'map', 'points', 'seeds'] as const;
export type LabelExport = (typeof labelExports)[number];

const one = z.object({ id });

export const labelCalls = {
  'labels.list': { args: z.object({}), value: z.array(labelMapSchema) },
  /**
   * Opens label maps, and photos with them: a photo of a map's size goes under it, one alone becomes
   * a map of its colours.
   */
  'labels.open': {
    args: z.object({
      paths: z.array(path).max(100).default([]),
      /** Files that came over `POST /upload?room=labels`. */
      uploads: z.array(id).max(100).default([]),
      /** The map in view: a photo alone goes under it if it has none. */
      under: id.optional(),
      /** Nothing but a photo for that map is wanted. */
      photoOnly: z.boolean().default(false),
    }),
    value: z.object({
      opened: z.array(labelMapSchema),
      failures: z.array(failureSchema.extend({ name: z.string() })),
    }),
  },
  /** Takes a map off the list; `labels.restore` brings it back, edits and all. */
  'labels.close': { args: one, value: z.object({}) },
  'labels.restore': { args: one, value: labelMapSchema },
  'labels.edit': { args: one.extend({ edit: labelEditSchema }), value: labelMapSchema },
  'labels.undo': { args: one, value: labelMapSchema },
  'labels.redo': { args: one, value: labelMapSchema },
  'labels.tiles': {
    args: one.extend({
      line: count,
      layer: mapLayerSchema,
      level: z.int().min(0).max(20),
      ...rectangle,
    }),
    value: z.array(z.object({ ...rectangle, url: pictureUrl })),
  },
  /** The label under a pixel. */
  'labels.pick': { args: one.extend({ x: count, y: count }), value: z.object({ label }) },
  /** Codes the map as it is and counts its bits. While one count runs, only the newest waits. */
  'labels.facts': { args: one.extend({ effort: z.enum(labelEfforts) }), value: labelFactsSchema },
  'labels.sizes': { args: one, value: labelSizesSchema },
  /** Looks for few seeds on the photo that give the map; `progress` events follow. */
  'labels.reduce': {
    args: one.extend({ agreement: z.number().min(0.9).max(1) }),
    value: labelSeedsSchema,
  },
  'labels.stopReduce': { args: z.object({}), value: z.object({}) },
  /** Saves under a free name, by the settings' rule, decoded again and compared. */
  'labels.save': {
    args: one.extend({ what: z.enum(labelExports), effort: z.enum(labelEfforts) }),
    value: z.object({ output: path, bytes, map: labelMapSchema }),
  },
} as const;
