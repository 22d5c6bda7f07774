import type { KeyValueTable } from '@tablelab/part1';
import { TableError } from '@tablelab/shared';
import { errorReply } from '../wire/error-reply.ts';
import { type Message, outcomeNumber, type Reply } from '../wire/message.ts';
import { operationOf, operations, type TableOperationName, unknownOpcode } from '../wire/operations.ts';
import { KeyListing, type ListedKeys } from './key-listing.ts';

/**
 * Calls the table for an operation, and returns `reply`, or a copy of it with the result: `reply` is frozen.
 * @throws TableError KEY_ABSENT for the del of an absent key, and what the table throws
 */
type Execution = (table: KeyValueTable, request: Message, reply: Reply) => Reply;

/** How many keys a scan brings that asks for no number; its table ends it earlier when it has looked at enough. */
const scanKeysDefault = 1_000;

const executions: Readonly<Record<Exclude<TableOperationName, 'getKeys'>, Execution>> = {
  put(table, { key, data }, reply) {
    table.put(key, data);
    return reply;
  },
  putIfAbsent: (table, { key, data }, reply) => ({
    ...reply,
    outcome: outcomeNumber(table.putIfAbsent(key, data)),
  }),
  putIfEquals: (table, { key, expected, data }, reply) => ({
    ...reply,
    outcome: outcomeNumber(table.putIfEquals(key, expected, data)),
  }),
  del(table, { key }, reply) {
    if (!table.del(key)) throw new TableError('KEY_ABSENT', 'there is no such key');
    return reply;
  },
  get(table, { key }, reply) {
    const value = table.get(key);
    return value === undefined ? reply : { ...reply, data: value, found: true };
  },
  has: (table, { key }, reply) => ({ ...reply, result: table.has(key) ? 1 : 0 }),
  size: (table, _request, reply) => ({ ...reply, result: table.size }),
  scan(table, { key: prefix, from, limit }, reply) {
    const keysMax = limit === 0 ? scanKeysDefault : limit;
    const { keys, next } = table.scan({ prefix, from, keysMax });
    return { ...reply, keys, next };
  },
};

/** By opcode: how an operation is executed, and its reply without content. */
const executable: { readonly execute: Execution; readonly reply: Reply }[] = [];
for (const [name, execute] of Object.entries(executions)) {
  const { opcode, reply } = operations[name as TableOperationName];
  executable[opcode] = { execute, reply: Object.freeze({ opcode: opcode + 1, c_type: reply }) };
}

/**
 * Turns a request into a call on the table, and the outcome into a reply (assignment part 2, the table of messages). The
 * skeleton knows nothing of sockets, and the table knows nothing of messages.
 */
export class Skeleton {
  readonly #table: KeyValueTable;
  readonly #keys: ListedKeys;

  constructor(table: KeyValueTable) {
    this.#table = table;
    this.#keys = {
      scan: (from) => table.scan({ prefix: '', from, keysMax: Number.POSITIVE_INFINITY }),
      keysBytes: () => table.keysBytes,
    };
  }

  /** Executes `request`. Never throws: an error becomes an OP_ERROR reply. */
  invoke(request: Message): Reply {
    try {
      const begun = this.begin(request);
      if (!(begun instanceof KeyListing)) return begun;
      for (;;) {
        const reply = begun.step();
        if (reply !== undefined) return reply;
      }
    } catch (error) {
      return errorReply(error);
    }
  }

  /**
   * Executes `request`, but for a long list of keys: the caller continues that in steps, between which it can do other work.
   * @throws TableError as {@link execute}, and for an invalid request
   */
  begin(request: Message): Reply | KeyListing {
    if (operationOf(request).name === 'getKeys') return new KeyListing(this.#keys).start();
    return this.execute(request);
  }

  /**
   * Executes `request`, which has been checked ({@link operationOf}) and is no `getkeys`.
   * @throws TableError BAD_REQUEST for an operation that a table does not have, KEY_ABSENT, and the table's errors
   */
  execute(request: Message): Reply {
    const found = executable[request.opcode];
    if (found === undefined) throw unknownOpcode(request.opcode);
    return found.execute(this.#table, request, found.reply);
  }
}
