import type { JobArgs, JobKind, JobResult } from '../../api/jobs/contract';
import { LaviError } from '../../api/errors';
import type { ProgressListener } from '../../jobs/progress';

/** What a job is told beside its arguments. */
export interface JobContext {
  signal: AbortSignal;
  /** Takes fractions 0…1 that never fall. */
  onProgress: ProgressListener;
}

/** Does one kind of job. It needs no more of the context than it names. */
export type JobHandler<Kind extends JobKind, Context = JobContext> = (
  args: JobArgs<Kind>,
  context: Context,
) => Promise<JobResult<Kind>>;

/** One handler for each of some kinds. */
export type JobHandlers<Kinds extends JobKind = JobKind, Context = JobContext> = {
  [Kind in Kinds]: JobHandler<Kind, Context>;
};

/**
 * A handler that goes on where another job's end disturbs it: jobs share what is being computed, and where
 * the job that began it was cancelled, the next one that waits for it begins it anew.
 */
export function undisturbed<Kind extends JobKind>(handle: JobHandler<Kind>): JobHandler<Kind> {
  return async (args, context) => {
    for (;;) {
      try {
        return await handle(args, context);
      } catch (error) {
        const disturbed = error instanceof LaviError && error.code === 'CANCELLED';
        if (!disturbed || context.signal.aborted) throw error;
      }
    }
  };
}
