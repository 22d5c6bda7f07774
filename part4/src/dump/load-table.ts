import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Entry } from '@tablelab/part1';
import { errorText, TableError } from '@tablelab/shared';
import { z } from 'zod';
import { ChainTable } from '../client/chain-table.ts';
import type { ChainTableOptions } from '../client/chain-table-options.ts';
import { DumpReader } from './dump-file.ts';

export interface LoadOptions {
  readonly chain: ChainTableOptions;
  /** The file of a dump. */
  readonly path: string;
  /** Called from time to time. */
  readonly onProgress: (step: 'checking' | 'loading', done: number, total: number) => void;
}

export interface LoadResult {
  /** Entries in the dump. */
  readonly entries: number;
  /** Of these, how many an earlier, interrupted load had stored. */
  readonly before: number;
}

/** The limits of puts without an answer, in number and in bytes. A client's session holds the outcomes of 1,023. */
const batchEntriesMax = 1_000;
const batchBytesMax = 8 * 1024 * 1024;

/** How far a load has come, in a file beside the dump. */
const progressSchema = z.strictObject({
  /** The check sum of the dump. */
  dump: z.string(),
  session: z.strictObject({ client: z.string(), number: z.int().min(1) }),
  /** All entries below are stored; those of the next batch may be. */
  entries: z.int().min(0),
});

type Progress = z.infer<typeof progressSchema>;

const unlikelyKeyBytes = 32;

/**
 * Puts all entries of a dump into the table, each exactly once, also if it is interrupted and called again with the same file: the next
 * load goes on in the same client session, so the chain recognizes the puts that it has executed. The whole file is checked before the first put.
 * @throws TableError BAD_REQUEST for a damaged file, or one that does not belong to the interrupted load; LOST if the chain has
 *   forgotten the session; and what a put throws. After all but the first, calling it again goes on.
 */
export async function loadTable({ chain, path, onProgress }: LoadOptions): Promise<LoadResult> {
  const dump = await checkDump(path, (done, total) => onProgress('checking', done, total));
  const file = new ProgressFile(path);
  const earlier = file.read(dump.checksum);
  const table = await ChainTable.connectHolding(chain, earlier?.session);
  const reader = await DumpReader.open(path);
  try {
    const before = earlier?.entries ?? 0;
    let progress = earlier ?? (await begin(table, dump.checksum));
    file.write(progress);
    for await (const batch of batchesOf(reader.entries(), before)) {
      await putAll(table, batch);
      progress = { ...progress, session: table.holdOutcomes(), entries: progress.entries + batch.length };
      file.write(progress);
      onProgress('loading', progress.entries, dump.entries);
    }
    file.remove();
    return { entries: dump.entries, before };
  } finally {
    await reader.close();
    await table.disconnect();
  }
}

async function checkDump(
  path: string,
  onProgress: (done: number, total: number) => void,
): Promise<{ checksum: string; entries: number }> {
  const reader = await DumpReader.open(path);
  try {
    const { entries } = reader.header;
    let done = 0;
    for await (const _ of reader.entries()) {
      done += 1;
      if (done % batchEntriesMax === 0) onProgress(done, entries);
    }
    return { checksum: reader.checksum ?? '', entries };
  } finally {
    await reader.close();
  }
}

/** The first write opens the session, whose name must be in the progress file before the first put. It changes nothing. */
async function begin(table: ChainTable, dump: string): Promise<Progress> {
  await table.del(randomBytes(unlikelyKeyBytes).toString('hex'));
  return { dump, session: table.holdOutcomes(), entries: 0 };
}

async function* batchesOf(entries: AsyncIterable<Entry>, skipped: number): AsyncGenerator<Entry[]> {
  let batch: Entry[] = [];
  let bytes = 0;
  let count = 0;
  for await (const entry of entries) {
    count += 1;
    if (count <= skipped) continue;
    batch.push(entry);
    bytes += entry.value.byteLength;
    if (batch.length < batchEntriesMax && bytes < batchBytesMax) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}

/** Rejects with the first error once all have ended. */
async function putAll(table: ChainTable, batch: readonly Entry[]): Promise<void> {
  const outcomes = await Promise.allSettled(batch.map(({ key, value }) => table.put(key, value)));
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

class ProgressFile {
  readonly #path: string;

  constructor(dump: string) {
    this.#path = `${dump}.loading`;
  }

  /** What an interrupted load of the dump with this check sum has left. */
  read(dump: string): Progress | undefined {
    if (!existsSync(this.#path)) return undefined;
    const progress = this.#parsed();
    if (progress.dump === dump) return progress;
    throw this.#error('it belongs to the load of another dump');
  }

  write(progress: Progress): void {
    const unfinished = `${this.#path}.unfinished`;
    writeFileSync(unfinished, JSON.stringify(progress));
    renameSync(unfinished, this.#path);
  }

  remove(): void {
    rmSync(this.#path, { force: true });
  }

  #parsed(): Progress {
    try {
      return progressSchema.parse(JSON.parse(readFileSync(this.#path, 'utf8')));
    } catch (error) {
      throw this.#error(errorText(error));
    }
  }

  #error(detail: string): TableError {
    return new TableError(
      'BAD_REQUEST',
      `${this.#path}: ${detail}. Remove it to load the dump from its beginning`,
    );
  }
}
