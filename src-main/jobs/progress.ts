/** Hears of fractions done, 0…1. */
export type ProgressListener = (fraction: number) => void;

/**
 * Keeps what reaches `listener` within 0…1, rising, and rare: steps smaller than `step` are held
 * back (nets report every tile, people see a hundredth), the end never is.
 */
export function steadyProgress(listener: ProgressListener, step = 0.01): ProgressListener {
  let last = -Infinity;
  return (fraction) => {
    const next = Math.min(1, Math.max(0, fraction));
    const ends = next === 1 && last < 1;
    if (!ends && !(next - last >= step)) return;
    last = next;
    listener(next);
  };
}

/** The listener of a part of the work that covers `from`…`to` of the whole. */
export function partProgress(listener: ProgressListener, from: number, to: number) {
  return (fraction: number) => listener(from + fraction * (to - from));
}
