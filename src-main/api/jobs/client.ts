import { toLaviError, valueOf } from '../channel/answer';
import type { ClientChannel, Transport } from '../channel/channel';
import { openChannel } from '../channel/channel';
import type { Done, EngineContract, JobInput, JobKind, JobResult } from './contract';
import { engineContract, jobKinds } from './contract';
import { LaviError } from '../errors';

export interface RunOptions {
  signal?: AbortSignal;
  /** Called with fractions 0…1 that never fall. */
  onProgress?: (fraction: number) => void;
}

/** A job's id and kind. */
export interface JobName {
  job: string;
  kind: JobKind;
}

interface PendingJob {
  kind: JobKind;
  onProgress?: ((fraction: number) => void) | undefined;
  settle: (answer: Done['answer'] | LaviError) => void;
}

/** Jobs as promises, over any transport. */
export class EngineClient {
  readonly #channel: ClientChannel<EngineContract>;
  readonly #pending = new Map<string, PendingJob>();
  #closed?: LaviError;

  /**
   * @param onRefused is called with messages that were no calls
   * @param onFailed is called with each job that failed (not with cancelled ones)
   */
  constructor(
    transport: Transport,
    onRefused?: (error: LaviError) => void,
    readonly onFailed?: (job: JobName, error: LaviError) => void,
  ) {
    this.#channel = openChannel(
      engineContract,
      transport,
      {
        progress: ({ job, fraction }) => this.#pending.get(job)?.onProgress?.(fraction),
        done: ({ job, answer }) => this.#pending.get(job)?.settle(answer),
      },
      onRefused,
    );
  }

  /** Jobs that have not ended yet. */
  get inFlight(): number {
    return this.#pending.size;
  }

  /** Their ids and kinds. */
  get jobs(): JobName[] {
    return [...this.#pending].map(([job, { kind }]) => ({ job, kind }));
  }

  /**
   * Starts a job and waits for its end. Aborting the signal asks the engine to cancel; the promise
   * then rejects once the engine confirms, so that no half-written file is left behind unseen.
   *
   * @throws LaviError as the engine answered; CANCELLED; or what the client was closed with.
   */
  async run<Kind extends JobKind>(
    kind: Kind,
    args: JobInput<Kind>,
    { signal, onProgress }: RunOptions = {},
  ): Promise<JobResult<Kind>> {
    if (this.#closed) throw this.#closed;
    if (signal?.aborted) throw new LaviError('CANCELLED', 'The work was cancelled.');
    const job = crypto.randomUUID();
    const cancel = () => {
      // A channel that is gone ends the job by itself.
      this.#channel.call('cancel', { job }).catch(() => {});
    };
    try {
      const answer = await new Promise<Done['answer']>((resolve, reject) => {
        this.#pending.set(job, {
          kind,
          onProgress,
          settle: (end) => (end instanceof LaviError ? reject(end) : resolve(end)),
        });
        signal?.addEventListener('abort', cancel, { once: true });
        this.#channel.call('start', { job, kind, args }).catch(reject);
      });
      const result = jobKinds[kind].result.safeParse(valueOf(answer));
      if (!result.success) {
        throw new LaviError('INTERNAL', `The engine's result of "${kind}" was not understood.`);
      }
      return result.data as JobResult<Kind>;
    } catch (error) {
      const failure = toLaviError(error);
      if (failure.code !== 'CANCELLED') this.onFailed?.({ job, kind }, failure);
      throw failure;
    } finally {
      signal?.removeEventListener('abort', cancel);
      this.#pending.delete(job);
    }
  }

  /** Ends every job in flight, and every later one, with `error`. */
  close(error: LaviError): void {
    this.#closed ??= error;
    this.#channel.close(error);
    for (const { settle } of [...this.#pending.values()]) settle(error);
  }
}
