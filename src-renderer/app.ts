import { defineStore } from 'pinia';
import { computed, reactive, ref, watch } from 'vue';
import type { DataOf } from '../src-main/api/channel/channel';
import type { AppContract, Settings } from '../src-main/api/calls/contract';
import type { Failure } from '../src-main/api/channel/answer';
import { failureSchema, toLaviError } from '../src-main/api/channel/answer';
import { LaviError } from '../src-main/api/errors';
import { client } from './client';
import { i18n } from './i18n';

export interface Notice {
  key: number;
  text: string;
  kind: 'info' | 'error';
  /** What the notice offers to do, such as undo. */
  action?: { label: string; run: () => void } | undefined;
}

const fromFailure = ({ code, message, detail }: Failure) => new LaviError(code, message, detail);

type Hello = Awaited<ReturnType<typeof client.call<'app.hello'>>>;

/** The app as a whole: its settings, theme, connection, and what it has to say. */
export const useApp = defineStore('app', () => {
  const hello = ref<Omit<Hello, 'settings' | 'files' | 'queue'>>();
  const settings = ref<Settings>();
  const workspace = computed(() => settings.value?.workspace ?? 'compress');
  const connected = ref(false);
  const notices = reactive<Notice[]>([]);
  const dialog = ref<
    'settings' | 'about' | 'add' | 'folder' | 'summary' | 'keys' | 'export' | null
  >(null);
  let nextKey = 0;

  const systemDark = matchMedia('(prefers-color-scheme: dark)');
  const dark = ref(systemDark.matches);
  systemDark.addEventListener('change', () => (dark.value = systemDark.matches));
  const theme = computed(() => {
    const choice = settings.value?.theme ?? 'system';
    return choice === 'system' ? (dark.value ? 'dark' : 'light') : choice;
  });
  watch(theme, (value) => (document.documentElement.dataset.theme = value), { immediate: true });

  function dismiss(key: number) {
    const at = notices.findIndex((notice) => notice.key === key);
    if (at >= 0) notices.splice(at, 1);
  }

  function say(text: string, options: Partial<Pick<Notice, 'kind' | 'action'>> = {}) {
    const notice = { key: nextKey++, text, kind: options.kind ?? 'info', action: options.action };
    notices.push(notice);
    if (notices.length > 3) notices.shift();
    // Errors stay until they are dismissed; what can be undone stays long enough to be read.
    if (notice.kind === 'info') setTimeout(() => dismiss(notice.key), 8000);
  }

  /** Told of errors that no view shows by itself; translates them. */
  const explain = ref<(error: LaviError) => string>((error) => error.message);
  function fail(error: unknown) {
    const failure = failureSchema.safeParse(error);
    const known = failure.success ? fromFailure(failure.data) : toLaviError(error);
    if (known.code === 'CANCELLED') return;
    say(explain.value(known), { kind: 'error' });
  }

  async function setSettings(patch: Partial<Settings>) {
    if (settings.value) settings.value = { ...settings.value, ...patch };
    try {
      settings.value = await client.call('app.setSettings', patch);
    } catch (error) {
      fail(error);
    }
  }

  client.on('settings', (changed: DataOf<AppContract, 'settings'>) => (settings.value = changed));
  client.on('crashed', () => say(i18n.global.t('app.crashed'), { kind: 'error' }));

  return {
    hello,
    settings,
    workspace,
    connected,
    notices,
    dialog,
    theme,
    explain,
    say,
    dismiss,
    fail,
    setSettings,
  };
});
