import { Outcome } from '@tablelab/part2';
import { TableError } from '@tablelab/shared';
import { blockHeaderBytes, type Disk, readBlocks } from '@tablelab/shared/disk';
import { entriesIn } from '../store/entries-in.ts';
import { type DataBlock, decodeDataBlock, endBytes, type SnapshotEnd } from './data-block.ts';
import type { ReplayTarget } from './replay.ts';
import { decodeWrites, type RecordedWrite } from './write-records.ts';

/**
 * What a snapshot says about the writes at the beginning of its log.
 *
 * The entries of a snapshot are of different moments: each is the state after some of the writes that were executed while
 * the snapshot was made. What these writes did is in the snapshot, too. So a key that one of them changed gets what the last
 * of them gave it, and the other keys get their entries: together that is the state after all of them. The table never
 * holds more than in that state.
 */
export class SnapshotReading {
  readonly #end: SnapshotEnd;
  readonly #outcomes: Uint8Array;
  /** The last write that changed a key, for each key that was changed while the snapshot was made. */
  readonly #last: ReadonlyMap<string, number>;

  constructor(end: SnapshotEnd, outcomes: Uint8Array, last: ReadonlyMap<string, number>) {
    this.#end = end;
    this.#outcomes = outcomes;
    this.#last = last;
  }

  /** Every write below this number has been executed. */
  get executed(): number {
    return this.#end.executed;
  }

  /** Undefined: the snapshot does not know the write. */
  outcomeOf(opN: number): number | undefined {
    return opN < this.executed ? this.#outcomes[opN - this.#end.outcomesFrom] : undefined;
  }

  /** Whether no later write that the snapshot knows has changed the key. */
  isLast({ opN, key }: RecordedWrite): boolean {
    return this.#last.get(text(key)) === opN;
  }
}

export interface SnapshotPlace {
  readonly name: string;
  /** The log that begins with the snapshot. */
  readonly log: string;
  readonly target: ReplayTarget;
}

/**
 * Reads a snapshot into the target.
 * @throws TableError LOST when it is damaged, BAD_REQUEST when it is of another version or program
 */
export async function readSnapshot(
  disk: Disk,
  { name, log, target }: SnapshotPlace,
): Promise<SnapshotReading> {
  const damaged = (detail: string) => new TableError('LOST', `${name} is damaged: ${detail}`);
  const at = (await disk.size(name)) - blockHeaderBytes - endBytes;
  const last = at < 0 ? undefined : await blockAt(disk, name, at);
  if (last?.type !== 'end') {
    // The file may be of another program.
    await blockAt(disk, name, 0);
    throw damaged('its end is missing');
  }
  const { end } = last;
  const told = await blockAt(disk, name, end.outcomesAt);
  if (told?.type !== 'outcomes') throw damaged('it does not say what the writes did');
  const { outcomes } = told;
  for (const [index, outcome] of outcomes.entries()) target.outcomes.note(end.outcomesFrom + index, outcome);
  const changed = await changedKeys(disk, log, end, outcomes);
  let chunks = 0;
  const reader = readBlocks(disk, name);
  for (;;) {
    const { value, done } = await reader.next();
    if (done) {
      if (value.torn > 0 || chunks !== end.chunks) throw damaged('a part of it is missing');
      return new SnapshotReading(end, outcomes, changed);
    }
    const block = decodeDataBlock(name, value);
    if (block.type !== 'chunk') continue;
    chunks += 1;
    for (const { key, value: bytes } of entriesIn(block.entries))
      if (!changed.has(key)) target.table.put(key, bytes);
  }
}

async function blockAt(disk: Disk, name: string, offset: number): Promise<DataBlock | undefined> {
  const { value, done } = await readBlocks(disk, name, offset).next();
  return done ? undefined : decodeDataBlock(name, value);
}

/** The last of the writes below `executed` that changed a key, for each key. */
async function changedKeys(
  disk: Disk,
  log: string,
  { executed, outcomesFrom }: SnapshotEnd,
  outcomes: Uint8Array,
): Promise<Map<string, number>> {
  const last = new Map<string, number>();
  for await (const read of readBlocks(disk, log)) {
    const block = decodeDataBlock(log, read);
    if (block.type !== 'writes') continue;
    for (const { opN, op, key } of decodeWrites(block.records)) {
      if (opN >= executed) return last;
      const outcome = outcomes[opN - outcomesFrom];
      if (op === 'put' || outcome === Outcome.APPLIED) last.set(text(key), opN);
    }
  }
  return last;
}

function text(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.length).toString();
}
