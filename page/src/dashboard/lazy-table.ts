import { ChainTable } from '@tablelab/part4';

/** How long a call may take, with all repeats, in milliseconds: less than a person waits. */
export const callDeadlineMs = 8_000;

/** A client of the chain that connects when it is first used, and again if that has failed. */
export class LazyTable {
  readonly #zookeeper: string;
  #table: Promise<ChainTable> | undefined;

  constructor(zookeeper: string) {
    this.#zookeeper = zookeeper;
  }

  /** @throws TableError UNREACHABLE when ZooKeeper does not answer in time */
  connected(): Promise<ChainTable> {
    if (this.#table === undefined) {
      const table = ChainTable.connect({ zookeeper: this.#zookeeper, deadlineMs: callDeadlineMs });
      this.#table = table;
      table.catch(() => {
        this.#table = undefined;
      });
    }
    return this.#table;
  }

  async close(): Promise<void> {
    const table = await this.#table?.catch(() => undefined);
    await table?.disconnect();
  }
}
