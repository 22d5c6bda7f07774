import type { JournalBlock } from '../src/adapters/disk/journal-block.ts';
import { type Data, openJournal } from '../src/adapters/disk/open-journal.ts';
import type { Snapshot } from '../src/core/history.ts';
import type { ChainLimits } from '../src/core/limits.ts';
import type { ChainId } from '../src/core/membership-record.ts';
import type { Update } from '../src/core/update.ts';
import type { SimDisk } from './disk.ts';
import type { HistoryNode, HistoryTree } from './history-tree.ts';
import type { SimProcess } from './process.ts';
import type { ServerTable } from './server-table.ts';
import type { World } from './world.ts';

const nameDigits = 16;

export interface Opening {
  readonly world: World;
  readonly process: SimProcess;
  readonly tree: HistoryTree;
  readonly table: ServerTable;
  readonly disk: SimDisk;
  readonly limits: ChainLimits;
  readonly log: (line: string) => void;
}

/** Reads a server's disk, as the real server does when it starts, and tells its table which history that is. */
export async function openSimData({
  world,
  process,
  tree,
  table,
  disk,
  limits,
  log,
}: Opening): Promise<Data> {
  const reading = new Reading();
  const data = await openJournal({
    disk: disk.openedBy(process),
    policy: 'always',
    clock: process,
    newStore: async () => table.newStore(),
    limits,
    names: { member: world.hex(nameDigits), newChain: world.hex(nameDigits) },
    log,
    onBlock: (block) => reading.take(block),
  });
  const { chain } = data.recovered.lasting;
  table.resume(chain === undefined ? tree.root : reading.historyIn(tree, chain));
  return data;
}

/** What the blocks of a disk come to, computed apart from the code under test. */
class Reading {
  #snapshot: Snapshot | undefined;
  #updates = new Map<number, Update>();

  take(block: JournalBlock): void {
    if (block.type === 'begin') {
      this.#snapshot = block.snapshot;
      this.#updates = new Map();
    }
    if (block.type === 'updates') for (const update of block.updates) this.#updates.set(update.seq, update);
  }

  historyIn(tree: HistoryTree, chain: ChainId): HistoryNode {
    let history = this.#beginning(tree, chain);
    for (
      let next = this.#updates.get(history.seq + 1);
      next !== undefined;
      next = this.#updates.get(history.seq + 1)
    ) {
      history = tree.extended(chain, history, next);
    }
    return history;
  }

  #beginning(tree: HistoryTree, chain: ChainId): HistoryNode {
    const { seq = 0, epochs = [] } = this.#snapshot ?? {};
    const epoch = epochs.findLast((start) => start.seq < seq)?.epoch;
    return epoch === undefined ? tree.root : tree.named(chain, { epoch, seq: seq - 1 });
  }
}
