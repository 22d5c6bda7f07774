import { errorText, TableError } from '@tablelab/shared';
import {
  ContentType,
  errorName,
  errorNumber,
  type Message,
  type Reply,
  type WireErrorCode,
} from './message.ts';
import { Opcode } from './operations.ts';

/** The longest error text that is sent, in UTF-16 code units: an error may quote input of any length. */
const detailLengthMax = 1_000;

/** The reply that says why a request failed. An error other than a TableError is a bug, and is sent as INTERNAL. */
export function errorReply(error: unknown): Reply {
  const code = error instanceof TableError ? error.code : 'INTERNAL';
  return {
    opcode: Opcode.OP_ERROR,
    c_type: ContentType.CT_NONE,
    error: errorNumber(code),
    detail: errorText(error).slice(0, detailLengthMax).toWellFormed(),
  };
}

/**
 * The error that an OP_ERROR reply represents. A missing or unknown code becomes INTERNAL.
 *
 * `mayHaveHappened`: whether the request may have been executed in spite of the error. If it is left out, it follows from the
 * code: it is true for INTERNAL, because the server may have failed at any point, and for UNCERTAIN. Every other code means
 * that nothing was executed.
 */
export function errorFromReply(reply: Message, options: { mayHaveHappened?: boolean } = {}): TableError {
  const code = errorName(reply.error) ?? 'INTERNAL';
  const text = reply.detail === '' ? `the server answered with error ${errorCodeText(reply)}` : reply.detail;
  return new TableError(code, text, {
    mayHaveHappened: options.mayHaveHappened ?? mayHaveHappenedAfter(code),
  });
}

function mayHaveHappenedAfter(code: WireErrorCode): boolean {
  return code === 'INTERNAL' || code === 'UNCERTAIN';
}

/** The original format has no field `error`: it has a number in `result`, or no code. */
function errorCodeText({ c_type, error, result }: Message): string {
  if (error !== 0) return errorName(error) ?? String(error);
  return c_type === ContentType.CT_RESULT ? String(result) : 'without a code';
}
