import {
  ContentType,
  errorReply,
  type Message,
  Outcome,
  operationOf,
  type Reply,
  Skeleton,
} from '@tablelab/part2';
import { unreachable } from '@tablelab/shared';
import { operationFields, operationNumberOf } from '../operation-number.ts';
import type { Admission, TableStore, Write } from '../store/table-store.ts';
import { Deferred } from './deferred.ts';
import { KeyLister } from './key-lister.ts';

const noData = new Uint8Array(0);

/**
 * The skeleton with asynchronous writes (assignment part 3): a put or del is answered with its operation number as
 * soon as it is in the task queue, `verify` tells whether it has been executed, and reads go to the table at once.
 */
export class AsyncSkeleton {
  readonly #store: TableStore;
  readonly #reads: Skeleton;
  readonly #lister: KeyLister;
  readonly #roomTimeoutMs: number;

  /** `roomTimeoutMs`: how long a write may wait for room before it is refused with BUSY. */
  constructor(store: TableStore, { roomTimeoutMs = 5_000 }: { roomTimeoutMs?: number } = {}) {
    this.#store = store;
    this.#reads = new Skeleton(store.table);
    const { table } = store;
    this.#lister = new KeyLister({
      scan: (from) => table.scan({ prefix: '', from, keysMax: Number.POSITIVE_INFINITY }),
      keysBytes: () => table.keysBytes,
      soon: setImmediate,
    });
    this.#roomTimeoutMs = roomTimeoutMs;
  }

  /** Answers a request; never throws. The reply is deferred where a write has to wait for room, and for a long list of keys. */
  invoke(request: Message): Reply | Deferred<Reply> {
    try {
      const { name, task, content, reply } = operationOf(request);
      if (task !== undefined) {
        const data = content === ContentType.CT_ENTRY ? request.data : noData;
        const expected = task === 'putIfEquals' ? request.expected : undefined;
        return this.#write(request, { op: task, key: request.key, data, expected });
      }
      if (name === 'getKeys') return this.#lister.list();
      if (name !== 'verify') return this.#reads.execute(request);
      const opN = operationNumberOf(request);
      // First whether it has been executed: it may be between the two.
      const executed = this.#store.verify(opN);
      const outcome = executed ? this.#store.outcomeOf(opN) : Outcome.UNKNOWN;
      return { opcode: request.opcode + 1, c_type: reply, result: executed ? 1 : 0, outcome };
    } catch (error) {
      return errorReply(error);
    }
  }

  /**
   * While a write waits for room, nothing more is read from its connection, which slows down the client. Writes of
   * different connections may overtake each other here, as on the network.
   */
  #write({ opcode }: Message, write: Write): Reply | Deferred<Reply> {
    const admission = this.#store.submit(write);
    if (admission.type !== 'wait') return replyTo(opcode, admission);
    const later = this.#store.submitWhenRoom(write, this.#roomTimeoutMs);
    return Deferred.of(later.then((decided) => replyTo(opcode, decided)));
  }
}

function replyTo(opcode: number, admission: Admission): Reply {
  switch (admission.type) {
    case 'admitted':
      return { opcode: opcode + 1, ...operationFields(admission.opN) };
    case 'refused':
      return errorReply(admission.error);
    default:
      return unreachable(admission);
  }
}
