import { describe, expect, it } from 'vitest';
import { Tally } from '../../../src-main/session/queue/totals';

const result = { originalBytes: 100, bytes: 10 };

describe('a batch’s tally', () => {
  it('tells how long is left from the time worked: pauses do not count', () => {
    let now = 0;
    const tally = new Tally(() => now);
    for (const id of ['a', 'b', 'c', 'd']) tally.add(id, 10);
    tally.watch.start();
    now += 6000;
    tally.succeed(10, result);
    expect(tally.state('running', 0)).toMatchObject({ fraction: 0.25, secondsLeft: 18 });
    tally.watch.stop();
    now += 3_600_000;
    expect(tally.state('paused', 0).secondsLeft).toBeNull();
    tally.watch.start();
    expect(tally.state('running', 0).secondsLeft).toBeCloseTo(18);
    now += 6000;
    expect(tally.state('running', 10)).toMatchObject({ fraction: 0.5, secondsLeft: 12 });
  });

  it('counts a file that failed and is tried again once', () => {
    const tally = new Tally();
    tally.add('a', 10);
    tally.fail('a', 10);
    expect(tally.state('idle', 0)).toMatchObject({ total: 1, saved: 0, failed: ['a'] });
    tally.add('a', 10);
    tally.succeed(10, result);
    expect(tally.state('idle', 0)).toMatchObject({ total: 1, saved: 1, failed: [], fraction: 1 });
  });
});
