import type { ColourPoint, ColourScene, ColourScore, Colouring } from '../../api/calls/contract';
import { toLab } from '../../image/lab';
import { LaviError } from '../../api/errors';
import type { Colorizer, Colouring as Coloured } from '../../colorize/colorizer';
import { cellCount, chromaOf } from '../../colorize/frame';
import { labelPalette } from '../../colorize/label-map';
import type { Labels, Scene } from '../../colorize/model';
import type { Posterior } from '../../colorize/posterior';
import { confidence } from '../../colorize/sampling';
import { LruCache } from '../common/lru-cache';
import type { OpenedPhoto } from '../common/opened';
import { levelsOf } from '../common/opened';

/** So many colourings of a photo are remembered: any can be made again. */
const KEPT = 24;

/** Cells so near to a changed one may change with it. */
const NEAR = 2;

/** A photo whose chroma spreads less, in units of a and b, is grey or toned all over. */
const LEAST_SPREAD = 2;

/** Root of the mean squared distance of interleaved (a, b) from their mean. */
function spread(chroma: Float32Array): number {
  const count = chroma.length / 2;
  let variance = 0;
  for (const c of [0, 1]) {
    let sum = 0;
    let squares = 0;
    for (let i = c; i < chroma.length; i += 2) {
      sum += chroma[i]!;
      squares += chroma[i]! ** 2;
    }
    variance += squares / count - (sum / count) ** 2;
  }
  return Math.sqrt(Math.max(0, variance));
}

function* around(cell: number, columns: number, count: number): Generator<number> {
  const column = cell % columns;
  for (let dy = -NEAR; dy <= NEAR; dy++) {
    for (let dx = -NEAR; dx <= NEAR; dx++) {
      const at = cell + dy * columns + dx;
      const isBeside = column + dx >= 0 && column + dx < columns;
      if (isBeside && at >= 0 && at < count) yield at;
    }
  }
}

/** A colour point's chroma. */
function inLab({ x, y, colour }: ColourPoint) {
  const lab = new Float64Array(3);
  const [red, green, blue] = Buffer.from(colour.slice(1), 'hex');
  toLab(red!, green!, blue!, lab, 0);
  return { x, y, a: lab[1]!, b: lab[2]! };
}

/** A photo as the colorizer sees it, and the colourings made of it last. */
export class ColouredPhoto {
  readonly #made = new LruCache<Coloured>(KEPT);
  readonly #score = new LruCache<ColourScore | null>(1);

  private constructor(
    readonly opened: OpenedPhoto,
    readonly colorizer: Colorizer,
    readonly scene: Scene,
    readonly posterior: Posterior,
  ) {}

  static async of(opened: OpenedPhoto, colorizer: Colorizer): Promise<ColouredPhoto> {
    const scene = await colorizer.scene(opened.photo);
    const { posterior } = await colorizer.regions(scene);
    return new ColouredPhoto(opened, colorizer, scene, posterior);
  }

  describe(): ColourScene {
    const { model } = this.colorizer;
    const { width, height } = this.opened.photo;
    const { columns, rows } = this.scene.frame;
    const palette = labelPalette(model.manifest);
    const { classes } = model.manifest;
    return {
      ...{ model: model.manifest.id, width, height, levels: levelsOf(this.opened.photo) },
      ...{ columns, rows },
      labels: model.manifest.labels.map(({ name, class: of }, i) => ({
        name,
        ...(of > 0 && classes[of] !== undefined && { class: classes[of] }),
        colour: `#${Buffer.from(palette.subarray(4 * i, 4 * i + 3)).toString('hex')}`,
      })),
      segments: [...this.posterior.fine.of],
      segmentColumns: this.posterior.width,
      confidence: [...confidence(model, this.scene)].map((p) => Math.round(1000 * p) / 1000),
    };
  }

  /** @throws LaviError CANCELLED; BAD_REQUEST for cells or labels that are not there */
  colouring(wanted: Colouring, signal: AbortSignal): Promise<Coloured> {
    const { seed, temperature, draw, held, regions, points, follow } = wanted;
    for (const [cell] of held) this.check(cell);
    for (const [segment] of regions) this.checkSegment(segment);
    return this.#made.get(JSON.stringify(wanted), async () => {
      const clamped = held.length > 0 ? await this.#clamped(wanted, signal) : undefined;
      return this.colorizer.colour(this.scene, {
        ...{
          seed,
          temperature,
          draw,
          held: regions,
          points: points.map(inLab),
          follow: follow === 'all',
          signal,
        },
        ...(clamped && { clamped }),
      });
    });
  }

  /** What the photo's own colours cost, looked for once; null where it is grey. Errors as in `colouring`. */
  score(signal: AbortSignal): Promise<ColourScore | null> {
    return this.#score.get('score', async () => {
      const { photo } = this.opened;
      if (spread(chromaOf(photo, this.scene.frame)) < LEAST_SPREAD) return null;
      const found = await this.colorizer.score(this.scene, photo, { signal });
      return { bitsPerSample: found.bitsPerSample, ...found.baselines };
    });
  }

  /** Held cells, and beside them what the seed alone has drawn, but for cells that are to follow. */
  async #clamped({ held, follow, ...rest }: Colouring, signal: AbortSignal): Promise<Labels> {
    const { columns } = this.scene.frame;
    const count = cellCount(this.scene.frame);
    const clamped: Labels = new Int16Array(count).fill(-1);
    if (follow === 'near' && rest.draw === 'model') {
      const { labels } = await this.colouring({ ...rest, follow, held: [] }, signal);
      clamped.set(labels);
      const changed = held.filter(([cell, label]) => labels[cell] !== label);
      for (const [cell] of changed)
        for (const one of around(cell, columns, count)) clamped[one] = -1;
    }
    for (const [cell, label] of held) clamped[cell] = label;
    return clamped;
  }

  /** @throws LaviError BAD_REQUEST */
  checkSegment(segment: number): void {
    const { count } = this.posterior.fine;
    if (segment < count) return;
    throw new LaviError('BAD_REQUEST', `Expected one of ${count} segments and found ${segment}.`);
  }

  /** @throws LaviError BAD_REQUEST */
  check(cell: number): void {
    const count = cellCount(this.scene.frame);
    if (cell < count) return;
    throw new LaviError('BAD_REQUEST', `Expected one of ${count} cells and found ${cell}.`);
  }
}
