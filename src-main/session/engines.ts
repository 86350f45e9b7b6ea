import type { RunOptions } from '../api/jobs/client';
import type { JobInput, JobKind, JobResult, ProviderChoice } from '../api/jobs/contract';

/** What runs jobs: the engine's process, or a test's stand-in. */
export interface EngineRunner {
  run<Kind extends JobKind>(
    kind: Kind,
    args: JobInput<Kind>,
    options?: RunOptions,
  ): Promise<JobResult<Kind>>;
  /** Keeps the process from being stopped as idle, until released. */
  hold(): () => void;
}

/** The processes that work for the session. */
export interface Engines {
  /** Runs nets. One blocks its process while it computes, and all who wait for something else there. */
  readonly main: EngineRunner;
  /** Reads and cuts pictures without nets, and so at once. */
  readonly pixels: EngineRunner;
  /** Counts and searches without nets, for seconds at a time. */
  readonly numbers: EngineRunner;
  /** Runs other codecs for charts, which cannot be stopped otherwise than with their process. */
  readonly charts: EngineRunner;
  /** Ends whatever `charts` is doing. */
  stopCharts(): void;
  /** Later jobs run with these; those under way end as they began. */
  configure(options: { provider: ProviderChoice; threads: number | null }): void;
  close(): Promise<void>;
}
