import { bounded } from '@tablelab/shared/testing';
import type { Test } from 'tap';

/**
 * The time limit of such a test, in milliseconds: far more than it takes on a busy machine, and less than half of tap's
 * limit. The grader, whose calls go to another process, sets TEST_TIME_FACTOR; it has a limit of its own for each test.
 */
const limitMs = 10_000 * Number(process.env.TEST_TIME_FACTOR ?? 1);

/** A test without any waiting. If it never returns, it fails under its own title, and the next test runs. */
export function syncTest(t: Test, title: string, check: (t: Test) => void): void {
  t.test(title, async (t) => bounded(title, () => check(t), limitMs));
}
