import { check } from '@tablelab/part4/linearizability/check';
import { type HistoryEvent, historyFileFrom } from '@tablelab/part4/linearizability/history-file';
import { TableError } from '@tablelab/shared';
import { noOrderIn, operationPicture } from './operation-pictures.ts';
import type { OperationPicture } from './recording.ts';

/** More would take the checker, and the drawing, too long. */
const operationsMax = 20_000;

/** A history of clients, as `npm run chaos` writes it, and what the checker says of it. */
export interface CheckedHistory {
  readonly verdict: 'linearizable' | 'not-linearizable' | 'unknown';
  /** In the order of their calls. */
  readonly operations: readonly OperationPicture[];
  /** The places of the shortest part for which no order exists. */
  readonly noOrder: readonly number[];
  /** What happened to the chain meanwhile, as far as the file says it, in the order of time. */
  readonly events: readonly HistoryEvent[];
}

/** @throws TableError BAD_REQUEST with the line that is wrong, or if it is too long or empty */
export function checkedHistory(text: string): CheckedHistory {
  const { operations, events } = historyFileFrom(text);
  operations.sort((one, other) => one.call - other.call);
  events.sort((one, other) => one.at - other.at);
  if (operations.length === 0) throw new TableError('BAD_REQUEST', 'the file has no operation');
  if (operations.length > operationsMax)
    throw new TableError(
      'BAD_REQUEST',
      `the file has ${operations.length} operations, of ${operationsMax} at most`,
    );
  const { verdict } = check(operations);
  const noOrder = verdict === 'not-linearizable' ? (noOrderIn(operations) ?? []) : [];
  return { verdict, operations: operations.map(operationPicture), noOrder, events };
}
