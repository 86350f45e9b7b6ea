import type { BaselineSetting } from '../../src-main/image/baselines';

/** Qualities of our codec, 0…100. Fixed, so that curves of different days compare. */
export const lavi = [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100];

const jpeg = [5, 10, 20, 30, 40, 50, 60, 70, 80, 85, 90, 95, 98];
const webp = [1, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 98];
const avif = [5, 15, 25, 35, 45, 55, 65, 75, 83, 90, 95, 98];

/** The curves to compare with, by name. `avifEffort` adds AVIF at that effort to the usual 4. */
export function baselineLadders(avifEffort?: number): Record<string, BaselineSetting[]> {
  const ladders: Record<string, BaselineSetting[]> = {
    mozjpeg: jpeg.map((quality) => ({ codec: 'jpeg', quality })),
    'webp-e6': webp.map((quality) => ({ codec: 'webp', quality, effort: 6 })),
  };
  for (const effort of new Set([4, avifEffort ?? 4])) {
    for (const chroma of ['4:2:0', '4:4:4'] as const) {
      ladders[`avif-e${effort}-${chroma.replaceAll(':', '')}`] = avif.map((quality) => ({
        codec: 'avif',
        quality,
        effort,
        chroma,
      }));
    }
  }
  return ladders;
}
