import { describe, expect, it } from 'vitest';
import { LaviError } from '../../../src-main/api/errors';
import { partProgress, steadyProgress } from '../../../src-main/jobs/progress';
import { JobQueue } from '../../../src-main/jobs/queue';

/** Work that ends when told to. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, work: () => opened };
}

describe('JobQueue', () => {
  it('runs one job at a time, higher lanes first, then in order of arrival', async () => {
    const queue = new JobQueue();
    const order: string[] = [];
    let running = 0;
    const note = (name: string) => async () => {
      expect(++running).toBe(1);
      await Promise.resolve();
      order.push(name);
      running--;
    };
    const first = gate();
    void queue.run(first.work);
    const rest = [
      queue.run(note('chart'), { lane: 'chart' }),
      queue.run(note('saving 1'), { lane: 'saving' }),
      queue.run(note('saving 2'), { lane: 'saving' }),
      queue.run(note('preview'), { lane: 'preview' }),
      queue.run(note('numbers'), { lane: 'numbers' }),
    ];
    first.open();
    await Promise.all(rest);
    expect(order).toEqual(['preview', 'numbers', 'saving 1', 'saving 2', 'chart']);
  });

  it('drops a waiting job at once when it is cancelled', async () => {
    const queue = new JobQueue();
    const first = gate();
    void queue.run(first.work);
    const controller = new AbortController();
    let started = false;
    const waiting = queue.run(
      async () => {
        started = true;
      },
      { signal: controller.signal },
    );
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
    first.open();
    await queue.idle();
    expect(started).toBe(false);
  });

  it('refuses a job cancelled before it came', async () => {
    const run = new JobQueue().run(async () => 1, { signal: AbortSignal.abort() });
    await expect(run).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('goes on after a job that failed, and hands its error on', async () => {
    const queue = new JobQueue();
    const failing = queue.run(async () => {
      throw new LaviError('CORRUPT', 'bad');
    });
    const next = queue.run(async () => 2);
    await expect(failing).rejects.toMatchObject({ code: 'CORRUPT' });
    expect(await next).toBe(2);
  });
});

describe('progress', () => {
  it('rises, stays within 0…1, skips small steps and keeps the end', () => {
    const heard: number[] = [];
    const report = steadyProgress((fraction) => heard.push(fraction), 0.1);
    for (const fraction of [-1, 0.05, 0.1, 0.05, 0.5, 0.55, 0.98, 1, 1, 2, NaN]) report(fraction);
    expect(heard).toEqual([0, 0.1, 0.5, 0.98, 1]);
  });

  it('maps a part onto its share of the whole', () => {
    const heard: number[] = [];
    const report = partProgress((fraction) => heard.push(fraction), 0.5, 0.75);
    report(0);
    report(1);
    expect(heard).toEqual([0.5, 0.75]);
  });
});
