import { ContentType, errorReply, type Message, operationOf, type Reply, Skeleton } from '@tablelab/part2';
import { TableError } from '@tablelab/shared';
import { operationFields, operationNumberOf } from '../operation-number.ts';
import type { TableStore, Write } from '../table-store.ts';
import { Deferred } from './deferred.ts';

const noData = new Uint8Array(0);

/** What all writes together that wait for room may hold, in bytes. */
const waitingBytesMax = 64 * 1024 * 1024;

/**
 * The skeleton with asynchronous writes (assignment part 3): a put or del is answered with its operation number as
 * soon as it is in the task queue, `verify` tells whether it has been executed, and reads go to the table at once.
 */
export class AsyncSkeleton {
  readonly #store: TableStore;
  readonly #reads: Skeleton;
  readonly #roomTimeoutMs: number;
  /** What the writes that wait for room hold of memory. */
  #waitingBytes = 0;

  /** `roomTimeoutMs`: how long a write may wait for room before it is refused with BUSY. */
  constructor(store: TableStore, { roomTimeoutMs = 5_000 }: { roomTimeoutMs?: number } = {}) {
    this.#store = store;
    this.#reads = new Skeleton(store.table);
    this.#roomTimeoutMs = roomTimeoutMs;
  }

  /** Answers a request; never throws. The reply is deferred only where a write has to wait for room. */
  invoke(request: Message): Reply | Deferred<Reply> {
    try {
      const { name, task, content, reply } = operationOf(request);
      if (task !== undefined) {
        const data = content === ContentType.CT_ENTRY ? request.data : noData;
        return this.#write(request, { op: task, key: request.key, data });
      }
      if (name !== 'verify') return this.#reads.execute(request);
      const executed = this.#store.verify(operationNumberOf(request));
      return { opcode: request.opcode + 1, c_type: reply, result: executed ? 1 : 0 };
    } catch (error) {
      return errorReply(error);
    }
  }

  #write({ opcode }: Message, write: Write): Reply | Deferred<Reply> {
    if (!this.#store.mustWait(write)) return this.#submit(opcode, write);
    return Deferred.of(this.#submitWhenRoom(opcode, write));
  }

  #submit(opcode: number, write: Write): Reply {
    return { opcode: opcode + 1, ...operationFields(this.#store.submit(write)) };
  }

  /**
   * While this write waits, its connection is not read from: that holds the client back. The writes of different
   * connections may overtake each other here, as they may on the network.
   */
  async #submitWhenRoom(opcode: number, write: Write): Promise<Reply> {
    const bytes = write.data.length;
    try {
      if (this.#waitingBytes + bytes > waitingBytesMax) {
        throw new TableError('BUSY', 'the server is full, and as many writes wait for room as can');
      }
      const deadline = performance.now() + this.#roomTimeoutMs;
      this.#waitingBytes += bytes;
      try {
        while (this.#store.mustWait(write)) {
          if (await this.#store.room(write, Math.max(0, deadline - performance.now()))) continue;
          throw new TableError('BUSY', `the server had no room for this write for ${this.#roomTimeoutMs} ms`);
        }
      } finally {
        this.#waitingBytes -= bytes;
      }
      return this.#submit(opcode, write);
    } catch (error) {
      return errorReply(error);
    }
  }
}
