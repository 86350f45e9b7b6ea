import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { vaeHandlers } from '../../../src-main/engine/latents/vae-jobs';
import { encodePhoto } from '../../../src-main/image/output';
import { readPhoto } from '../../../src-main/image/photo';
import { cropOf } from '../../../src-main/latents/crop';
import { modelsFolder } from '../../../src-main/shell/process/paths';
import { renderScene } from '../../photos';

const scene = renderScene('flowers', { width: 300, height: 200 });
const context = { signal: new AbortController().signal };
const noCodec = () => Promise.reject(new Error('No net of the codec is needed here.'));
const handlers = vaeHandlers(noCodec, { modelsDir: modelsFolder(), provider: 'cpu' });

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lavi-vae-'));
  file = join(folder, 'flowers.png');
  await writeFile(file, await encodePhoto(scene, 'png'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const pixelsOf = async ({ name }: { name: string }) => readPhoto(join(folder, name));
const still = { moved: [], temperature: 0, seed: 1 };

describe('readings of a photo’s crops', () => {
  it('samples by seed, alike at temperature 0', async () => {
    const sample = async (seed: number, temperature: number) => {
      const { pictures } = await handlers.vaeSamples(
        { seed, count: 2, temperature, folder },
        context,
      );
      return pictures.map(({ name }) => name);
    };
    const [first, second] = await sample(3, 1);
    expect(first).not.toBe(second);
    expect((await sample(4, 1))[0]).toBe(second);
    expect(new Set([...(await sample(3, 0)), ...(await sample(8, 0))]).size).toBe(1);
  });

  it('reads the crop that is asked for, and the middle one else', async () => {
    const at = { x: 118, y: 68 };
    const args = { file, samples: 2, seed: 1, folder };
    const middle = await handlers.vaeEncode({ ...args, at: null }, context);
    expect(middle.reading).toMatchObject({ width: 300, height: 200, at, dims: 12288 });
    expect(await handlers.vaeEncode({ ...args, at }, context)).toEqual(middle);
    expect((await pixelsOf(middle.crop)).rgb).toEqual(cropOf(scene, at));
    const preview = await pixelsOf(middle.preview);
    expect([preview.width, preview.height]).toEqual([300, 200]);
    const { latents, rate, continuous, tradeoff } = middle.reading;
    const bits = latents.reduce((sum, one) => sum + one.bits, 0);
    expect(bits * Math.LN2).toBeCloseTo(rate, 6);
    expect(tradeoff.loss + tradeoff.constant).toBeCloseTo(continuous, 6);
    const corner = await handlers.vaeEncode({ ...args, at: { x: 0, y: 136 } }, context);
    expect(corner.reading.rate).not.toBe(rate);
    await expect(
      handlers.vaeEncode({ ...args, at: { x: 0, y: 137 } }, context),
    ).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });

  it('decodes the mean at temperature 0, and what was moved away from it', async () => {
    const { reconstruction } = await handlers.vaeEncode(
      { file, at: null, samples: 1, seed: 1, folder },
      context,
    );
    const decode = (args: object) =>
      handlers.vaeDecode({ file, at: null, ...still, folder, ...args }, context);
    const mean = await decode({});
    expect(mean.picture).toEqual(reconstruction);
    expect((await decode({ seed: 7 })).picture).toEqual(reconstruction);
    const drawn = await decode({ temperature: 1 });
    expect(drawn.error).toBeGreaterThan(mean.error);
    const moved = await decode({ moved: [{ index: 0, value: 5 }] });
    expect(moved.picture).not.toEqual(reconstruction);
    await expect(decode({ moved: [{ index: 512, value: 0 }] })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
  });

  it('goes from one crop to the other in equal steps, ends included', async () => {
    const from = { file, at: { x: 0, y: 0 } };
    const to = { file, at: null };
    const { ends, pictures } = await handlers.vaeBetween({ from, to, count: 3, folder }, context);
    expect(ends.map(({ at }) => at)).toEqual([
      { x: 0, y: 0 },
      { x: 118, y: 68 },
    ]);
    const [first, , last] = pictures;
    const decoded = async (at: typeof from.at | null) =>
      (await handlers.vaeDecode({ file, at, ...still, folder }, context)).picture;
    expect([first, last]).toEqual([await decoded(from.at), await decoded(null)]);
    expect(new Set(pictures.map(({ name }) => name)).size).toBe(3);
  });

  it('stops when cancelled', async () => {
    const stopped = { signal: AbortSignal.abort() };
    const args = { file, at: null, samples: 4, seed: 1, folder };
    await expect(handlers.vaeEncode(args, stopped)).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
