import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Colorizer } from '../../../src-main/colorize/colorizer';
import { explain } from '../../../src-main/colorize/explain';
import {
  cellCount,
  chromaOf,
  frameOf,
  placementOf,
  SAMPLES,
} from '../../../src-main/colorize/frame';
import { cellLabels, enlarged } from '../../../src-main/colorize/label-map';
import { labelBits } from '../../../src-main/colorize/sampling';
import type { Scene } from '../../../src-main/colorize/model';
import { withColourNote } from '../../../src-main/colorize/note';
import { render } from '../../../src-main/colorize/render';
import { fromLab, lightnessOf, toLab } from '../../../src-main/image/lab';
import { renderScene } from '../../photos';

const modelsDir = join(import.meta.dirname, '../../../models');
const photo = renderScene('landscape', { width: 200, height: 136 });
let colorizer: Colorizer;
let scene: Scene;

beforeAll(async () => {
  colorizer = await Colorizer.load({ modelsDir, provider: 'cpu', threads: 1 });
  scene = await colorizer.scene(photo);
});
afterAll(() => colorizer.close());

describe('the frame', () => {
  it('holds a photo of any shape on whole cells', () => {
    expect(placementOf(200, 136)).toEqual({ columns: 32, rows: 22, left: 0, top: 5 });
    expect(placementOf(136, 200)).toEqual({ columns: 22, rows: 32, left: 5, top: 0 });
    expect(placementOf(5000, 3)).toEqual({ columns: 32, rows: 1, left: 0, top: 15 });
    expect(placementOf(1, 1)).toEqual({ columns: 32, rows: 32, left: 0, top: 0 });
  });

  it('is empty beside the photo', () => {
    const frame = frameOf(photo);
    expect(frame.inside.reduce((sum, value) => sum + value, 0)).toBe(32 * 22);
    expect(frame.luma.subarray(0, 256 * 40).every((value) => value === 0)).toBe(true);
    expect(frame.luma.some((value) => value !== 0)).toBe(true);
  });

  it('sees colours by their lightness alone', () => {
    const grey = photo.rgb.slice();
    const rgb = new Uint8Array(3);
    for (let i = 0; i < grey.length; i += 3) {
      const L = lightnessOf(grey[i]!, grey[i + 1]!, grey[i + 2]!);
      fromLab(L, 0, 0, rgb, 0);
      grey.set(rgb, i);
    }
    const difference = frameOf({ ...photo, rgb: grey }).luma.map(
      (value, i) => value - scene.frame.luma[i]!,
    );
    expect(Math.max(...difference.map(Math.abs))).toBeLessThan(0.01);
  });
});

