/**
 * CIELAB under D65, from and to sRGB (IEC 61966-2-1): L 0…100, a and b in their usual units. Equal
 * constants as in the training code, so that the nets see here what they learned on.
 */

const toXyz = [
  [0.4124564, 0.3575761, 0.1804375],
  [0.2126729, 0.7151522, 0.072175],
  [0.0193339, 0.119192, 0.9503041],
] as const;
const white = [0.95047, 1, 1.08883] as const;
/** Linear light → X, Y, Z over the white point's. */
const forward = toXyz.map((row, i) => row.map((value) => value / white[i]!));
const backward = inverse(forward);
const delta = 6 / 29;

const linear = Float64Array.from({ length: 256 }, (_, value) => {
  const s = value / 255;
  return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
});

/** Linear light in 1/16383 → 8-bit sRGB; finer than half an 8-bit step everywhere. */
const coded = Uint8Array.from({ length: 16384 }, (_, i) => Math.round(255 * encoded(i / 16383)));

function encoded(value: number): number {
  return value <= 0.0031308 ? value * 12.92 : 1.055 * value ** (1 / 2.4) - 0.055;
}

const root = (t: number): number => (t > delta ** 3 ? Math.cbrt(t) : t / (3 * delta ** 2) + 4 / 29);
const cube = (f: number): number => (f > delta ? f * f * f : 3 * delta ** 2 * (f - 4 / 29));

/** Lightness of Y in 1/8192, so that large photos need no cube root a pixel. */
const lightness = Float32Array.from({ length: 8193 }, (_, i) => 116 * root(i / 8192) - 16);

/** L of an 8-bit sRGB colour, exact to 0.01 above black. */
export function lightnessOf(red: number, green: number, blue: number): number {
  const row = forward[1]!;
  const y = row[0]! * linear[red]! + row[1]! * linear[green]! + row[2]! * linear[blue]!;
  const at = y * 8192;
  const below = Math.min(8191, Math.floor(at));
  return lightness[below]! + (at - below) * (lightness[below + 1]! - lightness[below]!);
}

/** Writes L, a, b of an 8-bit sRGB colour to `out` from `at` on. */
export function toLab(
  red: number,
  green: number,
  blue: number,
  out: Float32Array | Float64Array,
  at: number,
): void {
  const r = linear[red]!;
  const g = linear[green]!;
  const b = linear[blue]!;
  const [fx, fy, fz] = forward.map((row) => root(row[0]! * r + row[1]! * g + row[2]! * b)) as [
    number,
    number,
    number,
  ];
  out[at] = 116 * fy - 16;
  out[at + 1] = 500 * (fx - fy);
  out[at + 2] = 200 * (fy - fz);
}

const light = new Float64Array(3);

/** Linear RGB of a colour with fy = (L + 16) / 116; true if it lies within the sRGB gamut. */
function toLinear(fy: number, a: number, b: number): boolean {
  const x = cube(fy + a / 500);
  const y = cube(fy);
  const z = cube(fy - b / 200);
  let within = true;
  for (let i = 0; i < 3; i++) {
    const row = backward[i]!;
    const value = row[0]! * x + row[1]! * y + row[2]! * z;
    light[i] = value;
    // The slack is below what 8 bits can show, so that white itself is no edge case.
    if (value < -0.0005 || value > 1.0005) within = false;
  }
  return within;
}

const SEARCH_STEPS = 10;

/**
 * Writes the 8-bit sRGB colour of (L, a, b) to `out` from `at` on. A colour outside the gamut moves
 * toward grey at constant L and constant hue angle, no further than it must (to 1/1024).
 */
export function fromLab(L: number, a: number, b: number, out: Uint8Array, at: number): void {
  const fy = (L + 16) / 116;
  if (!toLinear(fy, a, b)) {
    let kept = 0;
    for (let step = 0.5, i = 0; i < SEARCH_STEPS; i++, step /= 2) {
      if (toLinear(fy, a * (kept + step), b * (kept + step))) kept += step;
    }
    toLinear(fy, a * kept, b * kept);
  }
  for (let i = 0; i < 3; i++) {
    out[at + i] = coded[Math.round(16383 * Math.min(1, Math.max(0, light[i]!)))]!;
  }
}

function inverse(m: readonly (readonly number[])[]): number[][] {
  const at = (r: number, c: number) => m[r % 3]![c % 3]!;
  const minor = (r: number, c: number) =>
    at(r + 1, c + 1) * at(r + 2, c + 2) - at(r + 1, c + 2) * at(r + 2, c + 1);
  const determinant = [0, 1, 2].reduce((sum, c) => sum + at(0, c) * minor(0, c), 0);
  return [0, 1, 2].map((r) => [0, 1, 2].map((c) => minor(c, r) / determinant));
}
