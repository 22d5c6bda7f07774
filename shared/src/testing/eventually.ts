import { errorText, TableError } from '../errors.ts';

const checkIntervalMs = 10;

/**
 * Repeats `check` until it returns something else than false or undefined, and returns that. For states that nothing
 * announces; where there is an event, wait for the event. An error that `check` throws counts as "not yet".
 * @throws TableError TIMEOUT at the deadline, with the last error of `check` as its cause.
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
      const what = options.what ?? 'a check to hold';
      const last = cause === undefined ? '' : `; the last check failed: ${errorText(cause)}`;
      throw new TableError('TIMEOUT', `waited ${options.deadlineMs} ms for ${what}${last}`, { cause });
    }
    await new Promise((resolve) => setTimeout(resolve, checkIntervalMs));
  }
}
