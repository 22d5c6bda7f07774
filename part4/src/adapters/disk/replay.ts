import { entriesIn } from '@tablelab/part3/entries-in';
import { errorText, TableError } from '@tablelab/shared';
import {
  type Block,
  type Disk,
  type FileEnd,
  type LogFiles,
  listFiles,
  logName,
  readBlocks,
  snapshotName,
} from '@tablelab/shared/disk';
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
import { decodeBlock, formatVersion, type JournalBlock } from './journal-block.ts';
import type { LogFile } from './log-file.ts';

/** What a table must be able to do in order to be filled from a disk. */
export type Fillable = Pick<
  ReplicaStore,
  'submit' | 'submitted' | 'executed' | 'logicalBytes' | 'onRoom' | 'onExecuted' | 'onFailed' | 'close'
>;

export interface ReplayOptions<Store extends Fillable> {
  readonly disk: Disk;
  /** Makes an empty table. */
  readonly newStore: () => Promise<Store>;
  readonly limits: ChainLimits;
  /** Names for a server that begins with an empty directory. */
  readonly names: { readonly member: MemberId; readonly newChain: ChainId };
  /** Observes what is read, for the simulator. It must not influence anything. */
  readonly onBlock?: (block: JournalBlock) => void;
}

/** What a directory holds. */
export interface Replayed<Store extends Fillable> {
  readonly member: MemberId;
  readonly lasting: Lasting;
  /** Without the table, which is in `store`. */
  readonly history: History;
  readonly store: Store;
  /** The logs end with a copy of another server's state that is not complete, which was discarded. */
  readonly isDiscarded: boolean;
  readonly files: LogFiles;
  /** The logs that updates can be read from, in order. */
  readonly index: readonly LogFile[];
  /** The end of the last log, if a power cut has torn it. */
  readonly torn: TornEnd | undefined;
}

export interface TornEnd {
  readonly name: string;
  /** Where the whole part ends. */
  readonly end: number;
  /** How much is behind it. */
  readonly bytes: number;
}

const advice =
  'If other servers of the chain are up, move this directory away: the server then gets a copy from them. Otherwise, restore a backup of the whole chain';

/**
 * Reads a server's directory, and changes nothing there.
 * @throws TableError LOST when something is damaged or missing that had been synced; BAD_REQUEST for a directory of another
 *   version or program
 */
export async function replay<Store extends Fillable>(
  options: ReplayOptions<Store>,
): Promise<Replayed<Store>> {
  const { disk } = options;
  const state = new Replay(options);
  try {
    const files = await listFiles(disk);
    const { snapshot, logs } = files;
    const last = logs.at(-1);
    const index = new LogIndex();
    let torn: TornEnd | undefined;
    if (last !== undefined) {
      if (snapshot > 0) await readSnapshot(state, disk, snapshotName(snapshot));
      for (const number of logs)
        torn = await readLog(state, { disk, number, isLast: number === last, index });
    }
    await index.addOlder(disk, files);
    return { ...(await state.finish()), files, torn, index: index.files };
  } catch (error) {
    await state.abandon();
    throw error instanceof TableError && error.code === 'LOST'
      ? new TableError('LOST', `${errorText(error)}. ${advice}`, { cause: error })
      : error;
  }
}

async function readSnapshot(state: Replay<Fillable>, disk: Disk, name: string): Promise<void> {
  let chunks = 0;
  let isWhole = false;
  const { torn } = await eachBlock(disk, name, async (block) => {
    if (block.type === 'chunk') chunks += 1;
    if (block.type === 'end') isWhole = block.chunks === chunks;
    await state.take(block);
  });
  if (torn > 0 || !isWhole) throw new TableError('LOST', `${name} is damaged: its end is missing`);
}

async function readLog(
  state: Replay<Fillable>,
  { disk, number, isLast, index }: { disk: Disk; number: number; isLast: boolean; index: LogIndex },
): Promise<TornEnd | undefined> {
  const name = logName(number);
  const { end, torn } = await eachBlock(disk, name, (block, offset) => {
    index.note(number, block, offset);
    return state.take(block);
  });
  if (torn === 0) return undefined;
  if (isLast) return { name, end, bytes: torn };
  const text = `${name} is damaged at byte ${end}: its end is missing, and a later log is there`;
  throw new TableError('LOST', text);
}

async function eachBlock(
  disk: Disk,
  name: string,
  take: (block: JournalBlock, offset: number) => Promise<void>,
): Promise<FileEnd> {
  const reader = readBlocks(disk, name);
  for (;;) {
    const { value, done } = await reader.next();
    if (done) return value;
    const block = decoded(name, value);
    try {
      await take(block, value.offset);
    } catch (error) {
      if (!(error instanceof TableError) || error.code !== 'LOST') throw error;
      throw new TableError('LOST', `${name}, byte ${value.offset}: ${errorText(error)}`, { cause: error });
    }
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

/** Finds out which logs have the updates that led to the state, without those that were discarded. */
class LogIndex {
  files: LogFile[] = [];
  /** Of the first log: the logs before it have all updates from this one on. */
  #since: number | undefined;

  note(number: number, block: JournalBlock, offset: number): void {
    if (block.type === 'begin') {
      this.files = [{ number, seq: block.snapshot.seq, offset }];
      this.#since = undefined;
    }
    if (block.type !== 'header') return;
    // An earlier version of this program did not say it.
    if (block.seq === undefined) this.files = [];
    else {
      if (this.files.length === 0) this.#since = block.since;
      this.files.push({ number, seq: block.seq, offset: 0 });
    }
  }

  /** Nothing depends on these logs: one that cannot be read is of no use, and no reason to refuse the directory. */
  async addOlder(disk: Disk, { older, logs }: LogFiles): Promise<void> {
    if (this.#since === undefined || this.files[0]?.number !== logs[0]) return;
    for (const number of older.toReversed()) {
      const seq = await firstSeqOf(disk, logName(number)).catch(() => undefined);
      if (seq === undefined || seq < this.#since) return;
      this.files.unshift({ number, seq, offset: 0 });
    }
  }
}

async function firstSeqOf(disk: Disk, name: string): Promise<number | undefined> {
  const { value, done } = await readBlocks(disk, name).next();
  const header = done ? undefined : decoded(name, value);
  return header?.type === 'header' ? header.seq : undefined;
}

/** Builds the state up again, block by block, as it was built up before. */
class Replay<Store extends Fillable> {
  readonly #options: ReplayOptions<Store>;
  #header: Extract<JournalBlock, { type: 'header' }> | undefined;
  #lasting: Lasting | undefined;
  #history: History = newHistory();
  #filling: Filling<Store> | undefined;

  constructor(options: ReplayOptions<Store>) {
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

  async finish(): Promise<Omit<Replayed<Store>, 'files' | 'torn' | 'index'>> {
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

  async #store(): Promise<Filling<Store>> {
    this.#filling ??= new Filling(await this.#options.newStore());
    return this.#filling;
  }
}

export const noSnapshot = { type: 'snapshot', seq: 0, epochs: [], sessions: [], sessionsSeq: 0 } as const;

/** Fills a table, as fast as it executes. */
class Filling<Store extends Fillable> {
  readonly store: Store;
  #wake = () => {};
  #failure: string | undefined;

  constructor(store: Store) {
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
