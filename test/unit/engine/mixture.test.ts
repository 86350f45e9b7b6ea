import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MixtureSettings } from '../../../src-main/api/calls/contract';
import { mixtureHandlers } from '../../../src-main/engine/latents/mixture-jobs';
import { encodePhoto } from '../../../src-main/image/output';
import { readPhoto } from '../../../src-main/image/photo';
import { readLabelPng } from '../../../src-main/labels/png-map';
import { renderScene } from '../../photos';

const scene = renderScene('flowers', { width: 900, height: 600 });
const context = { signal: new AbortController().signal };
const noCodec = () => Promise.reject(new Error('No net is needed here.'));
const settings: MixtureSettings = {
  ...{ k: 4, method: 'em', covariance: 'full', seed: 1, place: 0, start: 'sample' },
};

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lavi-mixtures-'));
  file = join(folder, 'flowers.png');
  await writeFile(file, await encodePhoto(scene, 'png'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('mixtures of a photo', () => {
  it('comes to equal steps whether it remembers the ones before or not', async () => {
    const one = mixtureHandlers(noCodec);
    const state = async (handlers: typeof one, half: number) =>
      handlers.mixture({ file, settings, half, folder, pictures: ['soft', 'hard'] }, context);
    await state(one, 1);
    const third = await state(one, 3);
    const anew = await state(mixtureHandlers(noCodec), 3);
    expect(anew).toEqual(third);
    expect(third.steps.map(({ half }) => half)).toEqual(['e', 'm', 'e']);
    expect(third.pixels).toBe(900 * 600);
    expect(third.points).toBeLessThan(third.pixels);
    expect((await state(one, 1)).steps.length).toBe(1);
  });

  it('shows q: soft between the colours, hard in them', async () => {
    const handlers = mixtureHandlers(noCodec);
    const state = await handlers.mixture(
      { file, settings, half: 4, folder, pictures: ['soft', 'hard'] },
      context,
    );
    const [soft, hard] = await Promise.all(
      state.pictures.map(({ name }) => readPhoto(join(folder, name))),
    );
    const colours = ({ rgb }: { rgb: Uint8Array }) => {
      const found = new Set<string>();
      for (let i = 0; i < rgb.length; i += 3) found.add(rgb.slice(i, i + 3).join());
      return found;
    };
    expect(Math.max(soft!.width, soft!.height)).toBeLessThanOrEqual(640);
    const palette = new Set(state.components.map(({ rgb }) => rgb.join()));
    for (const colour of colours(hard!)) expect(palette).toContain(colour);
    expect(colours(soft!).size).toBeGreaterThan(palette.size);
  });

  it('shares the picture out: all shares of a pixel make the pixel', async () => {
    const handlers = mixtureHandlers(noCodec);
    const shares = [];
    for (let component = 0; component < 4; component++) {
      const { name } = await handlers.mixtureShare(
        { file, settings, half: 3, folder, component },
        context,
      );
      shares.push(await readPhoto(join(folder, name)));
    }
    const { width, height } = shares[0]!;
    for (let at = 0; at < 3 * width * height; at += 997) {
      const values = shares.map(({ rgb }) => rgb[at]!);
      const sum = values.reduce((a, b) => a + b);
      // Every share keeps 0.12 of the light: 0.88 + 4 × 0.12 in all, rounded four times.
      const most = (255 * 1.36) / (0.88 + 4 * 0.12);
      expect(sum).toBeLessThanOrEqual(most * (0.88 + 4 * 0.12) + 2);
    }
    await expect(
      handlers.mixtureShare({ file, settings, half: 3, folder, component: 4 }, context),
    ).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });

  it('fits pixels with their place where that counts', async () => {
    const handlers = mixtureHandlers(noCodec);
    const placed = { ...settings, place: 1 };
    const state = await handlers.mixture(
      { file, settings: placed, half: 3, folder, pictures: [] },
      context,
    );
    expect(state.components[0]!.mean.length).toBe(5);
    expect(state.points).toBe(state.pixels);
    const output = join(folder, 'placed.png');
    const what = 'labels';
    await handlers.mixtureSave(
      { file, settings: placed, half: 3, name: 'x', output, what },
      context,
    );
    const map = readLabelPng(await readFile(output));
    expect([map.width, map.height, new Set(map.labels).size]).toEqual([900, 600, 4]);
  });

  it('draws scatters, and saves palettes, posterised photos and label maps', async () => {
    const handlers = mixtureHandlers(noCodec);
    const scatters = await handlers.scatter({ file, folder }, context);
    expect(scatters.map(({ projection }) => projection)).toEqual(['ab', 'aL']);
    const save = async (what: 'gpl' | 'posterised' | 'labels', name: string) => {
      const output = join(folder, name);
      await handlers.mixtureSave(
        { file, settings, half: 3, name: 'flowers', output, what },
        context,
      );
      return readFile(output);
    };
    expect((await save('gpl', 'p.gpl')).toString()).toMatch(/^GIMP Palette\nName: flowers\n/);
    await save('posterised', 'q.png');
    const poster = await readPhoto(join(folder, 'q.png'));
    const map = readLabelPng(await save('labels', 'l.png'));
    const palette = map.palette!;
    map.labels.forEach((label, i) => {
      if (poster.rgb[3 * i] !== palette[4 * label]) throw new Error(`Pixel ${i} differs.`);
    });
  });

  it('weighs a photo and its map', async () => {
    const { raw, png, webp, map } = await mixtureHandlers(noCodec).worth(
      { file, settings, half: 3 },
      context,
    );
    expect(raw).toBe(3 * 900 * 600);
    expect(png).toBeLessThan(raw);
    expect(webp).toBeLessThan(png);
    expect(map.labels).toBe(4);
    expect(map.points).toBeGreaterThan(0);
    expect(8 * map.bytes).toBeGreaterThanOrEqual(map.modelBits);
    expect(8 * map.bytes).toBeLessThan(map.modelBits * 1.05 + 400);
  });
});
