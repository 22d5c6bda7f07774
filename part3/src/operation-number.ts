import { ContentType, type Message, type Reply } from '@tablelab/part2/wire';
import { TableError } from '@tablelab/shared';

/** The limit of the assignment's field `result`, a sint32. */
const resultMax = 2 ** 31;

/**
 * The fields that carry an operation number: `result` as in the assignment, or `sequence` if the number is too large.
 */
export function operationFields(opN: number): Pick<Reply, 'c_type'> & { result: number; sequence: number } {
  return { c_type: ContentType.CT_RESULT, result: opN % resultMax, sequence: opN };
}

/**
 * The operation number in a message of either format.
 * @throws TableError BAD_REQUEST for a negative number
 */
export function operationNumberOf(message: Pick<Message, 'result' | 'sequence'>): number {
  const opN = message.sequence === 0 ? message.result : message.sequence;
  if (opN < 0) throw new TableError('BAD_REQUEST', `operation numbers begin at 0, not ${opN}`);
  return opN;
}
