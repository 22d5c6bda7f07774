import { checkMilliseconds, wrongArgument } from '@tablelab/shared';
import type { OperationName } from '../write-name.ts';

export interface ChainTableOptions {
  /** ZooKeeper: `host:port[,host:port][/path]`. */
  readonly zookeeper: string;
  /** How long an operation may take, including all repeats, in milliseconds. Default: 15,000. */
  readonly deadlineMs?: number;
  /** Requests are repeated when their server has sent no answer for this long, in milliseconds. Default: 5,000. */
  readonly attemptTimeoutMs?: number;
  /** The time-out of the session with ZooKeeper, in milliseconds. Default: 4,000. */
  readonly sessionTimeoutMs?: number;
  /** Gets log lines that help to find the cause of a delay. */
  readonly log?: (message: string) => void;
}

/** What one call may have of its own. */
export interface CallOptions {
  /** How long this call may take, including all repeats, in milliseconds. Default: the `deadlineMs` of the table. */
  readonly deadlineMs?: number | undefined;
  /**
   * Ends the call with the TableError ABORTED. A write that was sent already may still be executed: `mayHaveHappened` of the
   * error says so. A call whose signal is aborted when it is made sends nothing.
   */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The name of a write whose outcome depends on the table, and whether it was applied: the condition was met and the value
 * stored, or the key was there and is deleted. The answer is the same however often the write was repeated.
 */
export interface ConditionalWrite extends OperationName {
  readonly applied: boolean;
}

/** @throws TableError BAD_REQUEST */
export function checkCallOptions({ deadlineMs, signal }: CallOptions): void {
  if (deadlineMs !== undefined) checkMilliseconds('deadlineMs', deadlineMs);
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw wrongArgument('signal is an AbortSignal', signal);
  }
}
