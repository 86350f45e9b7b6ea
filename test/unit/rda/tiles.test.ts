import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RdaModel } from '../../../src-main/rda/model';
import {
  axisSpans,
  OVERLAP,
  patchWindows,
  smallWindows,
  tileGrid,
  transformWindows,
  type Window,
} from '../../../src-main/rda/tiles';
import { AnalysedPicture } from '../../../src-main/rda/analysed';
import { synthesise } from '../../../src-main/rda/transforms';
import { renderScene } from '../../photos';

describe('tile grid', () => {
  it('covers every size with tiles of at most 1024, multiples of 64', () => {
    for (let size = 1; size < 9000; size += 61) {
      const spans = axisSpans(size, 1024, 64);
      let end = 0;
      for (const { start, size: part } of spans) {
        expect(start).toBe(end);
        expect(part % 64 === 0 && part > 0 && part <= 1024).toBe(true);
        end = start + part;
      }
      expect(end >= size && end < size + 64).toBe(true);
      expect(spans.length).toBeLessThanOrEqual(Math.ceil(size / 1024));
    }
  });

  it('keeps small photos in one tile', () => {
    expect(tileGrid(1024, 700, { largest: 1024, multiple: 64 }).tiles).toEqual([
      { x: 0, y: 0, width: 1024, height: 704 },
    ]);
  });
});

describe('windows of the float transforms', () => {
  const modelsDir = join(import.meta.dirname, '../../../models');
  const picture = renderScene('landscape', { width: 700, height: 512, seed: 3 });
  const whole = transformWindows(704, 512);
  const small = transformWindows(704, 512, 256, 0);
  let model: RdaModel;
  beforeAll(async () => {
    model = await RdaModel.load({ modelsDir });
  });
  afterAll(() => model.close());

  const analysed = async (windows: Window[]) =>
    (await AnalysedPicture.of(model, picture, undefined, () => windows)).latents;

  it('overlap by 96 pixels and cover the photo once', () => {
    expect(whole.length).toBe(1);
    expect(small.length).toBe(6);
    const area = small.reduce((sum, { core }) => sum + core.width * core.height, 0);
    expect(area).toBe(704 * 512);
    const middle = small.find(({ core }) => core.x === 256 && core.y === 0)!;
    expect(middle.outer).toEqual({ x: 160, y: 0, width: 448, height: 256 + OVERLAP });
  });

  it('are short for nets in the background, or patches that share nothing', () => {
    const windows = smallWindows(4032, 3008);
    const largest = Math.max(...windows.map(({ outer }) => outer.width * outer.height));
    expect(largest).toBe((320 + 2 * OVERLAP) ** 2);
    const area = windows.reduce((sum, { core }) => sum + core.width * core.height, 0);
    expect(area).toBe(4032 * 3008);
    expect(smallWindows(512, 512)).toHaveLength(1);

    const patches = patchWindows(256)(1024, 512);
    expect(patches).toHaveLength(8);
    for (const { core, outer } of patches) {
      expect(outer).toEqual(core);
      expect([core.width, core.height, core.x % 256, core.y % 256]).toEqual([256, 256, 0, 0]);
    }
  });

  it('give latents within 0.01 step at the highest quality', async () => {
    const a = await analysed(whole);
    const b = await analysed(small);
    const gains = model.quality.gains(model.quality.last);
    const area = a.height * a.width;
    let largest = 0;
    a.data.forEach((v, i) => {
      const steps = Math.abs(v - b.data[i]!) * gains[Math.floor(i / area)]!;
      largest = Math.max(largest, steps);
    });
    expect(largest).toBeLessThanOrEqual(0.01);
  });

  it('are analysed where latents are asked for, once, however many wait for them', async () => {
    let runs = 0;
    const counted = Object.create(model, {
      analysis: {
        value: (...args: Parameters<RdaModel['analysis']>) => {
          runs++;
          return model.analysis(...args);
        },
      },
    }) as RdaModel;
    const opened = AnalysedPicture.open(counted, picture, () => small);
    const corner = { x: 0, y: 0, width: 64, height: 64 };
    const across = { x: 192, y: 0, width: 128, height: 64 };
    await Promise.all([opened.ready(() => {}, corner), opened.ready(() => {}, across)]);
    expect(runs).toBe(2);
    const cancelled = opened.ready(() => {
      throw new Error('stop');
    });
    await expect(cancelled).rejects.toThrow('stop');
    const fractions: number[] = [];
    await opened.ready((fraction) => fractions.push(fraction));
    expect(runs).toBe(small.length);
    expect(fractions).toEqual(small.map((_, i) => i / small.length));
    expect(opened.latents.data).toEqual((await analysed(small)).data);
  });

  it('give pixels within one level', async () => {
    const latents = await analysed(whole);
    const a = await synthesise(model, latents, picture, 30, () => {}, whole);
    const b = await synthesise(model, latents, picture, 30, () => {}, small);
    let largest = 0;
    a.rgb.forEach((v, i) => (largest = Math.max(largest, Math.abs(v - b.rgb[i]!))));
    expect(largest).toBeLessThanOrEqual(1);
  });
});
