import { describe, expect, it } from 'vitest';
import { fromOklab, toOklab } from '../../../src-main/image/oklab';
import { decodePhoto } from '../../../src-main/image/photo';
import { sphere } from '../../../src-main/latents/covariance';
import { gaussian } from '../../../src-main/latents/gaussian';
import { byWeight, coloursOf, encodePalette } from '../../../src-main/latents/palette';

describe('palette', () => {
  const rgb = [
    [200, 30, 40],
    [0, 0, 0],
    [255, 255, 255],
    [12, 99, 250],
  ];
  const mixture = {
    weights: Float64Array.of(0.2, 0, 0.5, 0.3),
    components: rgb.map(([r, g, b]) => {
      const mean = new Float64Array(3);
      toOklab(r!, g!, b!, mean, 0);
      return gaussian(mean, sphere(3, 0.01));
    }),
  };
  const colours = byWeight(coloursOf(mixture));

  it('gives every 8-bit colour back, and cuts off what sRGB has not', () => {
    const lab = new Float64Array(3);
    for (let code = 0; code < 2 ** 24; code += 4099) {
      const colour = [code >> 16, (code >> 8) & 255, code & 255];
      toOklab(colour[0]!, colour[1]!, colour[2]!, lab, 0);
      expect(fromOklab(lab[0]!, lab[1]!, lab[2]!)).toEqual(colour);
    }
    expect(fromOklab(0.6, 0.4, 0.2)[1]).toBe(0);
  });

  it('lists colours that pixels have, the commonest first', () => {
    expect(colours.map((one) => one.rgb)).toEqual([rgb[2], rgb[3], rgb[0]]);
    expect(colours.map((one) => one.weight)).toEqual([0.5, 0.3, 0.2]);
  });

  it('writes Adobe swatches of both versions', async () => {
    const file = await encodePalette(colours, 'aco', 'x');
    const view = new DataView(file.buffer, file.byteOffset, file.length);
    const words = Array.from({ length: file.length / 2 }, (_, i) => view.getUint16(2 * i));
    expect(words.slice(0, 7)).toEqual([1, 3, 0, 65535, 65535, 65535, 0]);
    expect(words.slice(7, 12)).toEqual([0, 12 * 257, 99 * 257, 250 * 257, 0]);
    const second = words.slice(17);
    expect(second.slice(0, 9)).toEqual([2, 3, 0, 65535, 65535, 65535, 0, 0, 8]);
    expect(String.fromCharCode(...second.slice(9, 16))).toBe('#ffffff');
    expect(second[16]).toBe(0);
    expect(second.length).toBe(2 + 3 * (5 + 2 + 8));
  });

  it('writes GIMP palettes and custom properties', async () => {
    const text = async (format: 'gpl' | 'css') =>
      new TextDecoder().decode(await encodePalette(colours, format, 'a\nb'));
    expect((await text('gpl')).split('\n')).toEqual([
      ...['GIMP Palette', 'Name: a b', 'Columns: 8', '#'],
      ...['255 255 255\t#ffffff 50.0 %', ' 12  99 250\t#0c63fa 30.0 %'],
      ...['200  30  40\t#c81e28 20.0 %', ''],
    ]);
    expect(await text('css')).toContain('  --colour-2: #0c63fa; /* 30.0 % */');
  });

  it('draws a strip of squares', async () => {
    const picture = await decodePhoto(await encodePalette(colours, 'png', 'x'));
    expect([picture.width, picture.height]).toEqual([192, 64]);
    expect([...picture.rgb.slice(3 * 100, 3 * 100 + 3)]).toEqual([12, 99, 250]);
  });
});
