import PQueue from 'p-queue';
import { LaviError } from '../api/errors';

/** What a job is for, most urgent first: a higher lane's waiting jobs run before a lower one's. */
export const lanes = ['glimpse', 'preview', 'numbers', 'saving', 'chart'] as const;
export type Lane = (typeof lanes)[number];

/**
 * Runs jobs one at a time by lane, in order of arrival within a lane. One at a time, since one net
 * already uses every core: two jobs at once would take as long together and twice the memory.
 */
export class JobQueue {
  readonly #queue: PQueue;

  constructor({ concurrency = 1 }: { concurrency?: number } = {}) {
    this.#queue = new PQueue({ concurrency });
  }

  /**
   * Queues `work` and gives its result.
   *
   * @throws LaviError CANCELLED when the signal aborts before or while it runs; a waiting job is
   *   dropped at once, a running one when `work` heeds the signal.
   */
  async run<Result>(
    work: () => Promise<Result>,
    { lane = 'saving', signal }: { lane?: Lane; signal?: AbortSignal } = {},
  ): Promise<Result> {
    throwIfCancelled(signal);
    const priority = lanes.length - lanes.indexOf(lane);
    try {
      return await this.#queue.add(work, { priority, ...(signal && { signal }) });
    } catch (error) {
      // p-queue rejects with the signal's reason, whatever the caller of abort() made it.
      if (signal?.aborted && !(error instanceof LaviError)) throw cancelled();
      throw error;
    }
  }

  /** Waits until nothing is queued or running. */
  idle(): Promise<void> {
    return this.#queue.onIdle();
  }
}

export function cancelled(): LaviError {
  return new LaviError('CANCELLED', 'The work was cancelled.');
}

/** @throws LaviError CANCELLED if the signal has aborted. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelled();
}
