import { answerOf, parseOrRefuse } from '../../api/channel/answer';
import type { ServerChannel, Transport } from '../../api/channel/channel';
import { serveChannel } from '../../api/channel/channel';
import type { EngineContract, JobArgs, JobKind } from '../../api/jobs/contract';
import { engineContract, jobKinds } from '../../api/jobs/contract';
import { LaviError } from '../../api/errors';
import type { JobRunner } from '../../engine/engine';
import { steadyProgress } from '../../jobs/progress';

export interface Server {
  /** Cancels every job and stops listening; resolves once all have ended. */
  close(): Promise<void>;
}

/** Serves an engine to one shell over `transport`. */
export function serveEngine(
  transport: Transport,
  engine: JobRunner,
  onRefused?: (error: LaviError) => void,
): Server {
  const running = new Map<string, { controller: AbortController; ended: Promise<void> }>();

  const channel: ServerChannel<EngineContract> = serveChannel(
    engineContract,
    transport,
    {
      start({ job, kind, args }) {
        if (running.has(job)) {
          throw new LaviError('BAD_REQUEST', `A job with the id "${job}" is running already.`);
        }
        const parsed = parseOrRefuse(jobKinds[kind].args, args ?? {}, `The job "${kind}"`);
        const controller = new AbortController();
        const ended = perform(job, kind, parsed, controller.signal);
        running.set(job, { controller, ended });
        return { job };
      },
      cancel({ job }) {
        const found = running.get(job);
        found?.controller.abort();
        return { cancelled: found !== undefined };
      },
    },
    onRefused,
  );

  async function perform<Kind extends JobKind>(
    job: string,
    kind: Kind,
    args: JobArgs<Kind>,
    signal: AbortSignal,
  ): Promise<void> {
    const onProgress = steadyProgress((fraction) => channel.emit('progress', { job, fraction }));
    const answer = await answerOf(async () =>
      jobKinds[kind].result.parse(await engine.run(kind, args, { signal, onProgress })),
    );
    running.delete(job);
    channel.emit('done', { job, answer });
  }

  return {
    async close() {
      const jobs = [...running.values()];
      for (const { controller } of jobs) controller.abort();
      await Promise.all(jobs.map(({ ended }) => ended));
      channel.close();
    },
  };
}
