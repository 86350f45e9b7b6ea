import { LaviError } from '../api/errors';
import { mse, psnr } from '../image/metrics';
import { type AnalysedPicture, type CodedPicture, reconstruct } from './analysed';
import { search } from './rate-control';
import { quantiseRefined } from './refine';
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

/** `best` refines what is coded at each quality (refine.ts): slower by about ten decodes, the same file format. */
export type Effort = 'default' | 'best';

/** Aims tried before the nearest one is taken: refined files differ a little from plain ones of their quality. */
const AIMS = 6;

/**
 * The symbols of a photo at the quality that meets a target at best effort: qualities are searched without refinement,
 * and the aim is corrected by how far the refined file lies from the target. Errors as `meetTarget`.
 */
export async function meetRefined(
  analysed: AnalysedPicture,
  target: RateTarget,
  write: (coded: CodedPicture) => Uint8Array,
  check: Checkpoint,
  spent: (ms: number) => void,
): Promise<CodedPicture> {
  const plain = (aim: RateTarget) => meetTarget(analysed, aim, write, check, spent);
  const refined = (coded: CodedPicture) => quantiseRefined(analysed, coded.quality, check);
  if (target.kind === 'quality')
    return quantiseRefined(analysed, qualityOf(analysed, target), check);
  const { width, height } = analysed.picture;
  const goal = target.kind === 'bpp' ? (target.value * width * height) / 8 : target.value;
  const decibels = target.kind === 'psnr';
  let best: { coded: CodedPicture; miss: number } | undefined;
  let aim = goal;
  for (let n = 0; n < AIMS; n++) {
    const rounded = target.kind === 'bytes' ? Math.floor(aim) : aim;
    const kind = target.kind === 'bpp' ? 'bytes' : target.kind;
    let coded: CodedPicture;
    try {
      coded = await refined(await plain({ kind, value: rounded }));
    } catch (error) {
      // An aim corrected past what the photo spans: the best so far stands.
      if (best && error instanceof LaviError && error.code === 'TARGET_UNREACHABLE') break;
      throw error;
    }
    const value = decibels ? await wholePsnr(analysed, coded, check, spent) : write(coded).length;
    const over = target.kind === 'bytes' && value > goal;
    const miss = decibels
      ? Math.abs(value - goal) / DECIBELS
      : Math.abs(value - goal) / (goal * BYTES_SHARE);
    if (!over && (!best || miss < best.miss)) best = { coded, miss };
    if (best && best.miss <= 1) break;
    aim = decibels ? aim + goal - value : aim * (goal / value) * (over ? 0.998 : 1);
  }
  if (best) return best.coded;
  throw new LaviError(
    'TARGET_UNREACHABLE',
    `Expected at most ${goal} bytes; no refined file of this photo is that small.`,
    { unit: 'bytes' },
  );
}

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
  const { last } = analysed.model.quality;
  if (target.kind === 'quality') return analysed.quantise(qualityOf(analysed, target), check);
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

function qualityOf(analysed: AnalysedPicture, target: RateTarget & { kind: 'quality' }): number {
  return analysed.model.quality.fromPercent(target.value);
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
  const { model, grid } = analysed;
  const goal = { last: model.quality.last, below: DECIBELS, above: DECIBELS, unit: 'dB' };
  const whole = async (quality: number) => wholePsnr(analysed, await coded(quality), check, spent);
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

/** PSNR of all decoded pixels. */
async function wholePsnr(
  { model, picture, grid }: AnalysedPicture,
  coded: CodedPicture,
  check: Checkpoint,
  spent: (ms: number) => void,
): Promise<number> {
  const began = performance.now();
  const { rgb } = await reconstruct(model, coded, grid, picture, check);
  const value = psnr(mse(picture.rgb, rgb));
  spent(performance.now() - began);
  return value;
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
