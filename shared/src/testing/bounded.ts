import { createContext, Script } from 'node:vm';
import { TableError } from '../errors.ts';

const defaultLimitMs = 5_000;

const context = createContext({});
const callWork = new Script('work()');

/**
 * Calls `work` and interrupts it when it takes too long, even in an endless loop or while the thread is blocked
 * (`Atomics.wait`). So a wrong solution fails at the assertion that tests the rule, and the test goes on. Work that
 * continues in the event loop is not interrupted; use `withDeadline` for a promise.
 * @param rule names what has to end: it precedes "is not done after 5000 ms" in the error message.
 * @throws TableError TIMEOUT
 */
export function bounded<T>(rule: string, work: () => T, limitMs = defaultLimitMs): T {
  context.work = work;
  try {
    // V8 alone can interrupt running code, and only node:vm offers that.
    return callWork.runInContext(context, { timeout: limitMs });
  } catch (error) {
    if ((error as NodeJS.ErrnoException)?.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw new TableError('TIMEOUT', `${rule} is not done after ${limitMs} ms`, { cause: error });
  }
}
