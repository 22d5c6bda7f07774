/** A straight line through measurements, with how far it can be trusted. */
export interface Trend {
  /** How much the line rises from the first measurement to the last. */
  readonly rise: number;
  /** Its standard error: from what measurements scatter about the line. */
  readonly riseError: number;
}

/** The line of least squares through at least three `values`, measured at equal distances. */
export function trendOf(values: readonly number[]): Trend {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = (number: number) => number * number;
  const spread = values.reduce((sum, _, index) => sum + square(index - middle), 0);
  const slope = values.reduce((sum, value, index) => sum + (index - middle) * (value - mean), 0) / spread;
  const scatter = values.reduce(
    (sum, value, index) => sum + square(value - mean - slope * (index - middle)),
    0,
  );
  const slopeError = Math.sqrt(scatter / (values.length - 2) / spread);
  return { rise: slope * (values.length - 1), riseError: slopeError * (values.length - 1) };
}
