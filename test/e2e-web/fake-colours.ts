import type { AppContract, ColourWork } from '../../src-main/api/calls/contract';
import type { Handlers } from '../../src-main/api/channel/channel';

type Calls = Extract<keyof AppContract['calls'], `colours.${string}`>;

const columns = 32;
const rows = 21;
const names = ['green', 'pale blue', 'greyish yellow', 'vivid orange'];
const colours = ['#6f9b5b', '#7aa6c8', '#9a957f', '#d98a3a'];
/** Bands of labels, others for other seeds; held cells as they are held. */
const labelsOf = (seed: number, held: [number, number][]) => {
  const labels = Array.from(
    { length: columns * rows },
    (_, cell) => (Math.floor(cell / columns / 6) + seed) % names.length,
  );
  for (const [cell, label] of held) labels[cell] = label;
  return labels;
};

/** Colourings of the fake session's photo: invented, like all its numbers. */
export function fakeColours(
  size: { width: number; height: number; levels: number },
  url: string,
): Pick<Handlers<AppContract>, Calls> {
  const remembered = new Map<string, ColourWork>();
  return {
    'colours.open': () => ({
      ...size,
      model: 'f'.repeat(16),
      ...{ columns, rows },
      labels: names.map((name, i) => ({ name, colour: colours[i]! })),
      // Segments of 4 × 3 cells.
      segments: Array.from({ length: 16 * columns * rows }, (_, i) => {
        const row = Math.floor(i / (4 * columns));
        return 8 * Math.floor(row / 12) + Math.floor((i % (4 * columns)) / 16);
      }),
      segmentColumns: 4 * columns,
      confidence: Array.from({ length: columns * rows }, (_, cell) => (cell % 10) / 10),
    }),
    'colours.close': () => ({}),
    'colours.sample': ({ colouring: { seed, held } }) => ({
      ...{ bitsLabels: 900 + seed, bitsColour: 60_000 + seed, bitsPerSample: 5.6 + seed / 100 },
      ...{ labels: labelsOf(seed, held), thumb: url },
    }),
    'colours.stop': () => ({}),
    'colours.score': () => ({
      ...{ bitsPerSample: 5.9, palette: 6.9, abHistogram: 10.2, givenL: 9.9, one: 6.6 },
    }),
    'colours.remember': ({ id, work }) => {
      remembered.set(id, work);
      return {};
    },
    'colours.recall': ({ id }) => remembered.get(id) ?? null,
    'colours.options': () => ({
      options: names.map((_, label) => ({ label, probability: 0.6 / (label + 1) })),
    }),
    'colours.tiles': ({ level }) => {
      const scale = 2 ** level;
      return [{ x: 0, y: 0, w: size.width / scale, h: size.height / scale, url }];
    },
    'colours.toLabels': () => ({ map: 'none' }),
  };
}
