import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Nets run one at a time, since one already uses every core. Where several jobs want a turn, the most
 * urgent gets it: so a preview gets in between two tiles of a photo that is being saved.
 */

interface Waiting {
  urgency: number;
  go: () => void;
}

const urgencyOfJob = new AsyncLocalStorage<number>();
const waiting: Waiting[] = [];
let busy = false;

/** Runs `work`; all nets in it take their turns with this urgency (larger is sooner). */
export function withUrgency<Result>(urgency: number, work: () => Promise<Result>): Promise<Result> {
  return urgencyOfJob.run(urgency, work);
}

/** Runs `net` when it is its turn: by urgency, then in order of arrival. */
export async function takeTurn<Result>(net: () => Promise<Result>): Promise<Result> {
  if (busy) {
    const urgency = urgencyOfJob.getStore() ?? 0;
    await new Promise<void>((go) => {
      const place = waiting.findIndex((other) => other.urgency < urgency);
      waiting.splice(place < 0 ? waiting.length : place, 0, { urgency, go });
    });
  }
  busy = true;
  try {
    return await net();
  } finally {
    // Whoever had this turn may want the next one: a preview's nets follow each other, and nothing
    // less urgent gets in between.
    setImmediate(handOver);
  }
}

function handOver() {
  const next = waiting.shift();
  // `busy` stays set while the turn is handed over, so that nobody slips in between.
  if (next) next.go();
  else busy = false;
}
