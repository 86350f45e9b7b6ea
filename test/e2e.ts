// The words that all tests of this repository are written in, for those that drive a page: they run under
// Playwright, which keeps a trace and a screenshot of what failed and tries it once more. Tests of one
// `describe` build on each other: they run in order, and are tried again from its first one.
import { expect as playwrightExpect, test } from '@playwright/test';

/** Playwright's own, but that `poll` looks often: what shows for a moment only is to be seen. */
export const expect: typeof playwrightExpect = new Proxy(playwrightExpect, {
  get(target, key, receiver) {
    if (key !== 'poll') return Reflect.get(target, key, receiver) as unknown;
    const poll: typeof target.poll = (look, options) =>
      target.poll(look, { intervals: [50], ...(typeof options === 'object' && options) });
    return poll;
  },
});

type Work = () => unknown;

export const beforeAll = (work: Work) => test.beforeAll(async () => void (await work()));
export const afterAll = (work: Work) => test.afterAll(async () => void (await work()));
export const beforeEach = (work: Work) => test.beforeEach(async () => void (await work()));
export const afterEach = (work: Work) => test.afterEach(async () => void (await work()));

/** A name with its places (%s, %i) filled in order. */
function named(name: string, values: readonly unknown[]): string {
  const rest = [...values];
  return name.replace(/%[si]/g, () => String(rest.shift()));
}

type Values<Case> = Case extends readonly unknown[] ? [...Case] : [Case];

/** Declares one for each case: an array is several arguments, anything else is one. */
function each(declare: (name: string, work: Work) => void) {
  return <const Case>(cases: readonly Case[]) =>
    (name: string, work: (...values: Values<Case>) => unknown) => {
      for (const one of cases) {
        const values = (Array.isArray(one) ? [...(one as unknown[])] : [one]) as Values<Case>;
        declare(named(name, values as readonly unknown[]), () => work(...values));
      }
    };
}

function declareTest(name: string, work: Work): void {
  test(name, async () => void (await work()));
}

function declareGroup(name: string, work: Work): void {
  test.describe(name, () => {
    test.describe.configure({ mode: 'serial' });
    work();
  });
}

export const it = Object.assign(declareTest, { each: each(declareTest) });

export const describe = Object.assign(declareGroup, {
  each: each(declareGroup),
  /** Skips the group where there is a reason to, which whoever asks has said. */
  skipIf: (reason: unknown) => (name: string, work: Work) => {
    declareGroup(name, () => {
      test.skip(Boolean(reason), typeof reason === 'string' ? reason : 'Not on this system.');
      work();
    });
  },
});
