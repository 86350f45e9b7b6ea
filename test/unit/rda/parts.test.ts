import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AnalysedPicture } from '../../../src-main/rda/analysed';
import { RdaModel } from '../../../src-main/rda/model';
import { cropPlanes, widen } from '../../../src-main/rda/planes';
import { renderScene } from '../../photos';

const modelsDir = join(import.meta.dirname, '../../../models');

describe('parts of planes', () => {
  it('are cut out channel by channel', () => {
    const from = { x: 2, y: 1, width: 3, height: 2 };
    const data = Int32Array.from({ length: 12 }, (_, i) => i);
    const part = { x: 3, y: 1, width: 2, height: 2 };
    expect([...cropPlanes(data, from, part)]).toEqual([1, 2, 4, 5, 7, 8, 10, 11]);
    expect(cropPlanes(data, from, from)).toBe(data);
  });

  it('widen to whole steps and end at the edge', () => {
    const within = { width: 20, height: 12 };
    const part = { x: 5, y: 5, width: 3, height: 4 };
    expect(widen(part, 2, within)).toEqual({ x: 3, y: 3, width: 7, height: 8 });
    expect(widen(part, 2, within, 4)).toEqual({ x: 0, y: 0, width: 12, height: 12 });
  });
});

describe('a part of a tile', () => {
  // 40 × 36 latents: wider than the reach of the nets, which is 8 to each side.
  const picture = renderScene('city', { width: 640, height: 576 });
  let model: RdaModel;
  let analysed: AnalysedPicture;
  beforeAll(async () => {
    model = await RdaModel.load({ modelsDir });
    analysed = await AnalysedPicture.of(model, picture);
  });
  afterAll(() => model.close());

  it.each([
    ['in the middle', { x: 19, y: 16, width: 3, height: 4 }],
    ['at a corner', { x: 0, y: 0, width: 5, height: 3 }],
    ['at the other corner', { x: 33, y: 30, width: 7, height: 6 }],
    ['across', { x: 0, y: 17, width: 40, height: 1 }],
    ['the whole', { x: 0, y: 0, width: 40, height: 36 }],
  ])('%s decodes to what the whole tile does', async (_, part) => {
    const [tile] = analysed.grid.tiles;
    const whole = { x: 0, y: 0, width: 40, height: 36 };
    for (const quality of [90, 505, 1008]) {
      const { tiles } = await analysed.quantise(quality);
      const hyper = await analysed.hyper(quality, tile!);
      const found = await analysed.decodedPart(quality, tile!, hyper, part, () => {});
      const wanted = cropPlanes(tiles[0]!.decoded, whole, part);
      expect(found.length).toBe(wanted.length);
      // Float sums of other shapes may move a symbol that lies between two.
      const apart = found.filter((value, i) => Math.abs(value - wanted[i]!) > 1e-3).length;
      expect(apart).toBeLessThanOrEqual(wanted.length / 1000);
    }
  });

  it('can be left between two nets', async () => {
    const [tile] = analysed.grid.tiles;
    const hyper = await analysed.hyper(505, tile!);
    let nets = 0;
    const check = () => {
      if (++nets === 2) throw new Error('enough');
    };
    const part = { x: 8, y: 8, width: 4, height: 4 };
    await expect(analysed.decodedPart(505, tile!, hyper, part, check)).rejects.toThrow('enough');
    expect(nets).toBe(2);
  });
});
