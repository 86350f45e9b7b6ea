import { availableParallelism } from 'node:os';
import type { Engines } from '../../session/engines';
import type { Log } from '../../session/log';
import { EngineProcess } from './launch';
import type { EngineCrash } from './launch';
import { ReplaceableEngine } from './replaceable-engine';

export interface EngineProcessesOptions {
  /** The worker's script and the models' folder. */
  script: string;
  modelsDir: string;
  /** The Node binary that runs it; this process's own when left out. */
  node?: string;
  onCrash: (crash: EngineCrash) => void;
  log?: Log | undefined;
}

/**
 * Threads of nets where people have not chosen: one core is kept free for the window and everything
 * else. See docs/decisions/0032-net-threads.md.
 */
export function automaticThreads(cores = availableParallelism()): number {
  return Math.max(1, cores - 1);
}

/** The lowest priority there is: charts take only what nobody else wants. */
const POLITE = 19;

/**
 * Four processes of one engine. A net blocks its process while it runs, so pictures that need no net
 * come from a second one; what counts for seconds (label maps) has another; other codecs' encoders can be stopped only with their process, so they have
 * a polite one of their own.
 */
export function engineProcesses({
  script,
  modelsDir,
  node,
  onCrash,
  log,
}: EngineProcessesOptions): Engines {
  let pixels: EngineProcess | undefined;
  let numbers: EngineProcess | undefined;
  let charts: EngineProcess | undefined;
  let args: string[] = [JSON.stringify({ modelsDir })];
  const stopping = new Set<Promise<void>>();
  const all = new Set<EngineProcess>();

  const launch = (
    name: 'nets' | 'pixels' | 'numbers' | 'charts',
    options: { priority?: number; onCrash?: (crash: EngineCrash) => void },
  ) => {
    const write: Log['write'] = (event, fields) => log?.write(event, { engine: name, ...fields });
    const engine = new EngineProcess({ script, args, ...(node && { node }), write, ...options });
    all.add(engine);
    return engine;
  };

  const main = new ReplaceableEngine(() => launch('nets', { onCrash }));

  return {
    main,
    get pixels() {
      return (pixels ??= launch('pixels', { onCrash }));
    },
    get numbers() {
      return (numbers ??= launch('numbers', { onCrash }));
    },
    get charts() {
      return (charts ??= launch('charts', { priority: POLITE }));
    },
    stopCharts() {
      const old = charts;
      charts = undefined;
      if (!old) return;
      all.delete(old);
      const stopped = old.stop().finally(() => stopping.delete(stopped));
      stopping.add(stopped);
    },
    configure({ provider, threads }) {
      args = [JSON.stringify({ modelsDir, provider, threads: threads ?? automaticThreads() })];
      main.replace();
    },
    async close() {
      await Promise.all([...[...all].map((engine) => engine.stop()), ...stopping]);
    },
  };
}
