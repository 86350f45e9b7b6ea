/**
 * The logistic distribution function by table: 1 / (1 + e^−t). Only + − × ÷ on doubles build and read it, so
 * every JavaScript engine has the same values to the last bit.
 */
const stepsPerUnit = 64;
const reach = 14;
const last = 2 * reach * stepsPerUnit;

const table = build();

function build(): Float64Array {
  let growth = 1; // e^(1/64), by its Taylor series
  for (let k = 14; k >= 1; k--) growth = 1 + growth / stepsPerUnit / k;
  const out = new Float64Array(last + 2);
  const middle = last / 2;
  out[middle] = 0.5;
  for (let i = 1, power = growth; i <= middle; i++, power *= growth) {
    out[middle + i] = power / (1 + power);
    out[middle - i] = 1 / (1 + power);
  }
  out[last + 1] = out[last]!;
  return out;
}

/** The distribution function at `t` (any number, in units of the scale), in (0, 1); linear between 1/64 steps. */
export function logistic(t: number): number {
  const at = (t + reach) * stepsPerUnit;
  if (at <= 0) return table[0]!;
  if (at >= last) return table[last]!;
  const i = at | 0;
  const low = table[i]!;
  return low + (at - i) * (table[i + 1]! - low);
}
