import type { KeyPage } from '@tablelab/part1';
import { TableError } from '@tablelab/shared';
import { errorFromReply } from '../wire/error-reply.ts';
import { ContentType, ErrorNumber, isAppliedIn, type Message } from '../wire/message.ts';
import {
  Opcode,
  type Operation,
  type OperationName,
  operationNames,
  operations,
} from '../wire/operations.ts';

const { CT_VALUE, CT_KEYS, CT_RESULT, CT_NONE } = ContentType;

/** The result types of replies, by content type. */
interface ReplyResults {
  readonly [CT_NONE]: undefined;
  readonly [CT_VALUE]: Uint8Array | undefined;
  readonly [CT_KEYS]: string[];
  readonly [CT_RESULT]: number;
}

type OperationResult<N extends OperationName> = (typeof operations)[N] extends {
  readonly absentKeyIsError: true;
}
  ? boolean
  : ReplyResults[(typeof operations)[N]['reply']];

type Results = { readonly [N in OperationName]: (reply: Message) => OperationResult<N> };

/**
 * The result in a reply to each operation: `results.get(reply)` is a copy of the value, or undefined for an absent key;
 * `results.del(reply)` returns whether the key was present. Each throws the TableError that an OP_ERROR reply
 * represents, and INTERNAL for content of another type.
 */
export const results = Object.fromEntries(
  operationNames.map((name) => [name, resultReader(operations[name])]),
) as Results;

function resultReader({ reply: content, absentKeyIsError }: Operation): (reply: Message) => unknown {
  if (absentKeyIsError) {
    return (reply) => {
      if (isKeyAbsent(reply)) return false;
      expectReply(reply, content);
      return true;
    };
  }
  switch (content) {
    case CT_VALUE:
      return (reply) => foundValue(expectReply(reply, content));
    case CT_KEYS:
      return (reply) => [...expectReply(reply, content).keys];
    case CT_RESULT:
      return (reply) => expectReply(reply, content).result;
    default:
      return (reply) => {
        expectReply(reply, content);
      };
  }
}

/**
 * Whether a put on condition has stored its value.
 * @throws TableError: the server's error, or INTERNAL for a reply that does not say
 */
export function appliedResult(reply: Message, expected: number = CT_NONE): boolean {
  const isApplied = isAppliedIn(expectReply(reply, expected));
  if (isApplied !== undefined) return isApplied;
  const text = 'the reply to a put on condition does not say whether it was met';
  throw new TableError('INTERNAL', text, { mayHaveHappened: true });
}

/** Some keys, and where the scan goes on: 0 where they were the last. */
export function scanResult(reply: Message): KeyPage {
  return { keys: results.scan(reply), next: reply.next };
}

/**
 * A copy, because the message's bytes alias the received ones. A server without the field `found` has no empty values.
 */
function foundValue({ data, found }: Message): Uint8Array | undefined {
  return found || data.length > 0 ? new Uint8Array(data) : undefined;
}

/**
 * Returns `reply` if it is not an error and its content is of the type `expected`.
 * @throws TableError: the server's error, or INTERNAL for a reply that does not fit
 */
export function expectReply(reply: Message, expected: number): Message {
  if (reply.opcode === Opcode.OP_ERROR) throw errorFromReply(reply);
  if (reply.c_type === expected) return reply;
  const text = `a reply with content type ${reply.c_type} in place of ${expected}`;
  throw new TableError('INTERNAL', text, { mayHaveHappened: true });
}

/** Whether a reply says that there is no such key: in the original format an error without a code. */
function isKeyAbsent({ opcode, c_type, error }: Message): boolean {
  if (opcode !== Opcode.OP_ERROR) return false;
  return error === ErrorNumber.KEY_ABSENT || (error === 0 && c_type === CT_NONE);
}
