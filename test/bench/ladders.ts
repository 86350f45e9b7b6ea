import type { BaselineSetting } from '../../src-main/image/baselines';
import type { JxlSetting } from './jxl';

/** One setting of a codec beside ours. */
export type OtherSetting = BaselineSetting | JxlSetting;

/** What a table of BD-rates measures distortion in. */
export type Distortion = 'psnr' | 'msssim' | 'ssimulacra2';

/** What AVIF is tuned for where a table measures this. */
export const avifTune = { psnr: 'psnr', msssim: 'ssim', ssimulacra2: 'iq' } as const;

/** Qualities of our codec, 0…100. Fixed, so that curves of different days compare. */
export const lavi = [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100];

const jpeg = [5, 10, 20, 30, 40, 50, 60, 70, 80, 85, 90, 95, 98];
const webp = [1, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 98];
const avif = [5, 15, 25, 35, 45, 55, 65, 75, 83, 90, 95, 98];
const jxl = [10, 20, 30, 40, 50, 60, 70, 80, 86, 91, 95];

/** The curves to compare with, by name; AVIF's say what it is tuned for. `avifEffort` adds AVIF at that effort to the usual 4. */
export function otherLadders(avifEffort?: number): Record<string, OtherSetting[]> {
  const ladders: Record<string, OtherSetting[]> = {
    mozjpeg: jpeg.map((quality) => ({ codec: 'jpeg', quality })),
    'webp-e6': webp.map((quality) => ({ codec: 'webp', quality, effort: 6 })),
    'jxl-e7': jxl.map((quality) => ({ codec: 'jxl', quality, effort: 7 })),
  };
  for (const effort of new Set([4, avifEffort ?? 4])) {
    for (const tune of Object.values(avifTune)) {
      for (const chroma of ['4:2:0', '4:4:4'] as const) {
        const name = `avif-e${effort}-${chroma.replaceAll(':', '')}-${tune}`;
        ladders[name] = avif.map((quality) => ({ codec: 'avif', quality, effort, chroma, tune }));
      }
    }
  }
  return ladders;
}

/** Whether a curve stands in a table of this distortion: AVIF with the tune that fits it, every other codec always. */
export function belongs(name: string, distortion: Distortion): boolean {
  return !name.startsWith('avif-') || name.endsWith(`-${avifTune[distortion]}`);
}
