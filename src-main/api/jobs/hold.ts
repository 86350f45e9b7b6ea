/**
 * How long after a preview's net no background net begins, in milliseconds. The engine's processes keep to
 * it between nets, and the session between jobs, so that a slider never waits for a chart.
 */
export const HOLD_MS = 500;
