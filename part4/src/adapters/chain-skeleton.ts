import { checkKey } from '@tablelab/part1';
import {
  Ack,
  ContentType,
  errorReply,
  expectContent,
  type Message,
  Opcode,
  type Reply,
  Skeleton,
} from '@tablelab/part2';
import type { TableStore } from '@tablelab/part3';
import { TableError, unreachable } from '@tablelab/shared';
import { nameFields, nameOf } from '../write-name.ts';
import type { CoreDriver } from './core-driver.ts';

/** How long a write may wait: for room in the chain, and then, if it asked for that, for the whole chain. */
const writeTimeoutMs = 30_000;

/**
 * The skeleton of a server in a chain (assignment part 4): writes only at the head, reads only at the tail; everywhere
 * else the client is told where it should look.
 */
export class ChainSkeleton {
  readonly #driver: CoreDriver;
  readonly #reads: Skeleton;

  constructor(driver: CoreDriver, store: TableStore) {
    this.#driver = driver;
    this.#reads = new Skeleton(store.table);
  }

  /** Answers a request; never throws, never rejects. */
  async invoke(request: Message): Promise<Reply> {
    try {
      switch (request.opcode) {
        case Opcode.OP_PUT:
          expectContent(request, ContentType.CT_ENTRY);
          return await this.#write(request, 'put');
        case Opcode.OP_DEL:
          expectContent(request, ContentType.CT_KEY);
          return await this.#write(request, 'del');
        case Opcode.OP_VERIFY:
          expectContent(request, ContentType.CT_RESULT);
          return this.#verify(request);
        case Opcode.OP_SIZE:
        case Opcode.OP_GET:
        case Opcode.OP_GETKEYS:
          this.#checkRead();
          return this.#reads.invoke(request);
        default:
          throw new TableError('BAD_REQUEST', `this server knows no opcode ${request.opcode}`);
      }
    } catch (error) {
      return errorReply(error);
    }
  }

  async #write(request: Message, op: 'put' | 'del'): Promise<Reply> {
    const { key, data, client, request: number } = request;
    checkKey(key);
    if (!/^([0-9a-f]{16})?$/.test(client)) {
      throw new TableError('BAD_REQUEST', 'a client is named by 16 hexadecimal digits, or not at all');
    }
    const ack = request.ack === Ack.COMMITTED ? 'committed' : 'assigned';
    // The log keeps the value longer than the connection keeps the bytes it was read from.
    const write = { client, request: number, op, key, data: data.slice() };
    const reply = await this.#driver.write(write, ack, writeTimeoutMs);
    switch (reply.type) {
      case 'assigned':
      case 'committed':
        return { opcode: request.opcode + 1, ...nameFields(reply.name) };
      case 'refused':
        throw new TableError(reply.code, reply.detail);
      default:
        return unreachable(reply);
    }
  }

  #verify(request: Message): Reply {
    this.#checkRead();
    const name = nameOf(request);
    const outcome = this.#driver.core.verify(name);
    if (outcome === 'lost') {
      throw new TableError(
        'LOST',
        `${name.epoch}:${name.seq} will never be executed: another write has its place`,
      );
    }
    const result = outcome === 'executed' ? 1 : 0;
    return { opcode: Opcode.OP_VERIFY + 1, c_type: ContentType.CT_RESULT, result };
  }

  #checkRead(): void {
    const refusal = this.#driver.core.readRefusal();
    if (refusal !== undefined) throw new TableError(refusal.code, refusal.detail);
  }
}
