import { createContext, Script } from 'node:vm';
import { isMainThread } from 'node:worker_threads';
import { TableError } from '../errors.ts';
import { ProcessorLimit, usedUs } from './processor-limit.ts';

const defaultLimitMs = 5_000;

/** Work that waits uses no processor, so it is also stopped after so many times the limit on the clock. */
const clockFactor = 5;

const context = createContext({});
const callWork = new Script('work()');

/** Only the main thread can be interrupted by a signal. */
const processorLimit = isMainThread ? new ProcessorLimit() : undefined;

/**
 * Calls `work` and interrupts it when it takes too long, even in an endless loop or while the thread is blocked
 * (`Atomics.wait`). So a wrong solution fails at the assertion that tests the rule, and the test goes on. Work that
 * continues in the event loop is not interrupted; use `withDeadline` for a promise.
 *
 * The limit counts the processor time of this process, so that a busy machine fails nobody. In a worker, only the clock counts.
 * @param rule names what has to end: it precedes "is not done after 5000 ms" in the error message.
 * @param clockLimitMs the limit for work that waits
 * @throws TableError TIMEOUT
 */
export function bounded<T>(
  rule: string,
  work: () => T,
  limitMs = defaultLimitMs,
  clockLimitMs = clockFactor * limitMs,
): T {
  const outerUs = processorLimit?.current;
  const limitUs = Math.min(usedUs() + 1_000 * limitMs, outerUs ?? Number.POSITIVE_INFINITY);
  try {
    return interruptible(() => {
      processorLimit?.begin(limitUs);
      try {
        return work();
      } finally {
        // The signal that interrupts this script is on its way. An interrupted script does not come here.
        if (processorLimit?.end() === false) for (;;);
      }
    }, clockLimitMs);
  } catch (error) {
    const reason = reasonOf(error, limitMs, clockLimitMs);
    if (reason === undefined) throw error;
    throw new TableError('TIMEOUT', `${rule} is not done after ${reason}`, { cause: error });
  } finally {
    if (outerUs !== undefined) processorLimit?.begin(outerUs);
  }
}

/** V8 alone can interrupt running code, and only node:vm offers that: after a time, or at the signal of `processorLimit`. */
function interruptible<T>(work: () => T, timeout: number): T {
  context.work = work;
  return callWork.runInContext(context, { timeout, breakOnSigint: processorLimit !== undefined });
}

/** Why the work was interrupted; undefined for an error of its own. */
function reasonOf(error: unknown, limitMs: number, clockLimitMs: number): string | undefined {
  switch ((error as NodeJS.ErrnoException | undefined)?.code) {
    case 'ERR_SCRIPT_EXECUTION_INTERRUPTED':
      // The signal of somebody else ends the process, as it does at any other time.
      if (processorLimit?.end()) process.kill(process.pid, 'SIGINT');
      return `${limitMs} ms of processor time`;
    case 'ERR_SCRIPT_EXECUTION_TIMEOUT':
      if (processorLimit?.end() === false) takeSignal();
      return `${clockLimitMs} ms`;
    default:
      return undefined;
  }
}

/** Both limits were over at the same time: waits for the signal, which would end the process outside of a script. */
function takeSignal(): void {
  try {
    interruptible(() => {
      for (;;);
    }, defaultLimitMs);
  } catch {
    // It has come.
  }
}
