import { viewOf } from './ifd';

const text = (bytes: Uint8Array, at: number): string =>
  String.fromCharCode(...bytes.subarray(at, at + 4));

/** The profile's data colour space, such as `RGB `, `GRAY`, `CMYK` (ICC.1, header bytes 16…19). */
export const iccColorSpace = (icc: Uint8Array): string | undefined =>
  icc.length >= 132 && text(icc, 36) === 'acsp' ? text(icc, 16) : undefined;

/** sRGB primaries and white adapted to D50 (IEC 61966-2-1 with Bradford adaptation). */
const colorants: Record<string, [number, number, number]> = {
  rXYZ: [0.4361, 0.2225, 0.0139],
  gXYZ: [0.3851, 0.7169, 0.0971],
  bXYZ: [0.1431, 0.0606, 0.7139],
};

const linear = (v: number): number => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);

/**
 * Whether a profile is plain sRGB: matrix and curves only, colorants within 0.001 and curves within
 * 0.002 of the standard's (less than half an 8-bit step on screen). Untagged pictures are taken for
 * sRGB by every colour-managed program, so such a profile, 0.5 to 3 KB a photo, says nothing.
 */
export function isPlainSrgb(icc: Uint8Array): boolean {
  if (iccColorSpace(icc) !== 'RGB ' || text(icc, 20) !== 'XYZ ') return false;
  const view = viewOf(icc);
  const found = new Map<string, { at: number; length: number }>();
  const count = view.getUint32(128);
  if (132 + 12 * count > icc.length) return false;
  for (let i = 0; i < count; i++) {
    const at = view.getUint32(132 + 12 * i + 4);
    const length = view.getUint32(132 + 12 * i + 8);
    if (at + length > icc.length) return false;
    found.set(text(icc, 132 + 12 * i), { at, length });
  }
  // Lookup tables win over the matrix, and a CICP tag may name other primaries or HDR.
  if ([...found.keys()].some((tag) => /^(A2B|B2A|D2B|B2D|cicp)/.test(tag))) return false;
  for (const [tag, expected] of Object.entries(colorants)) {
    const { at, length } = found.get(tag) ?? { at: 0, length: 0 };
    if (length < 20) return false;
    for (let i = 0; i < 3; i++) {
      if (Math.abs(view.getInt32(at + 8 + 4 * i) / 65536 - expected[i]!) > 0.001) return false;
    }
  }
  return ['rTRC', 'gTRC', 'bTRC'].every((tag) => {
    const { at, length } = found.get(tag) ?? { at: 0, length: 0 };
    const curve = length >= 12 ? readCurve(icc.subarray(at, at + length)) : undefined;
    if (!curve) return false;
    for (let v = 0; v <= 255; v++) {
      if (Math.abs(curve(v / 255) - linear(v / 255)) > 0.002) return false;
    }
    return true;
  });
}

/** A `curv` table of at least 256 points or a `para` of type 3: what sRGB profiles are made of. */
function readCurve(bytes: Uint8Array): ((v: number) => number) | undefined {
  const view = viewOf(bytes);
  if (text(bytes, 0) === 'curv') {
    const count = view.getUint32(8);
    if (count < 256 || 12 + 2 * count > bytes.length) return undefined;
    return (v) => {
      const at = Math.min(count - 2, Math.floor(v * (count - 1)));
      const low = view.getUint16(12 + 2 * at);
      const high = view.getUint16(14 + 2 * at);
      return (low + (high - low) * (v * (count - 1) - at)) / 65535;
    };
  }
  if (text(bytes, 0) !== 'para' || view.getUint16(8) !== 3 || bytes.length < 32) return undefined;
  const [g, a, b, c, d] = [0, 1, 2, 3, 4].map((i) => view.getInt32(12 + 4 * i) / 65536);
  return (v) => (v >= d! ? (a! * v + b!) ** g! : c! * v);
}
