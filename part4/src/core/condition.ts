import { isSameData } from '@tablelab/part1';
import { unreachable } from '@tablelab/shared';
import { writeWithNumber } from './epoch-table.ts';
import { type History, receivedBy, verifyIn } from './history.ts';
import { effectOf, type Update, type WriteRequest } from './update.ts';
import { findUpdate, updateAt } from './update-log.ts';

/** What the host has found in the table under the key of a write, after at least the updates known to be executed. */
export interface TableEntry {
  /** The logical size of the entry; 0: there is none, or nobody has looked. */
  readonly bytes: number;
  /** Whether its value is the one that a `putIfEquals` expects. */
  readonly isExpected: boolean;
}

export const noEntry: TableEntry = Object.freeze({ bytes: 0, isExpected: false });

/** Whether the outcome of a write depends on the table, so that the host must look at it. */
export function isConditional({ op }: Pick<WriteRequest, 'op'>): boolean {
  return op === 'del' || op === 'putIfAbsent' || op === 'putIfEquals';
}

/**
 * Whether `write`, as the next update, is applied: for a del, whether the key is there; for a put on condition, whether the
 * condition is met.
 *
 * The head decides this once, when it numbers the write, and the update carries the outcome, which is lost only together
 * with the update. The other servers do not decide again: while a server copies the table, an entry may already contain the
 * effect of later updates, and a condition evaluated there could have another result.
 *
 * An update that is received and not executed counts before the table, which may be older or newer than it.
 */
export function isAppliedNext(history: History, write: WriteRequest, entry: TableEntry): boolean {
  const { op } = write;
  if (op === 'put' || op === 'open') return true;
  const last = lastUnexecuted(history, write.key);
  const isPresent = last === undefined ? entry.bytes > 0 : last.op !== 'del';
  switch (op) {
    case 'del':
      return isPresent;
    case 'putIfAbsent':
      return !isPresent;
    case 'putIfEquals':
      if (last === undefined) return isPresent && entry.isExpected;
      return isPresent && write.expected !== undefined && isSameData(last.data, write.expected);
    default:
      return unreachable(op);
  }
}

/** The last update that may not be executed yet and that changes the entry under `key`. */
function lastUnexecuted(history: History, key: string): Update | undefined {
  for (let seq = receivedBy(history) - 1; seq >= history.executed; seq -= 1) {
    const update = updateAt(history.log, seq);
    if (update.key === key && effectOf(update) !== 'none') return update;
  }
  return undefined;
}

/**
 * Whether an executed del or put on condition has changed the table, as its update says. Undefined for a put without a
 * condition, a write that is not executed, and one whose update has left the log.
 */
export function outcomeOf(
  history: History,
  name: { number: number; epoch: number | undefined },
): boolean | undefined {
  const { epochs, log } = history;
  const write = writeWithNumber(epochs, name);
  if (write === undefined || verifyIn(history, name) !== 'executed') return undefined;
  const update = findUpdate(log, write.seq);
  return update !== undefined && isConditional(update) ? update.isApplied : undefined;
}
