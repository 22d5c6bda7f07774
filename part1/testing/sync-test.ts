import { bounded } from '@tablelab/shared/testing';
import type { Test } from 'tap';

/** Many times what such a test takes on a busy machine, and less than a test may take in all, in milliseconds. */
const limitMs = 10_000;

/** A test that waits for nothing: one that never returns fails under its own title, and the next one runs. */
export function syncTest(t: Test, title: string, check: (t: Test) => void): void {
  t.test(title, async (t) => bounded(title, () => check(t), limitMs));
}
