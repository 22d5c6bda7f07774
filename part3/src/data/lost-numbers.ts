import { ContentType, errorReply, type Message, Opcode, type Reply } from '@tablelab/part2';
import { TableError } from '@tablelab/shared';
import { operationNumberOf } from '../operation-number.ts';

/** Lost numbers, or others: from `from` on, below `end`. */
export interface NumberRange {
  readonly from: number;
  readonly end: number;
}

/**
 * The reply to a request that asks `verify` for a lost number: one that no write has any more; undefined for every other request. A server
 * that was killed may have given such a number to a write that was not on its disk. The write was not executed and never
 * will be, and no other write gets its number.
 */
export function lostReply(lost: readonly NumberRange[], request: Message): Reply | undefined {
  if (request.opcode !== Opcode.OP_VERIFY || request.c_type !== ContentType.CT_RESULT) return undefined;
  const opN = request.sequence === 0 ? request.result : operationNumberOf(request);
  if (!lost.some(({ from, end }) => from <= opN && opN < end)) return undefined;
  const text = `no write has the number ${opN}: if one had it, it was lost when the server was killed, and will never be executed`;
  return errorReply(new TableError('LOST', text));
}
