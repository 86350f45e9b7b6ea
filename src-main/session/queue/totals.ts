import type { QueueState } from '../../api/calls/contract';

/** Runs while work is being done: a batch that is paused takes no time. */
export class Stopwatch {
  #ran = 0;
  #since?: number | undefined;

  constructor(readonly now: () => number = () => performance.now()) {}

  start(): void {
    this.#since ??= this.now();
  }

  stop(): void {
    this.#ran = this.seconds * 1000;
    this.#since = undefined;
  }

  get seconds(): number {
    return (this.#ran + (this.#since === undefined ? 0 : this.now() - this.#since)) / 1000;
  }
}

/** What has become of a batch's files so far. */
export class Totals {
  total = 0;
  saved = 0;
  readonly failed = new Set<string>();
  originalBytes = 0;
  bytes = 0;
  verified = true;
  readonly watch: Stopwatch;
  #weight = 0;
  #doneWeight = 0;

  constructor(now?: () => number) {
    this.watch = new Stopwatch(now);
  }

  add(id: string, weight: number): void {
    // One that failed and is tried again was counted before.
    if (!this.failed.delete(id)) this.total++;
    this.#weight += weight;
  }

  /** The batch is smaller by a file. */
  forget(weight: number): void {
    this.total--;
    this.#weight -= weight;
  }

  succeed(
    weight: number,
    result: { originalBytes: number; bytes: number; format?: string | undefined },
  ): void {
    if (result.format) this.verified = false;
    this.saved++;
    this.originalBytes += result.originalBytes;
    this.bytes += result.bytes;
    this.#doneWeight += weight;
  }

  fail(id: string, weight: number): void {
    this.failed.add(id);
    this.#doneWeight += weight;
  }

  /** @param current weight of what is done of the file under way */
  state(state: QueueState['state'], current: number): Omit<QueueState, 'secondsPerMegapixel'> {
    const { total, saved, failed, originalBytes, bytes, verified, watch } = this;
    const done = this.#doneWeight + current;
    const fraction = this.#weight > 0 ? Math.min(1, done / this.#weight) : 0;
    const known = state === 'running' && fraction > 0.01;
    const secondsLeft = known ? watch.seconds * (1 / fraction - 1) : null;
    const counts = { total, saved, failed: [...failed], originalBytes, bytes, verified };
    return { state, ...counts, fraction, secondsLeft };
  }
}
