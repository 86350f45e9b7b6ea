import { onBeforeUnmount, onMounted } from 'vue';
import type { ShellCommand } from '../../../src-main/api/channel/page';
import { useApp } from '../../app';
import { bridge } from '../../client';
import { useLabelFacts } from './facts';
import { useLabels } from '../../library/label-maps';
import { useLooking } from './looking';
import type { ToolName } from './tools';
import { useTools } from './tools';

const typing = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  target.matches('input:not([type=range], [type=color]), select, textarea');
const pressable = (target: EventTarget | null) =>
  target instanceof HTMLElement && target.matches('button, a, [role=menuitem], [type=color]');

/** The keyboard and the shell's menu, for the whole workspace. */
export function useLabelKeys(): void {
  const app = useApp();
  const labels = useLabels();
  const facts = useLabelFacts();
  const looking = useLooking();
  const tools = useTools();

  const commands: Partial<Record<ShellCommand, () => unknown>> = {
    open: () => labels.choose(),
    save: () => facts.save('lavi'),
    undo: labels.undo,
    settings: () => (app.dialog = 'settings'),
    about: () => (app.dialog = 'about'),
    fit: looking.fit,
    actual: looking.actual,
  };
  const withCtrl: Record<string, () => unknown> = {
    z: labels.undo,
    Z: labels.redo,
    y: labels.redo,
    o: () => labels.choose(),
    s: () => facts.save('lavi'),
    ',': () => (app.dialog = 'settings'),
  };
  const take = (tool: ToolName) => () => (tools.tool = tool);
  const step = (by: number) => () => {
    looking.stop();
    looking.show((looking.frame ?? looking.levels.length) + by);
  };
  const alone: Record<string, () => unknown> = {
    m: () => looking.look('map'),
    l: () => looking.look('blend'),
    p: () => looking.look('photo'),
    d: () => looking.look('points'),
    e: () => (looking.edges = !looking.edges),
    ' ': looking.play,
    ',': step(-1),
    '.': step(1),
    Escape: looking.leave,
    v: take('move'),
    b: take('brush'),
    x: () => tools.canErase && (tools.tool = 'erase'),
    h: take('heal'),
    f: take('fill'),
    k: take('pick'),
    '[': () => tools.resize(0.8),
    ']': () => tools.resize(1.25),
    '0': looking.fit,
    '1': looking.actual,
    '?': () => (app.dialog = 'keys'),
  };

  function onKeyDown(event: KeyboardEvent) {
    if (event.defaultPrevented || app.dialog || typing(event.target) || event.altKey) return;
    if (event.key === ' ' && pressable(event.target)) return;
    const control = event.ctrlKey || event.metaKey;
    const shifted = control && event.shiftKey ? event.key.toUpperCase() : event.key.toLowerCase();
    const key = event.key.length === 1 ? shifted : event.key;
    const action = control ? withCtrl[key] : alone[key];
    if (!action || (!labels.map && !['o', ',', '?'].includes(key))) return;
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
