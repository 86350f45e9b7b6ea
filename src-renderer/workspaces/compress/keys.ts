import { onBeforeUnmount, onMounted } from 'vue';
import { useI18n } from 'vue-i18n';
import type { ShellCommand } from '../../../src-main/api/channel/page';
import { useApp } from '../../app';
import { bridge } from '../../client';
import { useAdding } from '../../library/adding';
import { useCompare } from './compare';
import { useQueue } from '../../library/queue';
import { useSaving } from '../../library/saving';

const typing = (target: EventTarget | null) =>
  target instanceof HTMLElement && target.matches('input:not([type=checkbox]), select, textarea');

/** The keyboard and the shell's menu, for the whole workspace. */
export function useKeys(): void {
  const { t } = useI18n();
  const app = useApp();
  const queue = useQueue();
  const adding = useAdding();
  const compare = useCompare();
  const saving = useSaving();

  async function remove() {
    const ids = queue.chosen.length > 0 ? queue.chosen : queue.current ? [queue.current] : [];
    const name = queue.files.get(ids[0] ?? '')?.name ?? '';
    if (!(await queue.remove(ids))) return;
    app.say(t('queue.removed', { n: ids.length, name }, ids.length), {
      action: { label: t('app.undo'), run: () => void queue.undoRemove() },
    });
  }

  const commands: Record<ShellCommand, () => unknown> = {
    open: () => adding.choose('files'),
    openFolder: () => adding.choose('folder'),
    save: () => saving.save(),
    undo: () => queue.undoRemove(),
    settings: () => (app.dialog = 'settings'),
    about: () => (app.dialog = 'about'),
    fit: compare.fit,
    actual: compare.actual,
    worst: compare.worst,
  };

  const withCtrl: Record<string, () => unknown> = {
    a: queue.chooseAll,
    z: commands.undo,
    o: commands.open,
    s: commands.save,
    ',': commands.settings,
  };

  const overlay = (name: 'bits' | 'error') => {
    compare.overlay = compare.overlay === name ? 'none' : name;
  };

  const alone: Record<string, (event: KeyboardEvent) => unknown> = {
    ArrowDown: (event) => queue.step(1, event.shiftKey),
    ArrowUp: (event) => queue.step(-1, event.shiftKey),
    PageDown: () => queue.step(10),
    PageUp: () => queue.step(-10),
    Home: () => queue.step(-Infinity),
    End: () => queue.step(Infinity),
    Delete: remove,
    Backspace: remove,
    w: compare.worst,
    b: () => overlay('bits'),
    e: () => overlay('error'),
    '0': compare.fit,
    '1': compare.actual,
    i: () => (saving.more = !saving.more),
    '?': () => (app.dialog = 'keys'),
  };

  function onKeyDown(event: KeyboardEvent) {
    if (event.defaultPrevented || app.dialog || typing(event.target) || event.altKey) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const control = event.ctrlKey || event.metaKey;
    if (key === 'x' && !control) {
      compare.flipped = true;
      return;
    }
    // Sliders and menus have these keys for themselves, and have said so by preventing them.
    const action = control ? withCtrl[key] : alone[key];
    if (!action || (queue.order.length === 0 && !['o', ',', '?', 'z'].includes(key))) return;
    event.preventDefault();
    void action(event);
  }

  function onKeyUp(event: KeyboardEvent) {
    if (event.key.toLowerCase() === 'x') compare.flipped = false;
  }

  const release = () => (compare.flipped = false);
  let stop: (() => void) | undefined;
  onMounted(() => {
    window.addEventListener('keydown', onKeyDown);
    window.addEventListener('keyup', onKeyUp);
    window.addEventListener('blur', release);
    stop = bridge.onCommand?.((command) => void commands[command]());
  });
  onBeforeUnmount(() => {
    window.removeEventListener('keydown', onKeyDown);
    window.removeEventListener('keyup', onKeyUp);
    window.removeEventListener('blur', release);
    stop?.();
  });
}
