import { createI18n } from 'vue-i18n';
import { de } from './de';
import type { Messages } from './en';
import { en } from './en';

/** Messages are compiled to trees, never to code: the page's policy allows no eval. */
export const i18n = createI18n<[Messages], 'en' | 'de', false>({
  legacy: false,
  locale: 'en',
  fallbackLocale: 'en',
  messages: { en, de },
});
