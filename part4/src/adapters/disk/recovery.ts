import { errorText, TableError } from '@tablelab/shared';
import { type Block, type Disk, type FileEnd, readBlocks } from '@tablelab/shared/disk';
import {
  appendUpdate,
  beginCopy,
  type History,
  newHistory,
  noteExecuted,
  receivedBy,
  settle,
} from '../../core/history.ts';
import type { Lasting } from '../../core/lasting.ts';
import type { ChainLimits } from '../../core/limits.ts';
import type { ChainId, MemberId } from '../../core/membership-record.ts';
import { effectOf, type Update } from '../../core/update.ts';
import type { ReplicaStore, StoreWrite } from '../../ports.ts';
import { entriesIn } from '../store/entries-in.ts';
import { decodeBlock, formatVersion, type JournalBlock } from './journal-block.ts';
import { listFiles, logName, snapshotName } from './journal-files.ts';

/** What a server had on its disk, which may be nothing. */
export interface Recovered {
  readonly member: MemberId;
  readonly lasting: Lasting;
  /** Without the table, which is in `store`. */
  readonly history: History;
  readonly store: ReplicaStore;
}

/** Where its log goes on. */
export interface JournalEnd {
  /** The number of the last log; 0: there is none. */
  readonly number: number;
  /** The size of all logs, in bytes. */
  readonly logBytes: number;
  /** The logs end with a copy of another server's state that is not complete, which was discarded. */
  readonly isDiscarded: boolean;
}

export interface RecoveryOptions {
  readonly disk: Disk;
  /** Makes an empty table. */
  readonly newStore: () => Promise<ReplicaStore>;
  readonly limits: ChainLimits;
  /** Names for a server that begins with an empty directory. */
  readonly names: { readonly member: MemberId; readonly newChain: ChainId };
  readonly log: (line: string, level: 'info' | 'warn') => void;
  /** Observes what is read, for the simulator. It must not influence anything. */
  readonly onBlock?: (block: JournalBlock) => void;
}

const advice =
  'If other servers of the chain are up, move this directory away: the server then gets a copy from them. Otherwise, restore a backup of the whole chain';

/**
 * Reads a server's directory. A torn end is cut.
 * @throws TableError LOST when something is damaged or missing that had been synced; BAD_REQUEST for a directory of another
 *   version or program
 */
export async function recover(options: RecoveryOptions): Promise<Recovered & JournalEnd> {
  const { disk, log } = options;
  const { snapshot, logs, leftOver } = await listFiles(disk);
  const last = logs.at(-1);
  const replay = new Replay(options);
  try {
    if (last !== undefined) {
      if (snapshot > 0) await readSnapshot(replay, disk, snapshotName(snapshot));
      for (const number of logs)
        await readLog(replay, { disk, name: logName(number), isLast: number === last, log });
    }
    for (const name of leftOver) await disk.remove(name);
    if (leftOver.length > 0) await disk.syncNames();
    let logBytes = 0;
    for (const number of logs) logBytes += await disk.size(logName(number));
    return { ...(await replay.finish()), number: last ?? 0, logBytes };
  } catch (error) {
    await replay.abandon();
    throw error instanceof TableError && error.code === 'LOST'
      ? new TableError('LOST', `${errorText(error)}. ${advice}`, { cause: error })
      : error;
  }
}

async function readSnapshot(replay: Replay, disk: Disk, name: string): Promise<void> {
  let chunks = 0;
  let isWhole = false;
  const { torn } = await eachBlock(disk, name, async (block) => {
    if (block.type === 'chunk') chunks += 1;
    if (block.type === 'end') isWhole = block.chunks === chunks;
    await replay.take(block);
  });
  if (torn > 0 || !isWhole) throw new TableError('LOST', `${name} is damaged: its end is missing`);
}

async function readLog(
  replay: Replay,
  { disk, name, isLast, log }: { disk: Disk; name: string; isLast: boolean; log: RecoveryOptions['log'] },
): Promise<void> {
  const { end, torn } = await eachBlock(disk, name, (block) => replay.take(block));
  if (torn === 0) return isLast ? await syncFile(disk, name) : undefined;
  if (!isLast)
    throw new TableError(
      'LOST',
      `${name} is damaged at byte ${end}: its end is missing, and a later log is there`,
    );
  log(`${name}: cut ${torn} bytes at its end, which were being written when the server ended`, 'warn');
  await disk.truncate(name, end);
}

/** What a process wrote that was killed may still be on its way to the disk. */
async function syncFile(disk: Disk, name: string): Promise<void> {
  const file = await disk.open(name);
  await file.sync();
  await file.close();
}

async function eachBlock(
  disk: Disk,
  name: string,
  take: (block: JournalBlock) => Promise<void>,
): Promise<FileEnd> {
  const reader = readBlocks(disk, name);
  for (;;) {
    const { value, done } = await reader.next();
    if (done) return value;
    await take(decoded(name, value));
  }
}

