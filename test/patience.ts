/**
 * How long tests wait, in milliseconds: for one thing to appear in a page, for a test to end, for what
 * tests need to be set up. A slow machine is no failure, and no test asserts a time; these limits only end
 * what would never end.
 */
export const patience = { wait: 120_000, test: 600_000, setUp: 300_000 };
