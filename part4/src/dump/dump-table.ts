import { TableError } from '@tablelab/shared';
import type { ChainTable } from '../client/chain-table.ts';
import type { DumpPosition } from '../client/core/client-effects.ts';
import { checkAbsent, type DumpHeader, writeDump } from './dump-file.ts';
import { decodeDumpPage } from './dump-page.ts';
import { ScratchEntries } from './scratch-entries.ts';

export interface DumpOptions {
  /** The file; it must not exist. */
  readonly path: string;
  readonly body: DumpHeader['body'];
  /** Called from time to time. `total` is what the table had at the beginning. */
  readonly onProgress: (step: 'reading' | 'writing', done: number, total: number) => void;
}

/** A dump begins anew so often when a server does not keep the changes long enough, or when the tail changes. */
const beginningsMax = 10;

const beginning: DumpPosition = { walk: '', from: 0, sequence: 0 };

/**
 * Writes all entries to a file, as they were at one moment, while writes go on (see {@link DumpPages}). It needs a scratch file of about the same size,
 * and memory for all keys. Resolves with the header of the file.
 * @throws TableError BAD_REQUEST if the file exists, LOST if the writes were faster than this client each time, and what a read throws
 */
export async function dumpTable(
  table: Pick<ChainTable, 'dumpPage' | 'size' | 'chain'>,
  { path, body, onProgress }: DumpOptions,
): Promise<DumpHeader> {
  await checkAbsent(path);
  const total = await table.size();
  for (let beginnings = 1; ; beginnings += 1) {
    const scratch = new ScratchEntries(`${path}.scratch`);
    try {
      const updates = await readAll(table, scratch, (done) => onProgress('reading', done, total));
      const header = { body, chain: table.chain ?? null, updates, entries: scratch.size };
      await writeDump(path, header, scratch.sorted(), (done) => onProgress('writing', done, scratch.size));
      return header;
    } catch (error) {
      const isTooSlow = error instanceof TableError && error.code === 'LOST';
      if (!isTooSlow || beginnings >= beginningsMax) throw error;
    } finally {
      scratch.close();
    }
  }
}

/** Resolves with the number of updates after which the table was as it is now in `scratch`. */
async function readAll(
  table: Pick<ChainTable, 'dumpPage'>,
  scratch: ScratchEntries,
  onProgress: (done: number) => void,
): Promise<number> {
  let position = beginning;
  let walks = 1;
  for (;;) {
    let page: Awaited<ReturnType<ChainTable['dumpPage']>>;
    try {
      page = await table.dumpPage(position);
    } catch (error) {
      const isOtherTail = error instanceof TableError && error.code === 'BAD_REQUEST' && position.walk !== '';
      if (!isOtherTail || walks >= beginningsMax) throw error;
      // Another server is the tail now. What was read stays: all changes since then are still to come.
      walks += 1;
      position = { ...beginning, sequence: position.sequence };
      continue;
    }
    const { entries, changes } = decodeDumpPage(page.data);
    // The entries are newer than the changes, or as new. Changes that they already contain will come, and do no harm.
    for (const { key, value } of changes) {
      if (value === undefined) scratch.delete(key);
      else scratch.set({ key, value });
    }
    for (const entry of entries) scratch.set(entry);
    onProgress(scratch.size);
    if (page.next === 0) return page.sequence;
    position = { walk: page.walk, from: page.next, sequence: page.sequence };
  }
}
