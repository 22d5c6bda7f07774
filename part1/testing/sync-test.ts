import { bounded } from '@tablelab/shared/testing';
import type { Test } from 'tap';

/**
 * The time limit of such a test, in milliseconds: far more than it takes on a busy machine, and less than half of tap's
 * limit.
 */
const limitMs = 10_000;

/** A test without any waiting. If it never returns, it fails under its own title, and the next test runs. */
export function syncTest(t: Test, title: string, check: (t: Test) => void): void {
  t.test(title, async (t) => bounded(title, () => check(t), limitMs));
}
