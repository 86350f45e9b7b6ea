import { computed } from 'vue';
import type { ColourFormat, Colouring, ExportFormat } from '../../../src-main/api/calls/contract';
import { defaultVivid } from '../../../src-main/api/calls/contract';
import { isColouredName } from '../../../src-main/api/formats';
import { useApp } from '../../app';
import { client } from '../../client';
import { useQueue } from '../../library/queue';
import { useColours } from './colours';
import { useHeld } from './held';

const lossy: readonly ColourFormat[] = ['jpeg', 'webp', 'avif'];

/** Saving colourings: the queue is told how, and the session colours again, from the seed. */
export function useColourSaving() {
  const app = useApp();
  const queue = useQueue();
  const colours = useColours();
  const held = useHeld();
  const format = computed(() => app.settings?.colourFormat ?? 'png');

  function how(colouring: Colouring & { vivid?: number | undefined }) {
    const note = app.settings?.colourNote ?? true;
    return {
      colours: { ...colouring, vivid: colouring.vivid ?? colours.vivid, note },
      ...(format.value !== 'lavi' && { format: format.value as ExportFormat }),
      ...(lossy.includes(format.value) && { formatQuality: app.settings?.exportQuality ?? 90 }),
    };
  }

  async function save() {
    const { chosen, scene } = colours;
    if (chosen?.made && scene) await queue.save([scene.id], how(chosen.colouring));
  }

  /** What a photo that is not shown gets: it as it was left, or else its likeliest colouring. */
  async function orderOf(id: string): Promise<Colouring & { vivid: number }> {
    const work = await client.call('colours.recall', { id });
    const known = work && work.model === colours.scene?.model ? work : undefined;
    const edits = held.knows(id) ? held.listOf(id) : known?.steps[known.at];
    const { follow, vivid } = known ?? { follow: 'near' as const, vivid: defaultVivid };
    const none = { held: [], regions: [], points: [] };
    const likeliest = { seed: 0, temperature: 0, draw: 'regions' as const, follow };
    return { vivid, ...(known?.chosen ?? { ...likeliest, ...none, ...edits }) };
  }

  /** Photos of the list that are no colourings already. */
  const originals = computed(() =>
    queue.order.filter((id) => !isColouredName(queue.files.get(id)?.name ?? '')),
  );

  /** One batch of all photos that are no outputs of it already, each as it was left, the one in view as it is shown. */
  async function saveAll() {
    const { chosen, scene, vivid } = colours;
    const colourings: Record<string, Colouring & { vivid: number }> = {};
    const ids = [...originals.value];
    try {
      for (const one of ids) {
        const own = one === scene?.id && chosen ? { ...chosen.colouring, vivid } : undefined;
        colourings[one] = own ?? (await orderOf(one));
      }
    } catch (error) {
      return app.fail(error);
    }
    const first = Object.values(colourings)[0];
    if (first) await queue.save(ids, { ...how(first), colourings });
  }

  return { format, originals, save, saveAll };
}
