/**
 * Logistic mixing in whole numbers. Logits are in 1/256 nats, clipped to ±`maxLogit`; probabilities
 * in 1/65,536. The tables come from +, −, × and ÷ of doubles alone, which IEEE 754 fixes to the last
 * bit, so they are the same on every machine (Math.exp is not).
 */
export const maxLogit = 2840;

/** e^(1/256). */
const rootOfE = 1.003913889338348;

/** Probability by logit + maxLogit, 1…65,535. */
const squashTable = new Uint16Array(2 * maxLogit + 1);
for (let i = 0, power = 1; i <= maxLogit; i++, power *= rootOfE) {
  const p = Math.min(65_535, Math.floor(65_536 / (1 + 1 / power) + 0.5));
  squashTable[maxLogit + i] = p;
  squashTable[maxLogit - i] = 65_536 - p;
}

/** The least logit by probability 0…65,535 whose probability is at least that. */
export const stretchTable = new Int16Array(65_536);
for (let p = 0, i = 0; p < 65_536; p++) {
  while (i < 2 * maxLogit && squashTable[i]! < p) i++;
  stretchTable[p] = i - maxLogit;
}

/** Logit (clipped) to probability, 1…65,535. */
export function squash(logit: number): number {
  const clipped = logit > maxLogit ? maxLogit : logit < -maxLogit ? -maxLogit : logit;
  return squashTable[clipped + maxLogit]!;
}
