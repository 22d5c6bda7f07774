import type { KeyValueTable } from '@tablelab/part1';
import { type Message, operations, type Reply } from '@tablelab/part2/wire';
import { TableError } from '@tablelab/shared';
import type { CoreDriver } from '../adapters/core-driver.ts';
import { effectOf, type Update } from '../core/update.ts';
import { findUpdate } from '../core/update-log.ts';
import type { Randomness } from '../ports.ts';
import { encodeChange, encodeDumpPage } from './dump-page.ts';

/** How much of the table is read at once, in bytes: other clients wait meanwhile, about half a millisecond. */
const entriesBytesMax = 64 * 1024;

/** The limit of the changes in a reply, in bytes and in number; one that is longer comes alone. */
const changesBytesMax = 1024 * 1024;
const changesMax = 4_096;

const walkDigits = 16;
const noEntries = new Uint8Array(0);

/**
 * The server's part of a dump: a copy of the whole table as it was at one moment, taken while writes go on.
 *
 * Each reply has some entries, as a walk through the table meets them, and the changes by all updates since the reply before. After
 * the last reply, the client has a value of each key that is at least as new as the first reply, and all changes since then; it has
 * carried them out in order, so it holds the table as of the last change. The server remembers nothing of a dump: a walk is the
 * name of a table, because another server's table has its entries in other places.
 */
export class DumpPages {
  readonly #driver: CoreDriver;
  readonly #randomness: Pick<Randomness, 'hex'>;
  /** A server that starts over gets a new table. */
  readonly #walks = new WeakMap<KeyValueTable, string>();

  constructor(driver: CoreDriver, randomness: Pick<Randomness, 'hex'>) {
    this.#driver = driver;
    this.#randomness = randomness;
  }

  /**
   * The caller has checked that this server may answer reads, in the same turn.
   * @throws TableError BAD_REQUEST for a walk of another table, LOST if the changes are no longer kept here
   */
  page(table: KeyValueTable, { key: walk, from, sequence }: Message): Reply {
    const own = this.#walks.get(table) ?? this.#randomness.hex(walkDigits);
    this.#walks.set(table, own);
    if (walk !== '' && walk !== own) {
      throw new TableError('BAD_REQUEST', 'this server has not begun this walk: begin another one');
    }
    const { executed } = this.#driver.core;
    const isFirst = walk === '' && sequence === 0;
    const since = isFirst ? executed : sequence;
    const { changes, reached, isFull } = this.#changes(since, executed);
    // On the wire, a cursor is one more: 0 means the beginning in a request, and the end in a reply.
    const cursor = Math.max(0, from - 1);
    const read = isFull ? undefined : this.#driver.readEntries(cursor, entriesBytesMax);
    const isLast = read !== undefined && read.next === undefined && read.executed === reached;
    return {
      opcode: operations.dump.opcode + 1,
      c_type: operations.dump.reply,
      key: own,
      found: true,
      data: encodeDumpPage(read?.entries ?? noEntries, changes),
      next: isLast ? 0 : (read?.next ?? cursor) + 1,
      sequence: reached,
    };
  }

  /** `isFull`: there is no room for entries in this reply. */
  #changes(since: number, end: number): { changes: Uint8Array[]; reached: number; isFull: boolean } {
    const { log } = this.#driver.core.state.history;
    if (since > end) throw new TableError('BAD_REQUEST', `there is no update ${since} yet`);
    if (since < log.start) {
      throw new TableError('LOST', `the changes since update ${since} are no longer kept here: begin again`);
    }
    const changes: Uint8Array[] = [];
    let bytes = 0;
    let reached = since;
    for (; reached < end && changes.length < changesMax && bytes < changesBytesMax; reached += 1) {
      const update = findUpdate(log, reached);
      const change = update && changeOf(update);
      if (change === undefined) continue;
      changes.push(change);
      bytes += change.byteLength;
    }
    return { changes, reached, isFull: bytes >= changesBytesMax };
  }
}

function changeOf(update: Update): Uint8Array | undefined {
  const effect = effectOf(update);
  if (effect === 'none') return undefined;
  return encodeChange({ key: update.key, value: effect === 'put' ? update.data : undefined });
}
