const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 4 });

/** `1,234,567`; a dash for what is not known. */
export function groupedNumber(value: number | undefined): string {
  return value === undefined ? '–' : whole.format(value);
}

/** `1.235M`, where there is little room. */
export function shortNumber(value: number): string {
  return value < 1_000_000 ? whole.format(value) : short.format(value);
}

/** Three digits. */
export function milliseconds(value: number | undefined): string {
  return value === undefined ? '–' : `${Number(value.toPrecision(3))} ms`;
}
