import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { HOLD_MS } from '../../../src-main/api/jobs/hold';
import { takeTurn, withUrgency } from '../../../src-main/onnx/turns';

/** A job of so many nets, with some work of its own after each. */
function job(name: string, urgency: number, nets: number, order: string[]): Promise<void> {
  return withUrgency(urgency, async () => {
    for (let i = 0; i < nets; i++) {
      await takeTurn(() => Promise.resolve());
      order.push(`${name} ${i}`);
      await Promise.resolve();
    }
  });
}

describe('turns of nets', () => {
  it('go one at a time, the most urgent job first', async () => {
    const order: string[] = [];
    let running = 0;
    const net = (name: string) => async () => {
      expect(++running).toBe(1);
      await new Promise((done) => setTimeout(done, 2));
      running--;
      order.push(name);
    };
    const run = (name: string, urgency: number) => withUrgency(urgency, () => takeTurn(net(name)));
    await Promise.all([run('first', 1), run('low', 1), run('high', 3), run('middle', 2)]);
    expect(order).toEqual(['first', 'high', 'middle', 'low']);
  });

  it('let nothing less urgent between two nets of a job', async () => {
    const order: string[] = [];
    // The turn of the test before is handed over first.
    await new Promise(setImmediate);
    await Promise.all([job('saving', 1, 3, order), job('preview', 2, 3, order)]);
    expect(order).toEqual([
      'saving 0',
      'preview 0',
      'preview 1',
      'preview 2',
      'saving 1',
      'saving 2',
    ]);
  });

  it('go on after a net that failed', async () => {
    await expect(takeTurn(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    await expect(takeTurn(() => Promise.resolve(7))).resolves.toBe(7);
  });
});

describe('background nets', () => {
  beforeAll(() => {
    vi.useFakeTimers();
  });
  // Whoever still waits has the turn; the next test begins long after the last preview.
  afterEach(() => vi.advanceTimersByTimeAsync(2 * HOLD_MS));
  afterAll(() => {
    vi.useRealTimers();
  });

  const order: string[] = [];
  const preview = () => withUrgency(4, () => takeTurn(net('preview')), 'preview');
  const saving = () => withUrgency(2, () => takeTurn(net('saving')));
  const chart = () => withUrgency(1, () => takeTurn(net('chart')), 'background');
  const net = (name: string) => async () => void order.push(name);
  beforeEach(() => order.splice(0));

  it('wait for some time after a preview', async () => {
    await preview();
    void chart();
    await vi.advanceTimersByTimeAsync(HOLD_MS - 1);
    expect(order).toEqual(['preview']);
    await vi.advanceTimersByTimeAsync(2);
    expect(order).toEqual(['preview', 'chart']);
  });

  it('wait anew for each preview that comes meanwhile, which itself waits for nothing', async () => {
    await preview();
    void chart();
    await vi.advanceTimersByTimeAsync(HOLD_MS - 100);
    await preview();
    expect(order).toEqual(['preview', 'preview']);
    await vi.advanceTimersByTimeAsync(HOLD_MS - 1);
    expect(order).toEqual(['preview', 'preview']);
    await vi.advanceTimersByTimeAsync(2);
    expect(order).toEqual(['preview', 'preview', 'chart']);
  });

  it('let by what somebody waits for, wherever it stands in the row', async () => {
    await preview();
    void chart();
    await vi.advanceTimersByTimeAsync(100);
    const shown = preview();
    const saved = saving();
    await vi.advanceTimersByTimeAsync(1);
    await Promise.all([shown, saved]);
    expect(order).toEqual(['preview', 'preview', 'saving']);
  });

  it('go on at once where there was no preview', async () => {
    await chart();
    expect(order).toEqual(['chart']);
  });
});
