import type { RunOptions } from '../../src-main/api/jobs/client';
import type { JobInput, JobKind } from '../../src-main/api/jobs/contract';
import { jobKinds } from '../../src-main/api/jobs/contract';
import type { Engines } from '../../src-main/session/engines';
import { Engine } from '../../src-main/engine/engine';

/** Engines of this process: every one with memory of its own, as the real ones. */
export function oneProcess(modelsDir: string): Engines {
  const runner = () => {
    const engine = new Engine({ modelsDir });
    return {
      run: <Kind extends JobKind>(kind: Kind, args: JobInput<Kind>, options: RunOptions = {}) =>
        engine.run(kind, jobKinds[kind].args.parse(args) as never, {
          signal: options.signal ?? new AbortController().signal,
          onProgress: options.onProgress ?? (() => {}),
        }),
      hold: () => () => {},
    };
  };
  return {
    ...{ main: runner(), pixels: runner(), numbers: runner(), charts: runner() },
    stopCharts: () => {},
    configure: () => {},
    close: async () => {},
  };
}
