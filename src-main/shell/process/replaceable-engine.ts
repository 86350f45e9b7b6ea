import type { RunOptions } from '../../api/jobs/client';
import type { JobInput, JobKind, JobResult } from '../../api/jobs/contract';
import type { EngineRunner } from '../../session/engines';
import type { EngineProcess } from './launch';

/**
 * One engine for all who use it, whose process can be replaced: jobs that start after `replace` run in a
 * process with other options, those under way end in the old one, which then stops.
 */
export class ReplaceableEngine implements EngineRunner {
  #current: EngineProcess | undefined;
  /** Who keeps the process from being stopped as idle, each with the release of its hold. */
  readonly #holds = new Map<symbol, () => void>();

  /** @param launch makes an engine with the options of now */
  constructor(readonly launch: () => EngineProcess) {}

  /** The process id while one is running. */
  get pid(): number | undefined {
    return this.#current?.pid;
  }

  /** @throws LaviError as `EngineProcess.run` does */
  run<Kind extends JobKind>(
    kind: Kind,
    args: JobInput<Kind>,
    options?: RunOptions,
  ): Promise<JobResult<Kind>> {
    return this.#engine().run(kind, args, options);
  }

  hold(): () => void {
    const holder = Symbol();
    this.#holds.set(holder, this.#engine().hold());
    return () => {
      this.#holds.get(holder)?.();
      this.#holds.delete(holder);
    };
  }

  /** Holds move to the new process. */
  replace(): void {
    const old = this.#current;
    if (!old) return;
    this.#current = undefined;
    for (const [holder, release] of this.#holds) {
      this.#holds.set(holder, this.#engine().hold());
      release();
    }
    old.retire();
  }

  #engine(): EngineProcess {
    return (this.#current ??= this.launch());
  }
}
