import { LaviError } from '../api/errors';
import { mse, psnr } from '../image/metrics';
import { type AnalysedPicture, type CodedPicture, reconstruct } from './analysed';
import { search } from './rate-control';
import type { Tile } from './tiles';
import { type Checkpoint, cropPicture } from './transforms';

/** What the size or the picture should be; exactly one. */
export type RateTarget =
  | { kind: 'quality'; value: number }
  | { kind: 'bpp'; value: number }
  | { kind: 'bytes'; value: number }
  | { kind: 'psnr'; value: number };

/** Bytes may miss their target by 1 %, PSNR by 0.05 dB; half of each is aimed at. */
const BYTES_SHARE = 0.01;
const DECIBELS = 0.05;

/**
 * The symbols of a photo at the quality that meets a target, measured on whole files or decoded pixels.
 * `bytes` is never exceeded. `spent` is told the milliseconds that went into measuring PSNR.
 * Error: TARGET_UNREACHABLE.
 */
export async function meetTarget(
  analysed: AnalysedPicture,
  target: RateTarget,
  write: (coded: CodedPicture) => Uint8Array,
  check: Checkpoint,
  spent: (ms: number) => void,
): Promise<CodedPicture> {
  const { quality: scale } = analysed.model;
  const last = scale.last;
  if (target.kind === 'quality') return analysed.quantise(scale.fromPercent(target.value), check);
  const { width, height } = analysed.picture;
  let kept: CodedPicture | undefined;
  const coded = async (quality: number) =>
    kept?.quality === quality ? kept : (kept = await analysed.quantise(quality, check));
  if (target.kind === 'psnr') return meetPsnr(analysed, target.value, coded, check, spent);
  const bytes = target.kind === 'bytes' ? target.value : (target.value * width * height) / 8;
  const size = async (quality: number) => write(await coded(quality)).length;
  const above = target.kind === 'bytes' ? 0 : bytes * BYTES_SHARE;
  const goal = { last, target: bytes, below: bytes * BYTES_SHARE, above, unit: 'bytes' };
  return coded((await search(size, goal)).quality);
}

/** Photos of more tiles than this are searched on a sample of them. */
const SAMPLE_FROM = 4;
const SAMPLE = 3;
/** Corrections of the sample's offset before the search goes on with the whole photo. */
const CORRECTIONS = 3;

/** Meets a PSNR measured on all decoded pixels; large photos search on spread tiles and correct their offset on the whole. */
async function meetPsnr(
  analysed: AnalysedPicture,
  target: number,
  coded: (quality: number) => Promise<CodedPicture>,
  check: Checkpoint,
  spent: (ms: number) => void,
): Promise<CodedPicture> {
  const { model, picture, grid } = analysed;
  const goal = { last: model.quality.last, below: DECIBELS, above: DECIBELS, unit: 'dB' };
  const whole = async (quality: number) => {
    const symbols = await coded(quality);
    const began = performance.now();
    const { rgb } = await reconstruct(model, symbols, grid, picture, check);
    const value = psnr(mse(picture.rgb, rgb));
    spent(performance.now() - began);
    return value;
  };
  if (grid.tiles.length > SAMPLE_FROM) {
    const every = Math.floor(grid.tiles.length / SAMPLE);
    const tiles = grid.tiles.filter((_, i) => i % every === every >> 1);
    const onSample = (quality: number) => samplePsnr(analysed, tiles, quality, check);
    let aim = target;
    for (let n = 0; n < CORRECTIONS; n++) {
      let found;
      try {
        found = await search(onSample, { ...goal, target: aim, below: 0.02, above: 0.02 });
      } catch (error) {
        if (error instanceof LaviError && error.code === 'TARGET_UNREACHABLE') break;
        throw error;
      }
      const value = await whole(found.quality);
      if (Math.abs(value - target) <= DECIBELS) return coded(found.quality);
      aim += target - value;
    }
  }
  return coded((await search(whole, { ...goal, target })).quality);
}

/** PSNR over some tiles alone, each decoded as a picture of its own. */
async function samplePsnr(
  analysed: AnalysedPicture,
  tiles: readonly Tile[],
  quality: number,
  check: Checkpoint,
): Promise<number> {
  const { model, picture } = analysed;
  const coded = await analysed.quantise(quality, check, tiles);
  let error = 0;
  let samples = 0;
  for (const [i, tile] of tiles.entries()) {
    const part = cropPicture(picture, tile);
    const one = { quality, tiles: [coded.tiles[i]!] };
    const alone = { ...tile, x: 0, y: 0 };
    const grid = { width: tile.width, height: tile.height, tiles: [alone] };
    const { rgb } = await reconstruct(model, one, grid, part, check);
    error += mse(part.rgb, rgb) * rgb.length;
    samples += rgb.length;
  }
  return psnr(error / samples);
}
