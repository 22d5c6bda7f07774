import { putIfEqualsRequest, requests } from '../wire/operations.ts';
import { RemoteStub } from './remote-stub.ts';
import { appliedResult, results } from './results.ts';

/**
 * The stub (assignment part 2): a remote table with the interface of a local one. Calls are executed in the order in
 * which they are made.
 */
export class RemoteTable extends RemoteStub {
  /** Stores `value` under `key`; replaces an existing value. */
  async put(key: string, value: Uint8Array): Promise<void> {
    results.put(await this.connection.call(requests.put(key, value)));
  }

  /** Stores `value` under `key` if the key is absent; returns whether it did. */
  async putIfAbsent(key: string, value: Uint8Array): Promise<boolean> {
    return appliedResult(await this.connection.call(requests.putIfAbsent(key, value)));
  }

  /** Stores `value` in place of `expected`, if that is the value of `key`; returns whether it did. */
  async putIfEquals(key: string, expected: Uint8Array, value: Uint8Array): Promise<boolean> {
    return appliedResult(await this.connection.call(putIfEqualsRequest(key, expected, value)));
  }

  /** Removes the key; returns whether it was present. */
  async del(key: string): Promise<boolean> {
    return results.del(await this.connection.call(requests.del(key)));
  }
}
