import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EngineCrash, LaunchOptions } from '../../src-main/shell/process/launch';
import { EngineProcess } from '../../src-main/shell/process/launch';
import { bundle } from './bundle';

const compress = { file: 'a', output: 'b', target: { kind: 'quality', value: 50 } } as const;

let script: string;
let engine: EngineProcess;
let crashes: EngineCrash[];
let entries: Record<string, unknown>[];

function launch(options: Partial<LaunchOptions> = {}): EngineProcess {
  crashes = [];
  const onCrash = (crash: EngineCrash) => crashes.push(crash);
  entries = [];
  const write: LaunchOptions['write'] = (event, fields) => entries.push({ event, ...fields });
  engine = new EngineProcess({ script, backOffMs: 1, onCrash, write, ...options });
  return engine;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

beforeAll(async () => {
  script = await bundle('test-worker');
});
afterEach(() => engine.stop());
afterAll(() => rm(dirname(script), { recursive: true, force: true }));

describe('the engine in a process of its own', () => {
  it('starts with the first job and is used again', async () => {
    launch();
    expect(engine.pid).toBeUndefined();
    const first = await engine.run('info', { file: 'a' });
    const second = await engine.run('info', { file: 'b' });
    expect(first['pid']).toBe(second['pid']);
    expect(first['pid']).not.toBe(process.pid);
  });

  it('refuses arguments that break the schema', async () => {
    await expect(launch().run('info', { file: '' })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
  });

  it('cancels over the channel', async () => {
    const controller = new AbortController();
    const run = launch().run('compress', compress, {
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(run).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(engine.pid).toBeDefined();
  });

  it('survives kill -9: jobs in flight end ENGINE_CRASHED, the next one runs', async () => {
    launch();
    const killed = (fraction: number) => fraction > 0 && process.kill(engine.pid!, 'SIGKILL');
    const ends = await Promise.allSettled([
      engine.run('compress', compress, { onProgress: killed }),
      engine.run('compress', compress),
    ]);
    for (const end of ends) {
      expect(end).toMatchObject({ status: 'rejected', reason: { code: 'ENGINE_CRASHED' } });
    }
    expect(crashes).toMatchObject([{ signal: 'SIGKILL' }]);
    expect(crashes[0]!.jobs.map(({ kind }) => kind)).toEqual(['compress', 'compress']);
    const { jobs, pid } = crashes[0]!;
    expect(entries.map(({ event }) => event)).toEqual([
      ...['engine started', 'engine crashed', 'job failed', 'job failed'],
    ]);
    expect(entries[1]).toMatchObject({ pid, signal: 'SIGKILL', jobs });
    expect(entries.slice(2).map(({ job }) => job)).toEqual(jobs.map(({ job }) => job));
    expect((await engine.run('info', { file: 'a' })).width).toBe(8);
  });

  it('tells of a native abort with its last words', async () => {
    await expect(launch().run('info', { file: 'abort' })).rejects.toMatchObject({
      code: 'ENGINE_CRASHED',
      detail: { signal: 'SIGABRT', lastWords: expect.stringContaining('terminate called') },
    });
  });

  it('backs off longer after each crash in a row, and forgets them after a success', async () => {
    launch({ backOffMs: 40, maxBackOffMs: 100 });
    const crash = () => engine.run('info', { file: 'exit' }).catch((error: unknown) => error);
    const waits: number[] = [];
    let crashedAt = 0;
    for (let i = 0; i < 4; i++) {
      const startedAt = crashedAt;
      expect(await crash()).toMatchObject({ code: 'ENGINE_CRASHED', detail: { exitCode: 7 } });
      crashedAt = Date.now();
      if (i > 0) waits.push(crashedAt - startedAt);
    }
    // Lower bounds only: a busy machine may take longer, never less.
    expect(waits[0]).toBeGreaterThanOrEqual(39);
    expect(waits[1]).toBeGreaterThanOrEqual(79);
    expect(waits[2]).toBeGreaterThanOrEqual(99);
    await engine.run('info', { file: 'a' });
    expect(crashes).toHaveLength(4);
  });

  it('can be cancelled while it waits to restart', async () => {
    launch({ backOffMs: 60_000, maxBackOffMs: 60_000 });
    await expect(engine.run('info', { file: 'exit' })).rejects.toThrow();
    const controller = new AbortController();
    const run = engine.run('info', { file: 'a' }, { signal: controller.signal });
    controller.abort();
    await expect(run).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('says so when the worker cannot even start', async () => {
    await expect(
      launch({ script: '/nowhere/worker.js' }).run('info', { file: 'a' }),
    ).rejects.toMatchObject({
      code: 'ENGINE_CRASHED',
      detail: { lastWords: expect.stringContaining('Cannot find module') },
    });
  });

  it('stops when idle, not while held, and starts again when needed', async () => {
    launch({ idleMs: 1 });
    const release = engine.hold();
    const pid = (await engine.run('info', { file: 'a' }))['pid'] as number;
    await sleep(50);
    expect(engine.pid).toBe(pid);
    release();
    while (isAlive(pid)) await sleep(5);
    expect(engine.pid).toBeUndefined();
    expect(crashes).toEqual([]);
    expect((await engine.run('info', { file: 'a' })).width).toBe(8);
  });

  it('ends with its shell: no orphan stays behind', async () => {
    launch();
    const pid = (await engine.run('info', { file: 'a' }))['pid'] as number;
    const running = engine.run('compress', compress).catch((error: unknown) => error);
    await engine.stop();
    expect(await running).toMatchObject({ code: 'CANCELLED' });
    while (isAlive(pid)) await sleep(5);
    await expect(engine.run('info', { file: 'a' })).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(crashes).toEqual([]);
  });
});
