import { expectReply, type Message, operations, RemoteStub, requests, results } from '@tablelab/part2';
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

  /** Removes `key`, if present; resolves with the number of the operation. */
  async del(key: string): Promise<number> {
    return assignedNumber(await this.connection.call(requests.del(key)));
  }

  /** Whether the operation `opN` has been executed. An operation that was never assigned has not been. */
  async verify(opN: number): Promise<boolean> {
    const request = { ...requests.verify(opN), ...operationFields(opN) };
    return results.verify(await this.connection.call(request)) === 1;
  }
}

/**
 * The answer to a write: a number, as for `verify`. The table of operations gives the content type of part 2's answer.
 */
function assignedNumber(reply: Message): number {
  return operationNumberOf(expectReply(reply, operations.verify.content));
}
