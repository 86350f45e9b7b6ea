import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { setPriority } from 'node:os';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobName, RunOptions } from '../../api/jobs/client';
import { EngineClient } from '../../api/jobs/client';
import type { JobInput, JobKind, JobResult } from '../../api/jobs/contract';
import { LaviError } from '../../api/errors';
import { throwIfCancelled } from '../../jobs/queue';
import type { Log } from '../../session/log';
import { processTransport } from './transport';

export interface LaunchOptions {
  /** The worker's script. */
  script: string;
  /** Its arguments. */
  args?: string[];
  /** The Node binary to run it with; this process's own when left out. */
  node?: string;
  /** Milliseconds without a job or a hold after which the engine's process is stopped. */
  idleMs?: number;
  /** Milliseconds to wait before the first restart after a crash; doubles up to `maxBackOffMs`. */
  backOffMs?: number;
  maxBackOffMs?: number;
  /** The process's priority, −20 (most urgent) to 19; the shell's own when left out. */
  priority?: number;
  /** Hears of every crash: part of the interface, so that a shell can show and count them. */
  onCrash?: (crash: EngineCrash) => void;
  /** Writes down starts, ends and failed jobs. */
  write?: Log['write'];
}

export interface EngineCrash {
  pid: number | undefined;
  exitCode: number | null;
  signal: string | null;
  /** The last lines the process wrote on stderr. */
  lastWords: string;
  /** Jobs that ended with it. */
  jobs: JobName[];
}

interface Running {
  child: ChildProcess;
  client: EngineClient;
}

const lastWordsLength = 2000;

/**
 * The engine as a child process: started when a job comes, stopped when idle, started again with
 * back-off after a crash. Jobs in flight at a crash end with ENGINE_CRASHED; later ones run.
 */
export class EngineProcess {
  readonly #options: Required<Pick<LaunchOptions, 'idleMs' | 'backOffMs' | 'maxBackOffMs'>> &
    LaunchOptions;
  #running?: Running | undefined;
  #crashesInARow = 0;
  #restartAt = 0;
  #active = 0;
  #idleTimer?: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: LaunchOptions) {
    this.#options = { idleMs: 60_000, backOffMs: 250, maxBackOffMs: 10_000, ...options };
  }

  /** The engine's process id while one is running. */
  get pid(): number | undefined {
    return this.#running?.child.pid;
  }

  /**
   * Runs a job, starting the engine if need be.
   *
   * @throws LaviError as the engine answered; ENGINE_CRASHED; CANCELLED.
   */
  async run<Kind extends JobKind>(
    kind: Kind,
    args: JobInput<Kind>,
    options: RunOptions = {},
  ): Promise<JobResult<Kind>> {
    const release = this.hold();
    try {
      await this.#backOff(options.signal);
      const { client } = this.#start();
      const result = await client.run(kind, args, options);
      this.#crashesInARow = 0;
      return result;
    } finally {
      release();
    }
  }

  /** Keeps the engine from being stopped as idle (while a photo is shown, say) until released. */
  hold(): () => void {
    let held = true;
    this.#active++;
    clearTimeout(this.#idleTimer);
    return () => {
      if (!held) return;
      held = false;
      if (--this.#active === 0) this.#stopWhenIdle();
    };
  }

  /** Lets the jobs under way end, and stops the process then. */
  retire(): void {
    this.#options.idleMs = 0;
    if (this.#active === 0) this.#stopWhenIdle();
  }

  /** Stops the engine for good; its jobs end with CANCELLED. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#end();
  }

  async #backOff(signal: AbortSignal | undefined): Promise<void> {
    const wait = this.#restartAt - Date.now();
    if (this.#running || wait <= 0) return;
    await sleep(wait, undefined, signal && { signal }).catch(() => throwIfCancelled(signal));
  }

  #start(): Running {
    if (this.#stopped) throw new LaviError('CANCELLED', 'The engine has been stopped.');
    if (this.#running) return this.#running;
    const { script, args = [], node, priority, write } = this.#options;
    const child = fork(script, args, {
      ...(node && { execPath: node }),
      // JSON, since the two Nodes' V8 versions may differ; stdout may carry a shell's own output.
      serialization: 'json',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: [],
    });
    if (priority !== undefined && child.pid !== undefined) {
      try {
        setPriority(child.pid, priority);
      } catch {
        // Where that is not allowed the work is merely less polite.
      }
    }
    const onFailed = ({ job, kind }: JobName, { code, message }: LaviError) =>
      write?.('job failed', { job, kind, code, message });
    const running = {
      child,
      client: new EngineClient(processTransport(child), undefined, onFailed),
    };
    this.#running = running;
    write?.('engine started', { pid: child.pid });
    let lastWords = '';
    child.stdout?.on('data', (text: Buffer) => process.stderr.write(text));
    child.stderr?.on('data', (text: Buffer) => {
      lastWords = (lastWords + text.toString()).slice(-lastWordsLength);
    });
    child.on('error', (error) => this.#crashed(running, null, null, error.message));
    child.on('exit', (code, signal) => {
      // The last words may still be in the pipe, which a grandchild could hold open for ever. (The
      // child's own 'close' event never comes after a disconnect.)
      const read = child.stderr ? finished(child.stderr).catch(() => {}) : undefined;
      void Promise.race([read, sleep(200)]).then(() =>
        this.#crashed(running, code, signal, lastWords),
      );
    });
    return running;
  }

  #crashed(running: Running, exitCode: number | null, signal: string | null, lastWords: string) {
    if (this.#running !== running) return;
    this.#running = undefined;
    const { backOffMs, maxBackOffMs, onCrash, write } = this.#options;
    const { pid } = running.child;
    const { jobs } = running.client;
    this.#restartAt = Date.now() + Math.min(backOffMs * 2 ** this.#crashesInARow, maxBackOffMs);
    this.#crashesInARow++;
    const how = signal ? `by ${signal}` : `with code ${exitCode ?? 'unknown'}`;
    const detail = { exitCode, signal, lastWords };
    running.client.close(
      new LaviError('ENGINE_CRASHED', `The engine's process ended ${how} during the work.`, detail),
    );
    const crash = { pid, exitCode, signal, lastWords, jobs };
    write?.('engine crashed', crash);
    onCrash?.(crash);
  }

  #stopWhenIdle(): void {
    if (!this.#running) return;
    this.#idleTimer = setTimeout(() => void this.#end(), this.#options.idleMs);
    // An idle engine is no reason for the shell to stay alive.
    this.#idleTimer.unref();
  }

  async #end(): Promise<void> {
    clearTimeout(this.#idleTimer);
    const running = this.#running;
    if (!running) return;
    this.#running = undefined;
    const { jobs } = running.client;
    running.client.close(new LaviError('CANCELLED', 'The engine was stopped.'));
    const { child } = running;
    this.#options.write?.('engine stopped', { pid: child.pid, jobs });
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    // Its end of the channel closing tells the worker to clean up and go; a net may hold it up.
    if (child.connected) child.disconnect();
    const killer = setTimeout(() => child.kill('SIGKILL'), 2000);
    await gone;
    clearTimeout(killer);
  }
}
