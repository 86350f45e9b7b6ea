import { describe, expect, it } from 'vitest';
import { Totals } from '../../../src-main/session/queue/totals';

const result = { originalBytes: 100, bytes: 10 };

describe('a batch’s totals', () => {
  it('tells how long is left from the time worked: pauses do not count', () => {
    let now = 0;
    const totals = new Totals(() => now);
    for (const id of ['a', 'b', 'c', 'd']) totals.add(id, 10);
    totals.watch.start();
    now += 6000;
    totals.succeed(10, result);
    expect(totals.state('running', 0)).toMatchObject({ fraction: 0.25, secondsLeft: 18 });
    totals.watch.stop();
    now += 3_600_000;
    expect(totals.state('paused', 0).secondsLeft).toBeNull();
    totals.watch.start();
    expect(totals.state('running', 0).secondsLeft).toBeCloseTo(18);
    now += 6000;
    expect(totals.state('running', 10)).toMatchObject({ fraction: 0.5, secondsLeft: 12 });
  });

  it('counts a file that failed and is tried again once', () => {
    const totals = new Totals();
    totals.add('a', 10);
    totals.fail('a', 10);
    expect(totals.state('idle', 0)).toMatchObject({ total: 1, saved: 0, failed: ['a'] });
    totals.add('a', 10);
    totals.succeed(10, result);
    expect(totals.state('idle', 0)).toMatchObject({ total: 1, saved: 1, failed: [], fraction: 1 });
  });
});
