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

/** The longest text of an error that is sent, in UTF-16 code units: an error may quote what it was given. */
const detailLengthMax = 1_000;

/** The reply that says why a request failed. What is no TableError is a bug here, and INTERNAL to the client. */
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
 * The error that an OP_ERROR reply stands for. A code that is missing or unknown becomes INTERNAL.
 *
 * `mayHaveHappened`: whether the request may have been executed all the same. Left out, it follows from the code: a
 * server that failed within may have got anywhere, and UNCERTAIN says so itself; every other code is a refusal before
 * anything was done.
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

/** The original format has no field `error`: it puts a number into `result`, or nothing at all. */
function errorCodeText({ c_type, error, result }: Message): string {
  if (error !== 0) return errorName(error) ?? String(error);
  return c_type === ContentType.CT_RESULT ? String(result) : 'without a code';
}
