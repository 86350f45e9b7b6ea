import { type AnalysedPicture, type CodedPicture, decodedLatents } from './analysed';
import { contentBits } from './bits';
import { LATENT_PIXELS, type Tile, transformWindows } from './tiles';
import { type Checkpoint, cropLatents, type Latents, planar } from './transforms';

/** Times the latents are moved and quantised anew. */
const PASSES = 8;
/** How far they move each time toward where the picture's error is expected to be least. */
const SHARE = 0.3;
/** Where that is, in gradients from the decoded latents: the decoder answers a change of one latent with less than its size. */
const REACH = 1.5;
/** What an error is worth once the gradient has told what it does: less than before anything was decoded. */
const WORTH = 0.8;
/** Windows of the gradient net: it keeps every activation of its forward half. */
const CORE = 512;
const WHOLE = 768 * 768;

/**
 * Encoder-side refinement, which costs the decoder nothing: quantise, decode, look where the picture errs, move the
 * latents against the error and quantise again, with the hyper-latents as they were. Of all passes the one of least R + λ·D is kept, so it is never worse than none.
 */
export async function quantiseRefined(
  analysed: AnalysedPicture,
  quality: number,
  check: Checkpoint = () => {},
): Promise<CodedPicture> {
  const { model, picture, grid } = analysed;
  const { height, width } = analysed.latents;
  const targets: Latents = { data: analysed.latents.data.slice(), height, width };
  const worth = (model.quality.lambda(quality) * 255 ** 2) / 3;
  let best: { coded: CodedPicture; cost: number } | undefined;
  let last: CodedPicture | undefined;
  for (let pass = 0; pass <= PASSES; pass++) {
    const checkHere = (fraction: number) => check((pass + fraction) / (PASSES + 1));
    const coded: CodedPicture = last
      ? await analysed.requantise(last, targets, WORTH, checkHere)
      : await analysed.quantise(quality, checkHere);
    last = coded;
    const decoded = decodedLatents(model, coded, grid);
    const bits = contentBits(model, coded.tiles);
    let error = 0;
    const windows = transformWindows(grid.width, grid.height, CORE, WHOLE);
    for (const [i, { core, outer }] of windows.entries()) {
      checkHere(i / windows.length);
      const photo = planar(picture, outer);
      const weight = insideOf(picture, outer);
      const latents = cropLatents(decoded, outer);
      const size = { height: outer.height / LATENT_PIXELS, width: outer.width / LATENT_PIXELS };
      const point = model.quality.point(quality);
      const out = await model.errorGradient(latents, photo, weight, size, point);
      error += squaredError(out.picture, photo, weight, outer, core);
      moveTargets(targets, latents, out.gradient, outer, core);
    }
    const cost = bits.hyper + bits.latents + worth * error;
    if (!best || cost < best.cost) best = { coded, cost };
  }
  return best!.coded;
}

/** 1 for a window's pixels inside the picture, 0 for repeated edges. */
function insideOf(picture: { width: number; height: number }, window: Tile): Float32Array {
  const weight = new Float32Array(window.width * window.height);
  const right = Math.max(0, Math.min(window.width, picture.width - window.x));
  const bottom = Math.min(window.height, picture.height - window.y);
  for (let y = 0; y < bottom; y++) weight.fill(1, y * window.width, y * window.width + right);
  return weight;
}

/** Σ (clip(x̂) − x)² over the core of a window, all colours. */
function squaredError(
  decoded: Float32Array,
  photo: Float32Array,
  weight: Float32Array,
  outer: Tile,
  core: Tile,
): number {
  const area = outer.width * outer.height;
  let sum = 0;
  for (let y = core.y - outer.y; y < core.y - outer.y + core.height; y++) {
    const row = y * outer.width + core.x - outer.x;
    for (let at = row; at < row + core.width; at++) {
      if (weight[at] === 0) continue;
      for (let plane = at; plane < 3 * area; plane += area) {
        const value = Math.min(1, Math.max(0, decoded[plane]!));
        sum += (value - photo[plane]!) ** 2;
      }
    }
  }
  return sum;
}

/** Moves the targets of a window's core a share of the way to ŷ − REACH · gradient. */
function moveTargets(
  targets: Latents,
  decoded: Float32Array,
  gradient: Float32Array,
  outer: Tile,
  core: Tile,
): void {
  const inLatents = (pixels: number) => pixels / LATENT_PIXELS;
  const width = inLatents(outer.width);
  const area = width * inLatents(outer.height);
  const whole = targets.height * targets.width;
  const columns = inLatents(core.width);
  const left = inLatents(core.x - outer.x);
  const top = inLatents(core.y - outer.y);
  for (let c = 0; c * area < decoded.length; c++) {
    for (let y = 0; y < inLatents(core.height); y++) {
      const from = c * area + (top + y) * width + left;
      const to = c * whole + (inLatents(core.y) + y) * targets.width + inLatents(core.x);
      for (let x = 0; x < columns; x++) {
        const least = decoded[from + x]! - REACH * gradient[from + x]!;
        targets.data[to + x]! += SHARE * (least - targets.data[to + x]!);
      }
    }
  }
}
