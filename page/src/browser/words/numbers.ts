import { computed } from '@preact/signals';
import { language } from '../view.ts';

/** Numbers and times as the chosen language writes them. */

export const locale = computed(() => (language.value === 'pt' ? 'pt-PT' : 'en-GB'));

const fixedFormats = new Map<string, Intl.NumberFormat>();

/** With so many digits after the decimal point, and no signs between the thousands: `1234.5`. */
export function fixed(value: number, digits: number): string {
  const key = `${locale.value} ${digits}`;
  let format = fixedFormats.get(key);
  if (format === undefined) {
    const options = { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false };
    format = new Intl.NumberFormat(locale.value, options);
    fixedFormats.set(key, format);
  }
  return format.format(value);
}

/** The time of day; `at` in milliseconds since 1970. */
export function timeOfDay(at: number): string {
  return new Date(at).toLocaleTimeString(locale.value);
}
