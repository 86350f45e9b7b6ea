/** So much the newest photo counts against all before it. */
const NEWEST = 0.3;

/** How long saving takes here, from photos really saved, or from patches while there are none. */
export class Speed {
  #saved?: number | undefined;
  #patches?: number | undefined;

  /** Seconds; null until something was measured. */
  get perMegapixel(): number | null {
    return this.#saved ?? this.#patches ?? null;
  }

  saved(seconds: number, pixels: number): void {
    const now = seconds / (pixels / 1e6);
    this.#saved = this.#saved === undefined ? now : NEWEST * now + (1 - NEWEST) * this.#saved;
  }

  timed(secondsPerMegapixel: number): void {
    this.#patches = secondsPerMegapixel;
  }
}
