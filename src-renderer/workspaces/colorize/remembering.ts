import { watch } from 'vue';
import { mostKept } from '../../../src-main/api/calls/contract';
import type { ColourWork } from '../../../src-main/api/calls/contract';
import { useApp } from '../../app';
import { client } from '../../client';

/** Changes come in bursts: a slider's, a stroke's. */
const WAIT_MS = 150;

/** Has the session remember what a person makes of each photo, whenever that changes. */
export function useRemembering(current: () => { id: string; work: ColourWork } | null): void {
  const app = useApp();
  const waiting = new Map<string, ColourWork>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** What the session knows of the photo in view. */
  let known: { id: string; text: string } | null = null;

  function flush() {
    timer = undefined;
    for (const [id, work] of waiting) {
      client.call('colours.remember', { id, work }).catch(app.fail);
    }
    waiting.clear();
  }

  watch(current, (now) => {
    if (!now) return void (known = null);
    const { id, work } = now;
    const text = JSON.stringify(work);
    const isNew = known !== null && known.id === id && known.text !== text;
    known = { id, text };
    if (!isNew) return;
    waiting.set(id, { ...work, kept: work.kept.slice(0, mostKept) });
    timer ??= setTimeout(flush, WAIT_MS);
  });
}
