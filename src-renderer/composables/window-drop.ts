import { onBeforeUnmount, onMounted, ref } from 'vue';
import { useApp } from '../app';
import type { Dropped } from './drop';
import { droppedIn } from './drop';

/** Takes what is dropped or pasted anywhere in the window; `dragging` while files hover over it. */
export function useWindowDrop(add: (dropped: Dropped) => void) {
  const app = useApp();
  const dragging = ref(false);
  /** Entering a child fires before leaving its parent: only when all are left is the drag gone. */
  let depth = 0;

  const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;

  function onEnter(event: DragEvent) {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth++;
    dragging.value = true;
  }

  function onLeave() {
    depth = Math.max(0, depth - 1);
    if (depth === 0) dragging.value = false;
  }

  function onOver(event: DragEvent) {
    if (!hasFiles(event)) return;
    event.preventDefault();
    event.dataTransfer!.dropEffect = 'copy';
  }

  function onDrop(event: DragEvent) {
    if (!event.dataTransfer) return;
    event.preventDefault();
    depth = 0;
    dragging.value = false;
    droppedIn(event.dataTransfer).then(add, app.fail);
  }

  function onPaste(event: ClipboardEvent) {
    if (!event.clipboardData || event.clipboardData.files.length === 0) return;
    event.preventDefault();
    droppedIn(event.clipboardData).then(add, app.fail);
  }

  const listeners = {
    dragenter: onEnter,
    dragleave: onLeave,
    dragover: onOver,
    drop: onDrop,
    paste: onPaste,
  };
  onMounted(() => {
    for (const [name, listener] of Object.entries(listeners)) {
      window.addEventListener(name, listener as EventListener);
    }
  });
  onBeforeUnmount(() => {
    for (const [name, listener] of Object.entries(listeners)) {
      window.removeEventListener(name, listener as EventListener);
    }
  });

  return { dragging };
}
