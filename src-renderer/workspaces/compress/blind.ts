import { defineStore } from 'pinia';
import { computed, ref } from 'vue';
import { useCompare } from './compare';

export type Letter = 'a' | 'b';

const guesses = 8;

/** Which of two is the original? Eight guesses without knowing which is which, drawn anew each time. */
export const useBlind = defineStore('blind', () => {
  const compare = useCompare();
  const active = ref(false);
  const shown = ref<Letter>('a');
  const original = ref<Letter>('a');
  const right = ref(0);
  const done = ref(0);

  function draw() {
    original.value = Math.random() < 0.5 ? 'a' : 'b';
    shown.value = 'a';
  }

  function start() {
    right.value = done.value = 0;
    active.value = true;
    compare.shown.left = { what: 'original' };
    if (compare.shown.right.what === 'original') compare.shown.right = { what: 'lavi' };
    compare.overlay = 'none';
    compare.spot = null;
    draw();
  }

  function guess(letter: Letter) {
    if (letter === original.value) right.value++;
    done.value++;
    draw();
  }

  const finished = computed(() => done.value >= guesses);
  /** The side whose picture is seen; the left one counts as the original. */
  const side = computed(() => (shown.value === original.value ? 'left' : 'right'));
  const stop = () => (active.value = false);

  return { active, shown, right, done, total: guesses, finished, side, start, guess, stop };
});
