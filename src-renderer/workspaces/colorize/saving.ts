import { computed } from 'vue';
import type { ColourFormat, Colouring, ExportFormat } from '../../../src-main/api/calls/contract';
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

  function how(colouring: Colouring) {
    const note = app.settings?.colourNote ?? true;
    return {
      colours: { ...colouring, vivid: colours.vivid, note },
      ...(format.value !== 'lavi' && { format: format.value as ExportFormat }),
      ...(lossy.includes(format.value) && { formatQuality: app.settings?.exportQuality ?? 90 }),
    };
  }

  async function save() {
    const { chosen, scene } = colours;
    if (chosen?.made && scene) await queue.save([scene.id], how(chosen.colouring));
  }

  /**
   * What a photo that is not shown gets: the colouring that was kept of it first, or else the seed in view
   * with what was placed on that photo by hand.
   */
  async function colouringOf(id: string): Promise<Colouring> {
    const { chosen, scene, temperature, follow } = colours;
    const work = await client.call('colours.recall', { id });
    const known = scene && work?.model === scene.model ? work : undefined;
    if (known?.kept[0]) return known.kept[0];
    const seed = chosen?.colouring.seed ?? 1;
    const list = held.knows(id) ? held.listOf(id) : (known?.steps[known.at] ?? []);
    return { seed, temperature, follow, held: list };
  }

  /** One batch of all photos, each coloured in its own way, the one that is shown as it is shown. */
  async function saveAll() {
    const { chosen, scene, temperature, follow } = colours;
    const colourings: Record<string, Colouring> = {};
    try {
      for (const one of queue.order) {
        const own = one === scene?.id ? chosen?.colouring : undefined;
        colourings[one] = own ?? (await colouringOf(one));
      }
    } catch (error) {
      return app.fail(error);
    }
    const plain = { seed: 1, temperature, follow, held: [] };
    await queue.save([...queue.order], { ...how(plain), colourings });
  }

  return { format, save, saveAll };
}
