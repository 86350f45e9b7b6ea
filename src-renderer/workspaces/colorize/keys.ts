import { onBeforeUnmount, onMounted } from 'vue';
import type { ShellCommand } from '../../../src-main/api/channel/page';
import { useApp } from '../../app';
import { bridge } from '../../client';
import { useAdding } from '../../library/adding';
import { useQueue } from '../../library/queue';
import { useHeld } from './held';
import type { ToolName } from './region';
import { useRegion } from './region';
import { useColourSaving } from './saving';

const typing = (target: EventTarget | null) =>
  target instanceof HTMLElement && target.matches('input:not([type=checkbox]), select, textarea');

/** The keyboard and the shell's menu, for the whole workspace. */
export function useColourKeys(): void {
  const app = useApp();
  const queue = useQueue();
  const adding = useAdding();
  const held = useHeld();
  const region = useRegion();
  const { save } = useColourSaving();

  const commands: Partial<Record<ShellCommand, () => unknown>> = {
    open: () => adding.choose('files'),
    openFolder: () => adding.choose('folder'),
    save,
    undo: held.undo,
    settings: () => (app.dialog = 'settings'),
    about: () => (app.dialog = 'about'),
    fit: region.fit,
    actual: region.actual,
  };
  const withCtrl: Record<string, () => unknown> = {
    z: held.undo,
    Z: held.redo,
    y: held.redo,
    o: () => adding.choose('files'),
    s: save,
    ',': () => (app.dialog = 'settings'),
  };
  const take = (tool: ToolName) => () => (region.tool = tool);
  const alone: Record<string, () => unknown> = {
    ArrowDown: () => queue.step(1),
    ArrowUp: () => queue.step(-1),
    k: take('pick'),
    p: take('point'),
    b: take('brush'),
    h: () => (region.bare = !region.bare),
    g: () => (region.grey = true),
    x: take('eraser'),
    l: () => (region.overlay = region.overlay === 'labels' ? null : 'labels'),
    Escape: () => (region.region = null),
    '0': region.fit,
    '1': region.actual,
    '?': () => (app.dialog = 'keys'),
  };

  function onKeyDown(event: KeyboardEvent) {
    if (event.defaultPrevented || app.dialog || typing(event.target) || event.altKey) return;
    const control = event.ctrlKey || event.metaKey;
    const letter = control && event.shiftKey ? event.key.toUpperCase() : event.key.toLowerCase();
    const action = (control ? withCtrl : alone)[event.key.length === 1 ? letter : event.key];
    if (!action) return;
    event.preventDefault();
    void action();
  }

  function onKeyUp(event: KeyboardEvent) {
    if (event.key.toLowerCase() === 'g') region.grey = false;
  }
  const onBlur = () => (region.grey = false);

  let stop: (() => void) | undefined;
  onMounted(() => {
    window.addEventListener('keyup', onKeyUp);
    window.addEventListener('blur', onBlur);
    window.addEventListener('keydown', onKeyDown);
    stop = bridge.onCommand?.((command) => void commands[command]?.());
  });
  onBeforeUnmount(() => {
    onBlur();
    window.removeEventListener('keyup', onKeyUp);
    window.removeEventListener('blur', onBlur);
    window.removeEventListener('keydown', onKeyDown);
    stop?.();
  });
}
