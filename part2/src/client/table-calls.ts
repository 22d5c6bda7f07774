import { checkKey } from '@tablelab/part1';
import { TableError } from '@tablelab/shared';
import { errorFromReply } from '../wire/error-reply.ts';
import { ContentType, ErrorNumber, type Message, type MessageFields, Opcode } from '../wire/message.ts';

/**
 * The requests to a table and the meaning of their replies (assignment part 2, the table of messages), without any
 * network: every stub is built of these, whichever connection it sends over.
 */

export const requests = {
  size: (): MessageFields => ({ opcode: Opcode.OP_SIZE, c_type: ContentType.CT_NONE }),
  getKeys: (): MessageFields => ({ opcode: Opcode.OP_GETKEYS, c_type: ContentType.CT_NONE }),
  /** @throws TableError BAD_REQUEST, as all that take a key, for one that no table takes */
  get: (key: string): MessageFields => ({
    opcode: Opcode.OP_GET,
    c_type: ContentType.CT_KEY,
    key: checked(key),
  }),
  del: (key: string): MessageFields => ({
    opcode: Opcode.OP_DEL,
    c_type: ContentType.CT_KEY,
    key: checked(key),
  }),
  put: (key: string, data: Uint8Array): MessageFields => ({
    opcode: Opcode.OP_PUT,
    c_type: ContentType.CT_ENTRY,
    key: checked(key),
    data,
  }),
};

/** Each throws the TableError that an OP_ERROR reply stands for, and INTERNAL for content of another type. */
export const results = {
  size: (reply: Message): number => expectReply(reply, ContentType.CT_RESULT).result,
  getKeys: (reply: Message): string[] => [...expectReply(reply, ContentType.CT_KEYS).keys],
  /** A copy of the value; undefined for an absent key. A server that knows no `found` has no empty values. */
  get: (reply: Message): Uint8Array | undefined => {
    const { data, found } = expectReply(reply, ContentType.CT_VALUE);
    return found || data.length > 0 ? new Uint8Array(data) : undefined;
  },
  put: (reply: Message): void => {
    expectReply(reply, ContentType.CT_NONE);
  },
  /** Whether the key was there. */
  del: (reply: Message): boolean => {
    if (isKeyAbsent(reply)) return false;
    expectReply(reply, ContentType.CT_NONE);
    return true;
  },
};

/**
 * `reply`, when it is no error and its content is of the type `expected`.
 * @throws TableError: what the server said, or INTERNAL for a reply that does not fit
 */
export function expectReply(reply: Message, expected: number): Message {
  if (reply.opcode === Opcode.OP_ERROR) throw errorFromReply(reply);
  if (reply.c_type === expected) return reply;
  const text = `a reply with content type ${reply.c_type} in place of ${expected}`;
  throw new TableError('INTERNAL', text, { mayHaveHappened: true });
}

/** Whether this reply to a del says that there is no such key: in the original format an error without a code. */
export function isKeyAbsent({ opcode, c_type, error }: Message): boolean {
  if (opcode !== Opcode.OP_ERROR) return false;
  return error === ErrorNumber.KEY_ABSENT || (error === 0 && c_type === ContentType.CT_NONE);
}

function checked(key: string): string {
  checkKey(key);
  return key;
}
