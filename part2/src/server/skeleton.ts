import { checkKey, type KeyValueTable } from '@tablelab/part1';
import { TableError } from '@tablelab/shared';
import { errorReply } from '../wire/error-reply.ts';
import { ContentType, type Message, Opcode, type Reply } from '../wire/message.ts';

/**
 * Turns a request into a call on the table and the outcome back into a reply (assignment part 2, the table of
 * messages). It knows nothing of sockets, and the table nothing of messages.
 */
export class Skeleton {
  readonly #table: KeyValueTable;

  constructor(table: KeyValueTable) {
    this.#table = table;
  }

  /** Executes `request`. Never throws: whatever goes wrong becomes an OP_ERROR reply. */
  invoke(request: Message): Reply {
    try {
      return this.#execute(request);
    } catch (error) {
      return errorReply(error);
    }
  }

  #execute(request: Message): Reply {
    const { opcode, key, data } = request;
    checkKey(key);
    switch (opcode) {
      case Opcode.OP_SIZE:
        expectContent(request, ContentType.CT_NONE);
        return { opcode: opcode + 1, c_type: ContentType.CT_RESULT, result: this.#table.size };
      case Opcode.OP_DEL:
        expectContent(request, ContentType.CT_KEY);
        if (!this.#table.del(key)) throw new TableError('KEY_ABSENT', 'there is no such key');
        return { opcode: opcode + 1, c_type: ContentType.CT_NONE };
      case Opcode.OP_GET: {
        expectContent(request, ContentType.CT_KEY);
        const value = this.#table.get(key);
        if (value === undefined) return { opcode: opcode + 1, c_type: ContentType.CT_VALUE };
        return { opcode: opcode + 1, c_type: ContentType.CT_VALUE, data: value, found: true };
      }
      case Opcode.OP_PUT:
        expectContent(request, ContentType.CT_ENTRY);
        this.#table.put(key, data);
        return { opcode: opcode + 1, c_type: ContentType.CT_NONE };
      case Opcode.OP_GETKEYS:
        expectContent(request, ContentType.CT_NONE);
        return { opcode: opcode + 1, c_type: ContentType.CT_KEYS, keys: this.#table.keys() };
      default:
        throw new TableError('BAD_REQUEST', `this server knows no opcode ${opcode}`);
    }
  }
}

/** @throws TableError BAD_REQUEST when the request's content is not of the type that its opcode asks for */
export function expectContent({ opcode, c_type }: Message, expected: number): void {
  if (c_type === expected) return;
  throw new TableError('BAD_REQUEST', `opcode ${opcode} needs content type ${expected}, not ${c_type}`);
}
