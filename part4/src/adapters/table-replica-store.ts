import type { KeyValueTable } from '@tablelab/part1';
import { TableStore, type TableStoreOptions, type Write } from '@tablelab/part3';
import { errorText, logicalEntryBytes } from '@tablelab/shared';
import type { ReplicaStore, StoreEntries, StoreWrite } from '../ports.ts';

/** How long to wait for room before looking again all the same, in milliseconds. */
const roomTimeoutMs = 1_000;

const noData = new Uint8Array(0);

/** Part 3's table in shared memory, and the thread that executes writes on it, as the table of a server of the chain. */
export class TableReplicaStore implements ReplicaStore {
  readonly #store: TableStore;
  readonly #memoryBytesMax: number;
  #onRoom: () => void = () => undefined;
  #isAwaitingRoom = false;

  static async start(
    options: TableStoreOptions & { readonly memoryBytesMax: number },
  ): Promise<TableReplicaStore> {
    return new TableReplicaStore(await TableStore.start(options), options.memoryBytesMax);
  }

  private constructor(store: TableStore, memoryBytesMax: number) {
    this.#store = store;
    this.#memoryBytesMax = memoryBytesMax;
  }

  get table(): KeyValueTable {
    return this.#store.table;
  }

  get submitted(): number {
    return this.#store.lastAssigned;
  }

  get executed(): number {
    return this.#store.opCount;
  }

  get logicalBytes(): number {
    return this.#store.figures.tableBytes;
  }

  get logicalCapacityBytes(): number {
    return this.#memoryBytesMax / 2;
  }

  logicalBytesOf(key: string): number {
    const value = this.#store.table.get(key);
    return value === undefined ? 0 : logicalEntryBytes(Buffer.byteLength(key), value.length);
  }

  submit(write: StoreWrite): boolean {
    const task: Write = { op: write.op, key: write.key, data: write.op === 'put' ? write.data : noData };
    if (this.#store.mustWait(task)) {
      this.#awaitRoom(task);
      return false;
    }
    this.#store.submit(task);
    return true;
  }

  onRoom(listener: () => void): void {
    this.#onRoom = listener;
  }

  onExecuted(listener: (executed: number) => void): void {
    this.#store.onExecuted(listener);
  }

  onFailed(listener: (detail: string) => void): void {
    void this.#store.failed.then((error) => listener(errorText(error)));
  }

  readEntries(cursor: number, bytesMax: number): StoreEntries & { readonly executed: number } {
    const { entries, next, opCount } = this.#store.readEntries(cursor, bytesMax);
    return { entries, next, executed: opCount };
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  #awaitRoom(write: Write): void {
    if (this.#isAwaitingRoom) return;
    this.#isAwaitingRoom = true;
    void this.#store.room(write, roomTimeoutMs).then(() => {
      this.#isAwaitingRoom = false;
      this.#onRoom();
    });
  }
}
