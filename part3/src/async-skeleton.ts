import {
  ContentType,
  errorReply,
  expectContent,
  type Message,
  Opcode,
  type Reply,
  Skeleton,
} from '@tablelab/part2';
import { TableError } from '@tablelab/shared';
import { operationFields, operationNumberOf } from './operation-number.ts';
import type { TableStore } from './table-store.ts';

/**
 * The skeleton with asynchronous writes (assignment part 3): a put or del is answered with its operation number as
 * soon as it is in the task queue, `verify` tells whether it has been executed, and reads go to the table at once.
 */
export class AsyncSkeleton {
  readonly #store: TableStore;
  readonly #reads: Skeleton;
  readonly #roomTimeoutMs: number;

  /** `roomTimeoutMs`: how long a write may wait for room in the task queue before it is refused with BUSY. */
  constructor(store: TableStore, { roomTimeoutMs = 5_000 }: { roomTimeoutMs?: number } = {}) {
    this.#store = store;
    this.#reads = new Skeleton(store.table);
    this.#roomTimeoutMs = roomTimeoutMs;
  }

  /** Answers a request; never throws, never rejects. A promise only where a write has to wait for room. */
  invoke(request: Message): Reply | Promise<Reply> {
    try {
      switch (request.opcode) {
        case Opcode.OP_PUT:
          expectContent(request, ContentType.CT_ENTRY);
          return this.#write(request, 'put');
        case Opcode.OP_DEL:
          expectContent(request, ContentType.CT_KEY);
          return this.#write(request, 'del');
        case Opcode.OP_VERIFY: {
          expectContent(request, ContentType.CT_RESULT);
          const executed = this.#store.verify(operationNumberOf(request));
          return { opcode: Opcode.OP_VERIFY + 1, c_type: ContentType.CT_RESULT, result: executed ? 1 : 0 };
        }
        default:
          return this.#reads.invoke(request);
      }
    } catch (error) {
      return errorReply(error);
    }
  }

  #write(request: Message, op: 'put' | 'del'): Reply | Promise<Reply> {
    if (this.#store.isFull) return this.#writeWhenRoom(request, op);
    const opN = this.#store.submit({ op, key: request.key, data: request.data });
    return { opcode: request.opcode + 1, ...operationFields(opN) };
  }

  /** The connection takes in no more than so many requests without a reply, so this wait holds the client back. */
  async #writeWhenRoom(request: Message, op: 'put' | 'del'): Promise<Reply> {
    try {
      const deadline = performance.now() + this.#roomTimeoutMs;
      while (this.#store.isFull) {
        if (!(await this.#store.room(Math.max(0, deadline - performance.now())))) {
          throw new TableError('BUSY', `the task queue had no room for ${this.#roomTimeoutMs} ms`);
        }
      }
      return await this.#write(request, op);
    } catch (error) {
      return errorReply(error);
    }
  }
}
