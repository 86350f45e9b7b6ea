import type { Ref } from 'vue';
import { onBeforeUnmount, onMounted } from 'vue';
import type { ShellCommand } from '../../../src-main/api/channel/page';
import { useApp } from '../../app';
import { bridge } from '../../client';
import { useAdding } from '../../library/adding';
import { useMixture } from './mixture';
import { useReading } from './reading';

const typing = (target: EventTarget | null) =>
  target instanceof HTMLElement && target.matches('input:not([type=checkbox]), select, textarea');
const pressable = (target: EventTarget | null) =>
  target instanceof HTMLElement && target.matches('button, a, summary, input, [role=menuitem]');

/** The keyboard and the shell's menu, for the whole workspace; some keys are of the room in view. */
export function useLatentKeys(room: Ref<string>): void {
  const app = useApp();
  const adding = useAdding();
  const mixture = useMixture();
  const reading = useReading();

  const undo = () => room.value === 'posterior' && reading.undo();
  const commands: Partial<Record<ShellCommand, () => unknown>> = {
    undo,
    open: () => adding.choose('files'),
    openFolder: () => adding.choose('folder'),
    settings: () => (app.dialog = 'settings'),
    about: () => (app.dialog = 'about'),
  };
  const withCtrl: Record<string, () => unknown> = {
    z: undo,
    o: () => adding.choose('files'),
    ',': () => (app.dialog = 'settings'),
  };
  const inEm = (act: () => unknown) => () => room.value === 'em' && mixture.state && act();
  const alone: Record<string, () => unknown> = {
    ' ': inEm(mixture.play),
    '.': inEm(mixture.step),
    '?': () => (app.dialog = 'keys'),
  };

  function onKeyDown(event: KeyboardEvent) {
    if (event.defaultPrevented || app.dialog || typing(event.target) || event.altKey) return;
    if (event.key === ' ' && pressable(event.target)) return;
    const action = (event.ctrlKey || event.metaKey ? withCtrl : alone)[event.key];
    if (!action) return;
    event.preventDefault();
    void action();
  }

  let stop: (() => void) | undefined;
  onMounted(() => {
    window.addEventListener('keydown', onKeyDown);
    stop = bridge.onCommand?.((command) => void commands[command]?.());
  });
  onBeforeUnmount(() => {
    window.removeEventListener('keydown', onKeyDown);
    stop?.();
  });
}
