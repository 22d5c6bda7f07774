import { requests } from '../wire/operations.ts';
import { RemoteStub } from './remote-stub.ts';
import { results } from './results.ts';

/**
 * The stub (assignment part 2): a remote table with the interface of a local one. Calls are executed in the order in
 * which they are made.
 */
export class RemoteTable extends RemoteStub {
  /** Stores `value` under `key`; replaces an existing value. */
  async put(key: string, value: Uint8Array): Promise<void> {
    results.put(await this.connection.call(requests.put(key, value)));
  }

  /** Removes the key; returns whether it was present. */
  async del(key: string): Promise<boolean> {
    return results.del(await this.connection.call(requests.del(key)));
  }
}
