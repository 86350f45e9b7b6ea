import { AsyncLocalStorage } from 'node:async_hooks';
import { HOLD_MS } from '../api/jobs/hold';

/**
 * Nets run one at a time, since one already uses every core. Where several jobs want a turn, the most
 * urgent gets it: so a preview gets in between two tiles of a photo that is being saved. A net that has
 * begun cannot be stopped; so that a hand that slides never waits behind one that nobody asked for, those
 * begin only some time after the last preview.
 */

/** A job that shows somebody what they do, or one that nobody waits for. */
export type Role = 'preview' | 'background';

interface Job {
  /** Larger is sooner. */
  urgency: number;
  role?: Role | undefined;
}

interface Waiting {
  job: Job;
  go: () => void;
}

const currentJob = new AsyncLocalStorage<Job>();
const waiting: Waiting[] = [];
let busy = false;
let heldUntil = -Infinity;
let timer: NodeJS.Timeout | undefined;

/** Runs `work`; all nets in it take their turns with this urgency (larger is sooner) and role. */
export function withUrgency<Result>(
  urgency: number,
  work: () => Promise<Result>,
  role?: Role,
): Promise<Result> {
  return currentJob.run({ urgency, role }, work);
}

/** Runs `net` when it is its turn: by urgency, then in order of arrival. */
export async function takeTurn<Result>(net: () => Promise<Result>): Promise<Result> {
  const job = currentJob.getStore() ?? { urgency: 0 };
  if (busy || isHeld(job)) {
    await new Promise<void>((go) => {
      const place = waiting.findIndex((other) => other.job.urgency < job.urgency);
      waiting.splice(place < 0 ? waiting.length : place, 0, { job, go });
      if (!busy) goOnLater();
    });
  }
  busy = true;
  try {
    return await net();
  } finally {
    if (job.role === 'preview') heldUntil = performance.now() + HOLD_MS;
    // Whoever had this turn may want the next one: a preview's nets follow each other, and nothing
    // less urgent gets in between.
    setImmediate(handOver);
  }
}

function isHeld({ role }: Job): boolean {
  return role === 'background' && performance.now() < heldUntil;
}

function handOver() {
  const next = waiting.findIndex(({ job }) => !isHeld(job));
  // `busy` stays set while the turn is handed over, so that nobody slips in between.
  if (next >= 0) return waiting.splice(next, 1)[0]!.go();
  busy = false;
  if (waiting.length > 0) goOnLater();
}

/** Those held back get their turn as soon as they may, unless a preview comes before. */
function goOnLater() {
  timer ??= setTimeout(
    () => {
      timer = undefined;
      if (busy) return;
      busy = true;
      handOver();
    },
    Math.max(1, Math.ceil(heldUntil - performance.now())),
  );
}
