import { computed } from 'vue';
import type { ColourFormat, Colouring, ExportFormat } from '../../../src-main/api/app';
import { useApp } from '../../app';
import { useQueue } from '../compress/queue';
import { useColours } from './colours';
import { useHeld } from './held';

const lossy: readonly ColourFormat[] = ['jpeg', 'webp', 'avif'];

/** Saving colourings: the queue is told how, and the desk colours again, from the seed. */
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

  /** Each photo with what was placed on it by hand, the one that is shown as it is shown. */
  async function saveAll() {
    const { chosen, scene, temperature, follow } = colours;
    for (const one of queue.order) {
      const own = one === scene?.id ? chosen?.colouring : undefined;
      const seed = chosen?.colouring.seed ?? 1;
      await queue.save([one], how(own ?? { seed, temperature, follow, held: held.listOf(one) }));
    }
  }

  return { format, save, saveAll };
}
