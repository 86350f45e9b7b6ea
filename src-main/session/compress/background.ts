import type { BaselineCodec, BaselinePoint, CurvePoint } from '../../api/calls/contract';
import type { Tune } from '../../api/choices';
import { baselineLadders, measuringOrder } from '../../api/formats';
import type { Engines } from '../engines';

/** The ends first, then halves: so that whatever is known covers the whole slider. */
const curveQualities = [50, 0, 100, 25, 75, 12, 88, 38, 62];

export interface Points<Point> {
  points: Point[];
  done: boolean;
  whole: boolean;
}

interface Progress<Point> {
  found: Points<Point>;
  /** What is still to be measured. */
  open: (() => Promise<{ point: Point; whole: boolean }>)[];
  running: boolean;
}

/**
 * The points of a photo's curves, measured one after the other while the photo is shown. What has
 * been measured is kept, so that coming back to a photo goes on where it was left.
 */
export class Background {
  readonly curve: Progress<CurvePoint>;
  readonly baselines: Progress<BaselinePoint>;

  constructor(
    /** Whose curves; `whole` measures all of a large photo, not patches. */
    { path, tune, whole }: { path: string; tune: Tune; whole: boolean },
    readonly engines: Engines,
    /** Resolves when nobody moves anything; nothing is begun before. */
    readonly rest: (signal: AbortSignal) => Promise<void> = async () => {},
  ) {
    this.curve = {
      found: { points: [], done: false, whole: true },
      open: curveQualities.map((quality) => async () => {
        const args = { file: path, quality, tune, whole };
        const found = await engines.main.run('curvePoint', args, this.#watch());
        const { bytes, bpp, psnr, msssim } = found;
        return { point: { quality: found.quality, bytes, bpp, psnr, msssim }, whole: found.whole };
      }),
      running: false,
    };
    const codecs = Object.keys(baselineLadders) as BaselineCodec[];
    this.baselines = {
      found: { points: [], done: false, whole: true },
      open: measuringOrder.flatMap((i) =>
        codecs.map((codec) => async () => {
          const args = { file: path, codec, setting: baselineLadders[codec][i]!, whole };
          const { whole: all, ...point } = await engines.charts.run(
            'baseline',
            args,
            this.#watch(),
          );
          return { point, whole: all };
        }),
      ),
      running: false,
    };
  }

  #controller = new AbortController();

  #watch() {
    return { signal: this.#controller.signal };
  }

  /** Measures what is missing; `tell` hears after each point. Ends quietly when stopped. */
  start<Point extends { bpp: number }>(
    progress: Progress<Point>,
    tell: (found: Points<Point>) => void,
  ): Points<Point> {
    if (!progress.running && !progress.found.done) {
      if (this.#controller.signal.aborted) this.#controller = new AbortController();
      progress.running = true;
      void this.#measure(progress, tell, this.#controller.signal).finally(() => {
        progress.running = false;
      });
    }
    return progress.found;
  }

  stop(): void {
    this.#controller.abort();
    if (this.baselines.running) this.engines.stopCharts();
  }

  async #measure<Point extends { bpp: number }>(
    progress: Progress<Point>,
    tell: (found: Points<Point>) => void,
    signal: AbortSignal,
  ): Promise<void> {
    for (let next = progress.open[0]; next; next = progress.open[0]) {
      try {
        await this.rest(signal);
        const { point, whole } = await next();
        const points = [...progress.found.points, point].sort((a, b) => a.bpp - b.bpp);
        progress.found = { points, done: progress.open.length === 1, whole };
      } catch {
        if (signal.aborted) return;
        // A point that cannot be had (a side too long for a codec) leaves a gap, nothing more.
        progress.found = { ...progress.found, done: progress.open.length === 1 };
      }
      progress.open.shift();
      if (signal.aborted) return;
      tell(progress.found);
    }
  }
}
