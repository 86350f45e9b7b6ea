import { LaviError } from '../api/errors';
import type { BinaryCoder } from '../entropy/binary';

const even = 32_768;

/**
 * Codes which labels occur: the bit length of the largest (5 even bits), its lower bits, then for each
 * smaller label whether it occurs, adaptively in the context of the one before. Encoding, `present`
 * is the ascending list; decoding, it is undefined. Returns the list either way.
 */
export function codeLabelList(coder: BinaryCoder, present?: Uint16Array): Uint16Array {
  const largest = present?.[present.length - 1] ?? 0;
  const length = codeEven(coder, 32 - Math.clz32(largest), 5);
  if (length > 16) throw new LaviError('CORRUPT', `A label of ${length} bits is over 16 bits.`);
  const top = length === 0 ? 0 : 2 ** (length - 1);
  const last = top + (length > 1 ? codeEven(coder, largest - top, length - 1) : 0);
  // [ones, all] by whether the label before occurred; Krichevsky and Trofimov's estimate in 1/65,536.
  const seen = [
    [1, 2],
    [1, 2],
  ];
  const found: number[] = [];
  for (let label = 0, at = 0, before = 0; label < last; label++) {
    const context = seen[before]!;
    const p1 = Math.floor((65_536 * context[0]!) / context[1]!);
    const bit = coder.code(present?.[at] === label ? 1 : 0, Math.max(1, Math.min(65_535, p1)));
    context[0]! += 2 * bit;
    context[1]! += 2;
    if (bit === 1) {
      found.push(label);
      at++;
    }
    before = bit;
  }
  found.push(last);
  return Uint16Array.from(found);
}

/** Codes `bits` bits of `value`, high first, each at one half. */
export function codeEven(coder: BinaryCoder, value: number, bits: number): number {
  let coded = 0;
  for (let k = bits - 1; k >= 0; k--) coded = coded * 2 + coder.code((value >> k) & 1, even);
  return coded;
}
