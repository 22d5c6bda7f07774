import { errorText, TableError } from '../errors.ts';

const checkIntervalMs = 10;

/**
 * Calls `check` until it returns a value other than false and undefined, and returns that value. An error that `check`
 * throws counts as "not yet". Use it only for conditions that no event reports.
 * @throws TableError TIMEOUT at the deadline, with the last error of `check` as its cause
 */
export async function eventually<T>(
  check: () => T | false | undefined | Promise<T | false | undefined>,
  options: { readonly deadlineMs: number; readonly what?: string },
): Promise<T> {
  const deadline = performance.now() + options.deadlineMs;
  for (;;) {
    let cause: unknown;
    try {
      const outcome = await check();
      if (outcome !== false && outcome !== undefined) return outcome;
    } catch (error) {
      cause = error;
    }
    if (performance.now() >= deadline) {
      const what = options.what ?? 'a condition';
      const last = cause === undefined ? '' : `; the last check failed: ${errorText(cause)}`;
      throw new TableError('TIMEOUT', `waited ${options.deadlineMs} ms for ${what}${last}`, { cause });
    }
    await new Promise((resolve) => setTimeout(resolve, checkIntervalMs));
  }
}
