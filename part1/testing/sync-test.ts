import { bounded } from '@tablelab/shared/testing';
import type { Test } from 'tap';
import { timeFactor } from './time-factor.ts';

/** What such a test may use of a processor: some times what the slowest takes. */
const limitMs = 10_000 * timeFactor;

/** What it may take on the clock, however busy the machine is: less than tap's limit, so that the next test runs. */
const clockLimitMs = 27_000 * timeFactor;

/** A test without any waiting. If it never returns, it fails under its own title, and the next test runs. */
export function syncTest(t: Test, title: string, check: (t: Test) => void): void {
  t.test(title, async (t) => bounded(title, () => check(t), limitMs, clockLimitMs));
}
