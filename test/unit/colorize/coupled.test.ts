import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Colorizer } from '../../../src-main/colorize/colorizer';
import type { Scene } from '../../../src-main/colorize/model';
import type { Posterior } from '../../../src-main/colorize/posterior';
import { optionsOf, segmentsOfCells } from '../../../src-main/colorize/posterior';
import { labelBits } from '../../../src-main/colorize/sampling';
import type { Photo } from '../../../src-main/image/photo';
import { isolatedShare } from '../../bench/color-metrics';
import { renderScene } from '../../photos';

const modelsDir = join(import.meta.dirname, '../../../models');
const photo = renderScene('landscape', { width: 200, height: 136 });
let colorizer: Colorizer;
let scene: Scene;
let posterior: Posterior;

beforeAll(async () => {
  colorizer = await Colorizer.load({ modelsDir, provider: 'cpu', threads: 1 });
  scene = await colorizer.scene(photo);
  ({ posterior } = await colorizer.regions(scene));
});
afterAll(() => colorizer.close());

/** Mean distance of two colourings' chroma where `counts` says so. */
function distance(a: Float32Array, b: Float32Array, counts: (sample: number) => boolean): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < a.length / 2; i++) {
    if (!counts(i)) continue;
    sum += Math.hypot(a[2 * i]! - b[2 * i]!, a[2 * i + 1]! - b[2 * i + 1]!);
    count++;
  }
  return sum / count;
}

/** Two flat halves, dark and light. */
function halves(): Pick<Photo, 'width' | 'height' | 'rgb'> {
  const [width, height] = [128, 96];
  const rgb = new Uint8Array(3 * width * height).map((_, i) =>
    Math.floor(i / 3) % width < width / 2 ? 60 : 180,
  );
  return { width, height, rgb };
}

describe('draws by region', () => {
  it('without noise are one, whatever the seed', async () => {
    const [one, other] = await Promise.all(
      [0, 7].map((seed) => colorizer.drawn(scene, { seed, temperature: 0 })),
    );
    expect(one).toEqual(other);
  });

  it('go further from the likeliest the higher the temperature', async () => {
    const first = await colorizer.drawn(scene, { seed: 0, temperature: 0 });
    const mean = async (temperature: number) => {
      let sum = 0;
      for (const seed of [1, 2, 3, 4]) {
        const { chroma } = await colorizer.drawn(scene, { seed, temperature });
        sum += distance(first.chroma, chroma, () => true) / 4;
      }
      return sum;
    };
    const [calm, usual, bold] = [await mean(0.2), await mean(0.8), await mean(2)];
    expect(calm).toBeLessThan(usual);
    expect(usual).toBeLessThan(bold);
  });

  it('leave few cells isolated, and cost what the model says of the labels that were drawn', async () => {
    const { labels, bitsLabels, bitsColour, chroma } = await colorizer.colour(scene, {
      ...{ seed: 3, temperature: 0.8 },
    });
    expect(isolatedShare(labels, scene.frame)).toBeLessThan(0.06);
    expect(bitsLabels).toBeCloseTo(await labelBits(colorizer.model, scene, labels), 6);
    const nats = -scene.decoder.logLikelihood(labels, chroma.map(Math.round));
    expect(bitsColour).toBeCloseTo(nats / Math.LN2, 6);
  });

  it('of another photo differ for a seed: the palette is not the seed’s', async () => {
    const other = await colorizer.scene(renderScene('landscape', { width: 201, height: 136 }));
    const [one, two] = await Promise.all(
      [scene, other].map((each) => colorizer.drawn(each, { seed: 2, temperature: 0.8 })),
    );
    expect(distance(one!.chroma, two!.chroma, () => true)).toBeGreaterThan(0.5);
  });
});

describe('what a person knows', () => {
  it('of a region holds there, and moves nothing where it is not', async () => {
    const cells = segmentsOfCells(posterior);
    const segment = cells[5 * 32 + 16]!;
    const label = optionsOf(posterior, [segment]).at(-1)!.label;
    const options = { seed: 1, temperature: 0.8 };
    const before = await colorizer.drawn(scene, options);
    const after = await colorizer.drawn(scene, { ...options, held: [[segment, label]] });
    const inside = distance(before.chroma, after.chroma, (i) => posterior.fine.of[i] === segment);
    const outside = distance(before.chroma, after.chroma, (i) => posterior.fine.of[i] !== segment);
    expect(inside).toBeGreaterThan(3);
    expect(outside).toBeLessThan(inside / 8);
    const likewise = await colorizer.drawn(scene, {
      ...{ ...options, held: [[segment, label]], follow: true },
    });
    expect(likewise.chroma).not.toEqual(after.chroma);
  });

  it('of a colour holds in every sample, and never leaks over an edge that lightness shows', async () => {
    const flat = await colorizer.scene(halves());
    const { posterior: of } = await colorizer.regions(flat);
    const point = { x: 0.25, y: 0.5, a: 45, b: 30 };
    const at = 2 * (Math.floor(of.height / 2) * of.width + Math.floor(of.width / 4));
    const isRight = (i: number) => i % of.width > of.width / 2;
    const isLeft = (i: number) => i % of.width < of.width / 2 - 1;
    for (const draw of ['regions', 'model'] as const) {
      for (const seed of [1, 2, 3]) {
        const options = { seed, temperature: 0.8, draw };
        const before = await colorizer.drawn(flat, options);
        const { chroma } = await colorizer.drawn(flat, { ...options, points: [point] });
        expect(Math.hypot(chroma[at]! - point.a, chroma[at + 1]! - point.b)).toBeLessThan(4);
        expect(distance(before.chroma, chroma, isRight)).toBeLessThan(1.5);
        expect(distance(before.chroma, chroma, isLeft)).toBeGreaterThan(8);
      }
    }
  });
});
