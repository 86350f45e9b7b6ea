import { segmentByColour } from '../../src-main/latents/segment';
import type { LabelMap } from '../../src-main/labels/map';
import type { RenderedScene } from '.';

/** Side of the squares that vote together: regions become such as a hand would draw. */
const VOTE = 9;

/** A label map of one of our scenes: its main colours, each pixel going with those around it. */
export function labelMapOf(scene: RenderedScene, count: number, names?: string[]): LabelMap {
  const { width, height, labels, palette } = segmentByColour(scene, count);
  const kinds = palette.length / 4;
  const smooth = new Uint16Array(labels.length);
  const votes = new Uint16Array(kinds);
  const half = (VOTE - 1) / 2;
  for (let i = 0; i < labels.length; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    votes.fill(0);
    for (let v = Math.max(0, y - half); v <= Math.min(height - 1, y + half); v++) {
      for (let u = Math.max(0, x - half); u <= Math.min(width - 1, x + half); u++) {
        votes[labels[v * width + u]!]!++;
      }
    }
    smooth[i] = votes.indexOf(Math.max(...votes));
  }
  return {
    ...{ width, height, labels: smooth, palette },
    ...(names && { names: Object.fromEntries(names.slice(0, kinds).entries()) }),
  };
}
