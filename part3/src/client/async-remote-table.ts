import { expectReply, type Message, operations, RemoteStub, requests, results } from '@tablelab/part2';
import { operationFields, operationNumberOf } from '../operation-number.ts';

/**
 * The stub of a server with asynchronous writes (assignment part 3): a write resolves with its operation number, before
 * it has been executed; `verify` tells when it has.
 */
export class AsyncRemoteTable extends RemoteStub {
  /** Has `value` stored under `key`; resolves with the number of the operation. */
  async put(key: string, value: Uint8Array): Promise<number> {
    return assignedNumber(await this.connection.call(requests.put(key, value)));
  }

  /** Has the key removed, if it is there; resolves with the number of the operation. */
  async del(key: string): Promise<number> {
    return assignedNumber(await this.connection.call(requests.del(key)));
  }

  /** Whether the operation `opN` has been executed. An operation that was never assigned has not been. */
  async verify(opN: number): Promise<boolean> {
    const request = { ...requests.verify(opN), ...operationFields(opN) };
    return results.verify(await this.connection.call(request)) === 1;
  }
}

/** What a write is answered with, whatever the table of operations says of part 2: the content of `verify`. */
function assignedNumber(reply: Message): number {
  return operationNumberOf(expectReply(reply, operations.verify.content));
}
