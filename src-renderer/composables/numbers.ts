import { computed } from 'vue';
import { useI18n } from 'vue-i18n';

const units = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Numbers as people read them, in the language of the app: three figures, a unit, a true minus. */
export function useNumbers() {
  const { locale } = useI18n();

  const formats = computed(() => {
    const made = new Map<number, Intl.NumberFormat>();
    return (digits: number) => {
      const found = made.get(digits);
      if (found) return found;
      const format = new Intl.NumberFormat(locale.value, {
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
      });
      made.set(digits, format);
      return format;
    };
  });

  /** With a set number of decimals. */
  const number = (value: number, digits = 0) =>
    formats.value(digits).format(value).replace('-', '−');

  /** 412 kB, 1.05 MB: decimal units, as file managers and shops use them. */
  function size(bytes: number): string {
    let value = bytes;
    let unit = 0;
    while (value >= 999.5 && unit < units.length - 1) {
      value /= 1000;
      unit++;
    }
    const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
    return `${number(value, digits)} ${units[unit]}`;
  }

  /** −87 %: what a file lost of its size. */
  function change(before: number, after: number): string {
    if (before <= 0) return '';
    const share = (100 * (after - before)) / before;
    const rounded = Math.round(share);
    return `${rounded > 0 ? '+' : ''}${number(rounded)} %`;
  }

  const percent = (share: number) => {
    const value = 100 * share;
    return `${number(value, value > 0 && value < 9.95 ? 1 : 0)} %`;
  };

  const seconds = (value: number) => {
    if (value < 90) return `${number(Math.max(1, Math.round(value)))} s`;
    return `${number(Math.round(value / 60))} min`;
  };

  return { number, size, change, percent, seconds };
}
