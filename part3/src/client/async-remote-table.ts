import {
  expectReply,
  isAppliedIn,
  type Message,
  operations,
  putIfEqualsRequest,
  RemoteStub,
  requests,
  results,
} from '@tablelab/part2';
import { operationFields, operationNumberOf } from '../operation-number.ts';

/**
 * The stub of a server with asynchronous writes (assignment part 3): a write resolves with its operation number, before
 * it has been executed; `verify` tells whether it has been executed.
 */
export class AsyncRemoteTable extends RemoteStub {
  /** Stores `value` under `key`; resolves with the number of the operation. */
  async put(key: string, value: Uint8Array): Promise<number> {
    return assignedNumber(await this.connection.call(requests.put(key, value)));
  }

  /** Stores `value` under `key` if the key is absent then; resolves with the number of the operation. */
  async putIfAbsent(key: string, value: Uint8Array): Promise<number> {
    return assignedNumber(await this.connection.call(requests.putIfAbsent(key, value)));
  }

  /** Stores `value` in place of `expected`, if that is the value of `key` then; resolves with the number of the operation. */
  async putIfEquals(key: string, expected: Uint8Array, value: Uint8Array): Promise<number> {
    return assignedNumber(await this.connection.call(putIfEqualsRequest(key, expected, value)));
  }

  /** Removes `key`, if present; resolves with the number of the operation. */
  async del(key: string): Promise<number> {
    return assignedNumber(await this.connection.call(requests.del(key)));
  }

  /** Whether the operation `opN` has been executed. An operation that was never assigned has not been. */
  async verify(opN: number): Promise<boolean> {
    return (await this.outcome(opN)).executed;
  }

  /**
   * The same, and what the operation has done. `applied` of a del: whether the key was there; of a put on condition: whether
   * the condition was met. Undefined for a put, before the execution, long after it, and from a server that does not say.
   */
  async outcome(opN: number): Promise<{ executed: boolean; applied: boolean | undefined }> {
    const request = { ...requests.verify(opN), ...operationFields(opN) };
    const reply = await this.connection.call(request);
    return { executed: results.verify(reply) === 1, applied: isAppliedIn(reply) };
  }
}

/**
 * The answer to a write: a number, as for `verify`. The table of operations gives the content type of part 2's answer.
 */
function assignedNumber(reply: Message): number {
  return operationNumberOf(expectReply(reply, operations.verify.content));
}
