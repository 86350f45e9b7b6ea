/**
 * OKLab (B. Ottosson, 2020): a colour space in which equal distances look about equally different.
 * L is 0…1, a and b about −0.4…0.4.
 */

/** sRGB transfer function, 8 bits to linear light. */
const linear = Float64Array.from({ length: 256 }, (_, value) => {
  const s = value / 255;
  return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
});

/** Writes L, a, b of one sRGB colour to `out` from `at` on. */
export function toOklab(
  red: number,
  green: number,
  blue: number,
  out: Float64Array,
  at: number,
): void {
  const r = linear[red]!;
  const g = linear[green]!;
  const b = linear[blue]!;
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  out[at] = 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s;
  out[at + 1] = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s;
  out[at + 2] = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s;
}