describe('a colouring', () => {
  it('is the same for a seed, on one thread and on two', async () => {
    const two = await Colorizer.load({ modelsDir, provider: 'cpu', threads: 2 });
    const other = await two.scene(photo);
    const again = await two.colour(other, { seed: 3 });
    await two.close();
    const first = await colorizer.colour(scene, { seed: 3 });
    expect(again.labels).toEqual(first.labels);
    const [ours, theirs] = await Promise.all([
      render(photo, scene.frame, first.labels, first.chroma),
      render(photo, other.frame, again.labels, again.chroma),
    ]);
    expect(Buffer.compare(ours.rgb, theirs.rgb)).toBe(0);
  });

  it('differs from seed to seed', async () => {
    const [one, other] = [
      await colorizer.colour(scene, { seed: 1 }),
      await colorizer.colour(scene, { seed: 2 }),
    ];
    expect(one.chroma).not.toEqual(other.chroma);
  });

  it('costs what its labels and its chroma cost', async () => {
    const { labels, chroma, bitsLabels, bitsColour, bitsPerSample } = await colorizer.colour(
      scene,
      { seed: 5 },
    );
    expect(bitsLabels).toBeCloseTo(await labelBits(colorizer.model, scene, labels), 6);
    const whole = chroma.map(Math.round);
    expect(bitsColour).toBeCloseTo(-scene.decoder.logLikelihood(labels, whole) / Math.LN2, 6);
    expect(bitsPerSample * cellCount(scene.frame) * SAMPLES).toBeCloseTo(
      bitsLabels + bitsColour,
      6,
    );
  });

  it('holds clamped cells, whose colour changes there and hardly far from there', async () => {
    const base = await colorizer.colour(scene, { seed: 1, temperature: 0, draw: 'model' });
    const cell = 11 * 32 + 16;
    const wanted = (base.labels[cell]! + 40) % colorizer.model.labels;
    const labels = base.labels.slice();
    labels[cell] = wanted;
    const held = await colorizer.colour(scene, { seed: 1, clamped: labels, draw: 'model' });
    expect(held.labels).toEqual(labels);
    const distance = (from: number, to: number) => {
      let sum = 0;
      for (let y = from; y < to; y++) {
        for (let i = y * 32 * 4 * 2; i < (y + 1) * 32 * 4 * 2; i++) {
          sum += Math.abs(held.chroma[i]! - base.chroma[i]!);
        }
      }
      return sum;
    };
    expect(distance(40, 52)).toBeGreaterThan(0);
    // Only the 3×3 cells around heed a label.
    expect(distance(0, 40)).toBe(0);
    expect(distance(52, 88)).toBe(0);
  });

  it('refuses clamped labels of another photo', async () => {
    const clamped = new Int16Array(7).fill(-1);
    await expect(colorizer.colour(scene, { seed: 1, clamped })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
    const unknown = new Int16Array(cellCount(scene.frame)).fill(colorizer.model.labels);
    await expect(colorizer.colour(scene, { seed: 1, clamped: unknown })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
  });

  it('stops when it is cancelled', async () => {
    const signal = AbortSignal.abort();
    await expect(colorizer.colour(scene, { seed: 1, signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });
});

describe('the result', () => {
  it('keeps every pixel as light as it was', async () => {
    const { labels, chroma } = await colorizer.colour(scene, { seed: 2 });
    const coloured = await render(photo, scene.frame, labels, chroma, { vivid: 3 });
    let most = 0;
    let changed = 0;
    for (let i = 0; i < photo.rgb.length; i += 3) {
      const before = lightnessOf(photo.rgb[i]!, photo.rgb[i + 1]!, photo.rgb[i + 2]!);
      const after = lightnessOf(coloured.rgb[i]!, coloured.rgb[i + 1]!, coloured.rgb[i + 2]!);
      most = Math.max(most, Math.abs(after - before));
      if (coloured.rgb[i] !== photo.rgb[i]) changed++;
    }
    // What rounding to 8 bits a channel can do, and no more.
    expect(most).toBeLessThan(0.5);
    expect(changed).toBeGreaterThan(photo.rgb.length / 12);
  });

  it('is grey without chroma', async () => {
    const { labels, chroma } = await colorizer.colour(scene, { seed: 2 });
    const { rgb } = await render(photo, scene.frame, labels, chroma, { vivid: 0 });
    for (let i = 0; i < rgb.length; i += 3) {
      expect(
        Math.max(rgb[i]!, rgb[i + 1]!, rgb[i + 2]!) - Math.min(rgb[i]!, rgb[i + 1]!, rgb[i + 2]!),
      ).toBeLessThan(2);
    }
  });

  it('says that a model coloured it, beside what the photo says already', () => {
    const fresh = Buffer.from(withColourNote(undefined, 'a < b')).toString('utf8');
    expect(fresh).toContain('compositeWithTrainedAlgorithmicMedia');
    expect(fresh).toContain('a &lt; b');
    const own = Buffer.from('<x:xmpmeta><rdf:RDF><rdf:Description x="1"/></rdf:RDF></x:xmpmeta>');
    const both = Buffer.from(withColourNote(own, 'note')).toString('utf8');
    expect(both).toContain('<rdf:Description x="1"/>');
    expect(both.match(/<\/rdf:RDF>/g)).toHaveLength(1);
  });
});

describe('colours', () => {
  it('go to Lab and back', () => {
    const lab = new Float64Array(3);
    const rgb = new Uint8Array(3);
    for (let i = 0; i < 4096; i++) {
      const colour = [(i & 15) * 17, ((i >> 4) & 15) * 17, (i >> 8) * 17] as const;
      toLab(...colour, lab, 0);
      expect(lightnessOf(...colour)).toBeCloseTo(lab[0]!, 1);
      fromLab(lab[0]!, lab[1]!, lab[2]!, rgb, 0);
      colour.forEach((value, c) => expect(Math.abs(rgb[c]! - value)).toBeLessThanOrEqual(1));
    }
  });

  it('beyond sRGB become greyer at the same lightness', () => {
    const rgb = new Uint8Array(3);
    const lab = new Float64Array(3);
    for (const [L, a, b] of [
      [50, 120, 20],
      [90, -60, -60],
      [20, 5, 90],
      [98, 40, 0],
    ] as const) {
      fromLab(L, a, b, rgb, 0);
      toLab(rgb[0]!, rgb[1]!, rgb[2]!, lab, 0);
      expect(Math.abs(lab[0]! - L)).toBeLessThan(1);
      expect(Math.hypot(lab[1]!, lab[2]!)).toBeLessThan(Math.hypot(a, b));
      // The hue stays: the cross product of both chromas vanishes.
      expect(Math.abs(lab[1]! * b - lab[2]! * a) / Math.hypot(a, b)).toBeLessThan(1.5);
    }
  });
});

describe('the score of a picture', () => {
  it('is an explanation that sweeps made cheaper, with honest bits', async () => {
    const chroma = chromaOf(photo, scene.frame);
    const found = await explain(colorizer.model, scene, chroma);
    expect(found.bitsLabels).toBeCloseTo(await labelBits(colorizer.model, scene, found.labels), 6);
    expect(found.bitsColour).toBeCloseTo(
      -scene.decoder.logLikelihood(found.labels, chroma) / Math.LN2,
      6,
    );
    // Sampled labels explain the picture worse than those that were looked for.
    const { labels, bits } = await colorizer.labels(scene, { seed: 1 });
    const sampled = bits - scene.decoder.logLikelihood(labels, chroma) / Math.LN2;
    expect(found.bitsLabels + found.bitsColour).toBeLessThan(sampled);
  });

  it('comes with the baselines', async () => {
    const { baselines, bitsPerSample, bitsLabels, bitsColour } = await colorizer.score(
      scene,
      photo,
    );
    expect(bitsPerSample * 32 * 22 * SAMPLES).toBeCloseTo(bitsLabels + bitsColour, 6);
    for (const bits of [baselines.abHistogram, baselines.givenL, baselines.palette]) {
      expect(bits).toBeGreaterThan(0);
      expect(bits).toBeLessThan(26);
    }
  });
});

describe('label maps', () => {
  it('of any size come back as the cells that they were made of', () => {
    const place = placementOf(200, 136);
    const labels = Int16Array.from({ length: cellCount(place) }, (_, i) => (i * 31) % 90);
    for (const [width, height] of [
      [200, 136],
      [32, 22],
      [1000, 680],
    ] as const) {
      const map = { width, height, labels: enlarged(labels, place, width, height) };
      expect(cellLabels(map, place, 96)).toEqual(labels);
    }
  });

  it('leave free what is void or unknown', () => {
    const place = { columns: 2, rows: 1, left: 0, top: 0 };
    const map = { width: 2, height: 1, labels: Uint16Array.of(4, 200), voidLabel: 4 };
    expect([...cellLabels(map, place, 96)]).toEqual([-1, -1]);
  });
});