function decoded(name: string, block: Block): JournalBlock {
  try {
    const decodedBlock = decodeBlock(block);
    if (decodedBlock.type === 'header' && decodedBlock.version !== formatVersion) {
      const text = `it has version ${decodedBlock.version} of the format, this program reads ${formatVersion}`;
      throw new TableError('BAD_REQUEST', text);
    }
    return decodedBlock;
  } catch (error) {
    throw new TableError('BAD_REQUEST', `${name}, byte ${block.offset}: ${errorText(error)}`, {
      cause: error,
    });
  }
}

/** Builds the state up again, block by block, as it was built up before. */
class Replay {
  readonly #options: RecoveryOptions;
  #header: Extract<JournalBlock, { type: 'header' }> | undefined;
  #lasting: Lasting | undefined;
  #history: History = newHistory();
  #filling: Filling | undefined;

  constructor(options: RecoveryOptions) {
    this.#options = options;
  }

  async take(block: JournalBlock): Promise<void> {
    this.#options.onBlock?.(block);
    switch (block.type) {
      case 'header':
        this.#header = block;
        this.#lasting = block.lasting;
        return;
      case 'lasting':
        this.#lasting = block.lasting;
        return;
      case 'begin':
        return await this.#begin(block);
      case 'chunk':
        return await (await this.#store()).load(block.entries);
      case 'updates':
        return await this.#execute(block.updates);
      case 'end':
        return;
      default:
        throw new TypeError(`an unknown block ${block satisfies never}`);
    }
  }

  async finish(): Promise<Recovered & Pick<JournalEnd, 'isDiscarded'>> {
    const { names } = this.#options;
    const { member, newChain } = {
      ...names,
      newChain: this.#lasting?.newChain ?? names.newChain,
      ...this.#header,
    };
    const nothing = { chain: undefined, isWhole: true, record: undefined, successor: undefined, newChain };
    const isDiscarded = this.#lasting?.isWhole === false;
    // What was not copied completely is worth nothing.
    if (isDiscarded) await this.#begin({ type: 'begin', snapshot: noSnapshot });
    const lasting = isDiscarded ? nothing : (this.#lasting ?? nothing);
    const { sessionsSeq } = this.#history;
    if (receivedBy(this.#history) < sessionsSeq)
      throw new TableError('LOST', `update ${sessionsSeq - 1} is missing`);
    const filling = await this.#store();
    await filling.executed();
    const { store } = filling;
    const tableBytes = store.logicalBytes;
    Object.assign(this.#history, { chain: lasting.chain, isWhole: true, tableBytes });
    return { member, lasting, history: this.#history, store, isDiscarded };
  }

  async abandon(): Promise<void> {
    await this.#filling?.store.close().catch(() => undefined);
  }

  async #begin({ snapshot }: Extract<JournalBlock, { type: 'begin' }>): Promise<void> {
    await this.abandon();
    this.#filling = undefined;
    // The block for what lasts, which names the chain, follows.
    beginCopy(this.#history, this.#lasting?.chain ?? '', snapshot);
  }

  async #execute(updates: readonly Update[]): Promise<void> {
    const filling = await this.#store();
    const { limits } = this.#options;
    const history = this.#history;
    // A snapshot may have the first updates of its log.
    const fresh = updates.filter(({ seq }) => seq >= receivedBy(history));
    for (const update of fresh) {
      if (update.seq !== receivedBy(history)) {
        throw new TableError('LOST', `update ${receivedBy(history)} is missing`);
      }
      appendUpdate(history, update, limits);
      const op = effectOf(update);
      if (op !== 'none')
        await filling.give(
          op === 'put' ? { op, key: update.key, data: update.data } : { op, key: update.key },
        );
    }
    noteExecuted(history, receivedBy(history), 0);
    settle(history, receivedBy(history), limits);
  }

  async #store(): Promise<Filling> {
    this.#filling ??= new Filling(await this.#options.newStore());
    return this.#filling;
  }
}

export const noSnapshot = { type: 'snapshot', seq: 0, epochs: [], sessions: [], sessionsSeq: 0 } as const;

/** Fills a table, as fast as it executes. */
class Filling {
  readonly store: ReplicaStore;
  #wake = () => {};
  #failure: string | undefined;

  constructor(store: ReplicaStore) {
    this.store = store;
    store.onRoom(() => this.#wake());
    store.onExecuted(() => this.#wake());
    store.onFailed((detail) => {
      this.#failure = detail;
      this.#wake();
    });
  }

  async load(entries: Uint8Array): Promise<void> {
    for (const { key, value } of entriesIn(entries)) await this.give({ op: 'put', key, data: value });
  }

  async give(write: StoreWrite): Promise<void> {
    while (!this.store.submit(write)) await this.#change();
  }

  async executed(): Promise<void> {
    while (this.store.executed < this.store.submitted) await this.#change();
  }

  async #change(): Promise<void> {
    if (this.#failure !== undefined)
      throw new TableError('INTERNAL', `the table cannot be filled: ${this.#failure}`);
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }
}
