import { computed } from '@preact/signals';
import { locale } from '../words/numbers.ts';

const whole = computed(() => new Intl.NumberFormat(locale.value, { maximumFractionDigits: 0 }));
const short = computed(
  () => new Intl.NumberFormat(locale.value, { notation: 'compact', maximumSignificantDigits: 4 }),
);
const threeDigits = computed(
  () => new Intl.NumberFormat(locale.value, { maximumSignificantDigits: 3, useGrouping: false }),
);

/** `1,234,567`; a dash for what is not known. */
export function groupedNumber(value: number | undefined): string {
  return value === undefined ? '–' : whole.value.format(value);
}

/** `1.235M`, where there is little room. */
export function shortNumber(value: number): string {
  return value < 1_000_000 ? whole.value.format(value) : short.value.format(value);
}

/** Three digits. */
export function milliseconds(value: number | undefined): string {
  return value === undefined ? '–' : `${threeDigits.value.format(value)} ms`;
}
