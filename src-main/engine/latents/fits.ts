import type { MixtureSettings } from '../../api/calls/contract';
import type { Photo } from '../../image/photo';
import { throwIfCancelled } from '../../jobs/queue';
import { type Colours, distinctColours } from '../../latents/colours';
import { Fit, type Step } from '../../latents/em';
import type { Inference } from '../../latents/evaluate';
import type { Mixture } from '../../latents/mixture';
import { quickFit } from '../../latents/photo-mixture';
import { pixelColours, placedPixels } from '../../latents/pixels';
import type { Points } from '../../latents/points';
import type { Picture } from '../../rda/transforms';
import { LruCache } from '../common/lru-cache';
import { atMost, type Pyramid } from '../common/opened';

/** Pictures of q are made at most this large. */
const SHOWN_SIDE = 640;
/** Where the place counts every pixel is a point of its own: so many of them, at most, a side. */
const POINTS_SIDE = 256;

/** A mixture at some half-step: its parameters, and what its q was inferred with. */
export interface Moment {
  steps: Step[];
  converged: boolean;
  mixture: Mixture;
  inference: Inference;
}

/** A photo's colours and the mixtures fitted to them last. */
export class PhotoFits {
  /** For pictures of q, and for points with a place. */
  readonly shown: Picture;
  readonly #small: Picture;
  readonly #fits = new LruCache<Fit>(6);
  #colours?: Colours;

  constructor(
    readonly photo: Photo,
    /** Names the file as it was when it was read. */
    readonly key: string,
    original: Pyramid,
  ) {
    this.shown = atMost(original, SHOWN_SIDE);
    this.#small = atMost(original, POINTS_SIDE);
  }

  get colours(): Colours {
    return (this.#colours ??= distinctColours(this.photo.rgb));
  }

  /** A mixture after so many half-steps. */
  async at(
    settings: MixtureSettings,
    half: number,
    signal: AbortSignal,
  ): Promise<{ fit: Fit; moment: Moment }> {
    const fit = await this.#fits.get(JSON.stringify(settings), async () => this.#begin(settings));
    while (fit.steps.length < half) {
      fit.next();
      // Cancelling arrives as a message: it needs a turn of the event loop.
      await new Promise(setImmediate);
      throwIfCancelled(signal);
    }
    const last = fit.steps[half - 1];
    const moment = {
      steps: fit.steps.slice(0, half),
      converged: fit.convergedAt(half),
      mixture: last?.mixture ?? fit.start,
      inference: last?.inference ?? { mixture: fit.start, hard: settings.method !== 'em' },
    };
    return { fit, moment };
  }

  #begin({ k, place, start, ...options }: MixtureSettings): Fit {
    if (place > 0) return new Fit(pixelsOf(this.#small, place), k, options);
    const { colours } = this;
    return start === 'sample' ? quickFit(colours, k, options) : new Fit(colours, k, options);
  }
}

/** Every pixel of a picture as a mixture of these settings sees it. */
export const pixelsOf = (picture: Picture, place: number): Points =>
  place > 0 ? placedPixels(picture, place) : pixelColours(picture);
