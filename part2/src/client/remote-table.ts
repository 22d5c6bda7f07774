import { requests } from '../wire/operations.ts';
import { RemoteStub } from './remote-stub.ts';
import { results } from './results.ts';

/**
 * The stub (assignment part 2): the table of a server somewhere else, used as if it were here. Calls are executed in the
 * order in which they are made.
 */
export class RemoteTable extends RemoteStub {
  /** Stores `value` under `key`, in place of the value that was there. */
  async put(key: string, value: Uint8Array): Promise<void> {
    results.put(await this.connection.call(requests.put(key, value)));
  }

  /** Removes the key; says whether it was there. */
  async del(key: string): Promise<boolean> {
    return results.del(await this.connection.call(requests.del(key)));
  }
}
