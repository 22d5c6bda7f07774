import { bounded } from '@tablelab/shared/testing';
import type { Test } from 'tap';

/** Many times what such a test takes on a busy machine, and less than half of a test's time limit, in milliseconds. */
const limitMs = 10_000;

/** A test without any waiting. If it never returns, it fails under its own title, and the next test runs. */
export function syncTest(t: Test, title: string, check: (t: Test) => void): void {
  t.test(title, async (t) => bounded(title, () => check(t), limitMs));
}
