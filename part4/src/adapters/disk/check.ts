import { logicalEntryBytes, TableError } from '@tablelab/shared';
import { type Disk, logName, snapshotName } from '@tablelab/shared/disk';
import { lastEpoch } from '../../core/epoch-table.ts';
import { receivedBy } from '../../core/history.ts';
import { defaultChainLimits } from '../../core/limits.ts';
import type { StoreWrite } from '../../ports.ts';
import { type Fillable, replay } from './replay.ts';

/**
 * Reads the whole directory of a stopped server, as the server would when it starts, and returns lines that say what it holds.
 * Changes nothing.
 * @throws TableError LOST when something is damaged or missing; BAD_REQUEST for a directory that holds no server's data
 */
export async function checkDirectory(disk: Disk): Promise<readonly string[]> {
  const { files, torn, member, lasting, history, store, isDiscarded } = await replay({
    disk,
    newStore: async () => new EntryCount(),
    limits: defaultChainLimits,
    names: { member: '', newChain: '' },
  });
  const { snapshot, logs, older, leftOver } = files;
  if (logs.length === 0) throw new TableError('BAD_REQUEST', 'this directory holds no server’s data');
  const sized = async (name: string) => `${name} (${await disk.size(name)} bytes)`;
  const names = [...(snapshot > 0 ? [snapshotName(snapshot)] : []), ...logs.map(logName)];
  const received = receivedBy(history);
  const last = received === 0 ? 'none' : `${lastEpoch(history.epochs)}:${received - 1}`;
  const lines = [
    `member ${member} of chain ${lasting.chain ?? '(none yet)'}`,
    `files ${(await Promise.all(names.map(sized))).join(', ')}`,
    `entries ${store.count}, ${store.logicalBytes} logical bytes`,
    `updates ${received}, the last is ${last}; client sessions ${history.sessions.byClient.size}`,
  ];
  if (isDiscarded) lines.push('a copy of another server’s state that is not complete: a server starts empty');
  if (torn !== undefined) {
    const { name, end, bytes } = torn;
    lines.push(`torn ${bytes} bytes at the end of ${name}, from byte ${end} on: a server cuts them off`);
  }
  if (older.length > 0)
    lines.push(
      `kept for servers that were away ${(await Promise.all(older.map(logName).map(sized))).join(', ')}`,
    );
  if (leftOver.length > 0) lines.push(`not needed ${leftOver.join(', ')}`);
  return lines;
}

/** Stands in for a table, and remembers the sizes of the values only. */
class EntryCount implements Fillable {
  readonly #bytes = new Map<string, number>();
  submitted = 0;
  logicalBytes = 0;

  get executed(): number {
    return this.submitted;
  }

  get count(): number {
    return this.#bytes.size;
  }

  submit(write: StoreWrite): true {
    const { key } = write;
    this.submitted += 1;
    this.logicalBytes -= this.#bytes.get(key) ?? 0;
    if (write.op === 'del') this.#bytes.delete(key);
    else {
      const bytes = logicalEntryBytes(Buffer.byteLength(key), write.data.length);
      this.#bytes.set(key, bytes);
      this.logicalBytes += bytes;
    }
    return true;
  }

  onRoom(): void {
    // There always is.
  }

  onExecuted(): void {
    // At once.
  }

  onFailed(): void {
    // Never.
  }

  async close(): Promise<void> {
    this.#bytes.clear();
  }
}
