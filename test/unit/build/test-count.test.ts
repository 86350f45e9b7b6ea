import { describe, expect, it } from 'vitest';
import { countPlaywright, countVitest, runnersOf } from '../../../build/test-count.mjs';

describe('what npm test counts', () => {
  it('counts a file that broke before its first test as a failure', () => {
    const testResults = [
      { status: 'passed', assertionResults: [{ status: 'passed' }] },
      { status: 'failed', assertionResults: [{ status: 'failed' }, { status: 'passed' }] },
      { status: 'failed', assertionResults: [] },
    ];
    const report = { numPassedTests: 2, numFailedTests: 1, numPendingTests: 3, testResults };
    expect(countVitest(report)).toEqual({ passed: 2, failed: 2, skipped: 3, again: 0 });
  });

  it('counts what passed on a second try as passed, and says how many', () => {
    const stats = { expected: 5, unexpected: 1, flaky: 2, skipped: 4 };
    expect(countPlaywright({ stats })).toEqual({ passed: 7, failed: 1, skipped: 4, again: 2 });
    expect(countPlaywright({ stats, errors: ['a'] }).failed).toBe(2);
  });

  it('gives each runner its paths, and all tests where none is named', () => {
    expect(runnersOf([])).toEqual({ vitest: [], playwright: [] });
    expect(runnersOf(['test/unit/jobs'])).toEqual({ vitest: ['test/unit/jobs'] });
    expect(runnersOf(['test/e2e-web/queue.test.ts'])).toEqual({
      playwright: ['test/e2e-web/queue.test.ts'],
    });
    expect(runnersOf(['test/unit', 'test/e2e-electron'])).toEqual({
      vitest: ['test/unit'],
      playwright: ['test/e2e-electron'],
    });
    expect(runnersOf(['test/e2e-cli'])).toEqual({ vitest: ['test/e2e-cli'] });
  });
});
