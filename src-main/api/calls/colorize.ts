import { z } from 'zod';
import { fraction, id, pictureUrl, pixels, rectangle } from '../shapes';
import { MAX_SEED } from '../jobs/colorize/command';

/** The calls of the workspace "Colorize". */

/** Cells of the largest label grid. */
export const mostCells = 1024;
const cell = z
  .int()
  .min(0)
  .max(mostCells - 1);
const label = z.int().min(0).max(1023);
const bits = z.number().nonnegative();

export const follows = ['near', 'all'] as const;
/** `regions`: noise that regions share, tempered; `model`: from P(z|x) itself, cell by cell. */
export const draws = ['regions', 'model'] as const;
export type Draw = (typeof draws)[number];

/** Segments of the largest chroma grid, and colour points that a photo may have. */
export const mostSegments = 4096;
export const mostPoints = 256;
const segment = z
  .int()
  .min(0)
  .max(mostSegments - 1);
const share = z.number().min(0).max(1);
const rgbColour = z.string().regex(/^#[0-9a-f]{6}$/);

/** Cells of the label grid and the labels that they have whatever the model thinks. */
const heldSchema = z.array(z.tuple([cell, label])).max(mostCells);
/** Segments of the photo, likewise. */
const regionsSchema = z.array(z.tuple([segment, label])).max(mostSegments);
/** Colours that places have, whatever the model thinks: 0…1 of the width and the height. Lightness stays the photo's. */
const pointsSchema = z.array(z.object({ x: share, y: share, colour: rgbColour })).max(mostPoints);
export type ColourPoint = z.infer<typeof pointsSchema>[number];
const temperature = z.number().min(0).max(10);

/** Equal photo and equal values: the same colouring, whenever it is made. */
export const colouringSchema = z.object({
  seed: z.int().min(0).max(MAX_SEED),
  temperature,
  /** Colourings of earlier versions, which had one way, name none. */
  draw: z.enum(draws).default('model'),
  held: heldSchema,
  regions: regionsSchema.default([]),
  points: pointsSchema.default([]),
  /** What may change beside what is held: what lies around it or nothing; or all that the seed had drawn. */
  follow: z.enum(follows),
});
export type Colouring = z.infer<typeof colouringSchema>;

export const largestVivid = 4;
/** Means of likely colours are paler than any of them: a little more makes up for it. */
export const defaultVivid = 1.2;
/** Of what regions draw, and of what the model draws cell by cell in the window. */
export const defaultTemperatures = { regions: 0.8, model: 0.5 } as const;
const vivid = z.number().min(0).max(largestVivid);

/** How a coloured photo is saved; as PNG, JPEG … or, without a format, as .lavi. */
export const colourOrderSchema = colouringSchema.extend({
  vivid,
  /** Say in XMP that a model coloured it. */
  note: z.boolean(),
});
/** One photo's own, in a batch. */
export const ownColouringSchema = colouringSchema.extend({ vivid: vivid.optional() });
export type ColourOrder = z.infer<typeof colourOrderSchema>;

/** Steps of labelling that are remembered, and colourings that can be kept. */
export const mostSteps = 32;
export const mostKept = 64;

/** What a person knows of a photo: labels of cells and of regions, colours of places. */
const editsSchema = z.object({ held: heldSchema, regions: regionsSchema, points: pointsSchema });
export type ColourEdits = z.infer<typeof editsSchema>;

/** What a person has made of a photo here: it outlives the page and the app. */
export const colourWorkSchema = z.object({
  /** The model whose labels these are. */
  model: z.string(),
  temperature,
  vivid,
  follow: z.enum(follows),
  /** What was held after each step, and which of them counts now. */
  draw: z.enum(draws).default('model'),
  steps: z
    .array(
      z.union([
        editsSchema,
        // Earlier versions knew cells alone.
        heldSchema.transform((held): ColourEdits => ({ held, regions: [], points: [] })),
      ]),
    )
    .min(1)
    .max(mostSteps),
  at: z
    .int()
    .min(0)
    .max(mostSteps - 1),
  kept: z.array(colouringSchema).max(mostKept),
  /** The colouring that was in view: what “Colour all” saves. */
  chosen: colouringSchema.optional(),
});
export type ColourWork = z.infer<typeof colourWorkSchema>;

/** What the model sees in a photo. */
export const colourSceneSchema = z.object({
  /** The model's id. */
  model: z.string(),
  width: pixels,
  height: pixels,
  /** As of `photo.open`. */
  levels: pixels,
  columns: pixels,
  rows: pixels,
  labels: z.array(
    z.object({
      name: z.string(),
      /** The name of its class, where it has one. */
      class: z.string().optional(),
      colour: z.string().regex(/^#[0-9a-f]{6}$/),
    }),
  ),
  /** The segment of each chroma sample, in rows of `segmentColumns`: what a click chooses. */
  segments: z.array(segment).max(16 * mostCells),
  segmentColumns: pixels,
  /** Of each cell: the probability of its likeliest class. */
  confidence: z.array(fraction).max(mostCells),
});
export type ColourScene = z.infer<typeof colourSceneSchema>;

export const colouringBitsSchema = z.object({
  /** −log₂P(z|x). */
  bitsLabels: bits,
  /** −log₂P(ŷ|z,x). */
  bitsColour: bits,
  /** Their sum a chroma sample: an upper bound of −log₂P(ŷ|x). */
  bitsPerSample: bits,
  /** Of each cell, in rows. */
  labels: z.array(label).max(mostCells),
});

/** What the photo's own colours cost, a chroma sample. */
export const colourScoreSchema = z.object({
  /** Upper bounds: of the labels that were looked for, and of each cell's nearest palette label. */
  bitsPerSample: bits,
  palette: bits,
  abHistogram: bits,
  givenL: bits,
  /** The same net with one label; null where the model has none. */
  one: bits.nullable(),
});
export type ColourScore = z.infer<typeof colourScoreSchema>;

export const colourOptionsSchema = z.object({
  /** Labels that the segments could have; the likeliest first. */
  options: z.array(z.object({ label, probability: fraction })),
});
export type ColourOptions = z.infer<typeof colourOptionsSchema>;

/** `grey`: the photo's lightness alone. */
export const colourLayerSchema = z.discriminatedUnion('what', [
  z.object({ what: z.literal('grey') }),
  z.object({ what: z.literal('colour'), colouring: colouringSchema, vivid }),
]);
export type ColourLayer = z.infer<typeof colourLayerSchema>;

const one = z.object({ id });

export const colourCalls = {
  /** Looks at a photo; work for the one before it is cancelled. */
  'colours.open': { args: one, value: colourSceneSchema },
  'colours.close': { args: z.object({}), value: z.object({}) },
  'colours.sample': {
    args: one.extend({ colouring: colouringSchema, vivid }),
    value: colouringBitsSchema.extend({ thumb: pictureUrl }),
  },
  /** Cancels the samples that are under way. */
  'colours.stop': { args: z.object({}), value: z.object({}) },
  'colours.options': {
    args: one.extend({ segments: z.array(segment).min(1).max(mostSegments) }),
    value: colourOptionsSchema,
  },
  /** What a photo's own colours cost; null where it has none. */
  'colours.score': { args: one, value: colourScoreSchema.nullable() },
  /** Keeps what was made of a photo with the list, over restarts. */
  'colours.remember': { args: one.extend({ work: colourWorkSchema }), value: z.object({}) },
  'colours.recall': { args: one, value: colourWorkSchema.nullable() },
  'colours.tiles': {
    args: one.extend({ layer: colourLayerSchema, level: z.int().min(0).max(20), ...rectangle }),
    value: z.array(z.object({ ...rectangle, url: pictureUrl })),
  },
  /** Opens a colouring's labels as a map of the Labels workspace, the photo under it. */
  'colours.toLabels': {
    args: one.extend({
      colouring: colouringSchema,
      /** Names that the map gets instead of the model's own, by label. */
      names: z.array(z.string().max(200)).max(1024).optional(),
    }),
    value: z.object({ map: id }),
  },
} as const;
