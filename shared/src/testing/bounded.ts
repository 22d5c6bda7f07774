import { createContext, Script } from 'node:vm';
import { TableError } from '../errors.ts';

const defaultLimitMs = 5_000;

const context = createContext({});
const callWork = new Script('work()');

/**
 * Calls `work`, and ends it where it is once it has taken too long: a loop without end, or a thread that waits for a lock
 * (`Atomics.wait`), fails at its own assertion, and the test goes on. Ends nothing that `work` leaves to the event loop; for
 * a promise take `withDeadline`.
 * @param rule What has to be done in time, as it should read before "is not done after 5000 ms".
 * @throws TableError TIMEOUT
 */
export function bounded<T>(rule: string, work: () => T, limitMs = defaultLimitMs): T {
  context.work = work;
  try {
    // Only V8 can interrupt what is running, and node:vm is how it is asked to.
    return callWork.runInContext(context, { timeout: limitMs });
  } catch (error) {
    if ((error as NodeJS.ErrnoException)?.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw new TableError('TIMEOUT', `${rule} is not done after ${limitMs} ms`, { cause: error });
  }
}
