import { LaviError } from '../../../src-main/api/errors';
import type { LabelMap } from '../../../src-main/labels/map';

/** A small generator of its own, so that maps are the same everywhere (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Every pixel its own random label. */
export function noise(width: number, height: number, labelCount: number, seed = 1): LabelMap {
  const next = random(seed);
  const labels = Uint16Array.from({ length: width * height }, () =>
    Math.floor(next() * labelCount),
  );
  return { width, height, labels };
}

/** Cells around random seeds: straight borders, as in hand-drawn maps. */
export function cells(width: number, height: number, labelCount: number, seed = 1): LabelMap {
  const next = random(seed);
  const seeds = Array.from({ length: 3 * labelCount }, (_, i) => ({
    x: next() * width,
    y: next() * height,
    label: i % labelCount,
  }));
  const labels = new Uint16Array(width * height);
  for (let i = 0; i < labels.length; i++) {
    const x = i % width;
    const y = Math.floor(i / width);
    let nearest = Infinity;
    for (const seed of seeds) {
      const distance = (seed.x - x) ** 2 + (seed.y - y) ** 2;
      if (distance >= nearest) continue;
      nearest = distance;
      labels[i] = seed.label;
    }
  }
  return { width, height, labels };
}

/** Discs on a ground, each of its own label. */
export function discs(width: number, height: number, count: number, seed = 1): LabelMap {
  const next = random(seed);
  const labels = new Uint16Array(width * height);
  for (let label = 1; label <= count; label++) {
    const cx = next() * width;
    const cy = next() * height;
    const radius = (0.05 + 0.15 * next()) * Math.min(width, height);
    for (let i = 0; i < labels.length; i++) {
      const x = i % width;
      const y = Math.floor(i / width);
      if ((x - cx) ** 2 + (y - cy) ** 2 <= radius ** 2) labels[i] = label;
    }
  }
  return { width, height, labels };
}

/** The code of the LaviError that `run` ends in, 'none' if it ends well; other errors pass through. */
export function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof LaviError) return error.code;
    throw error;
  }
  return 'none';
}
