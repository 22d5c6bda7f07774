import { must, TableError } from '@tablelab/shared';
import { type Disk, defaultReserveBytes, RoomWatch, type SyncPolicy } from '@tablelab/shared/disk';
import { openNodeDisk } from '@tablelab/shared/node-disk';
import { withDeadline } from '@tablelab/shared/process';
import { TableWalk } from '../shared-memory/table-walk.ts';
import { type ExecutionOptions, TableExecution } from '../store/table-execution.ts';
import type { Task } from '../store/task-queue.ts';
import { dataClock } from './data-clock.ts';
import type { NumberRange } from './lost-numbers.ts';
import { type DataLine, type Recovered, recover } from './recovery.ts';
import { TableSnapshots } from './table-snapshots.ts';
import { WriteLog } from './write-log.ts';

/** Where a store keeps its data on a disk. */
export interface DataOptions {
  readonly directory: string;
  readonly fsync: SyncPolicy;
  /** With less than this left on the disk, writes are refused, in bytes. */
  readonly reserveBytes?: number;
  /** A snapshot is made when the logs are this long, or as long as the last snapshot, in bytes. */
  readonly logBytesMax?: number;
  /** Takes one line for the log: `warn` for what an operator should know. */
  readonly onLine?: DataLine;
  /** Opens the directory; for tests. */
  readonly openDisk?: (directory: string) => Promise<Disk>;
}

type NumberedWrite = Pick<Task, 'opN' | 'op' | 'key' | 'data' | 'expected'>;

const defaultLogBytesMax = 128 * 1024 * 1024;

/** The size limit of the writes that wait for the disk, in bytes. */
const waitingBytesMax = 64 * 1024 * 1024;

/** How much of the table is read under its lock in one step of a snapshot, in bytes. */
const stepBytes = 64 * 1024;

/** How long the writes that have numbers may take to get on the disk when the server ends, in milliseconds. */
const drainDeadlineMs = 10_000;

/** What a power cut can lose, if it can lose anything that was executed. */
const mayLose: Record<SyncPolicy, string | undefined> = {
  always: undefined,
  everysec:
    'with --fsync everysec, a power cut can lose about the last second of writes, also those that verify has confirmed; the end of the process loses none of these',
  never:
    'with --fsync never, a power cut can lose all writes since the operating system last wrote to the disk, also those that verify has confirmed; the end of the process loses none of these',
};

/**
 * The writes of a store with a disk, between their number and the task queue: each is first appended to the log, and the
 * executor gets it only when it is kept there (see SyncPolicy).
 *
 * Invariant: nothing is executed that is not kept. So what `verify` confirms and what reads show is on the disk.
 */
export class DurableWrites {
  readonly disk: Disk;
  readonly log: WriteLog;
  /** The numbers that writes may have been given which are lost. */
  readonly lost: readonly NumberRange[];
  /** The number of the first write since the start. */
  readonly first: number;
  /** Resolves with the reason when the disk has failed; the caller must still {@link close}. */
  readonly failed: Promise<TableError>;
  readonly #execution: TableExecution;
  readonly #room: RoomWatch;
  readonly #snapshots: TableSnapshots;
  readonly #whenFailed = Promise.withResolvers<TableError>();
  #failure: TableError | undefined;
  /** In the order of their numbers, from index `#begin` on. */
  #waiting: NumberedWrite[] = [];
  #begin = 0;
  #waitingBytes = 0;
  /** The writes below this number are kept. */
  #kept: number;
  #drained: () => void = () => undefined;

  /**
   * Reads the directory into a new table, and resolves once the executor is ready.
   * @throws TableError as {@link TableExecution.start}, and if the directory cannot be used: see `recover` and `openNodeDisk`
   */
  static async start(
    options: ExecutionOptions,
    data: DataOptions,
  ): Promise<{ execution: TableExecution; durable: DurableWrites }> {
    const { directory, fsync, onLine = () => undefined, openDisk = openNodeDisk } = data;
    const loss = mayLose[fsync];
    if (loss !== undefined) onLine(loss, 'warn');
    const disk = await openDisk(directory);
    let execution: TableExecution | undefined;
    try {
      let recovered: Recovered | undefined;
      execution = await TableExecution.start({
        ...options,
        fill: async (target) => {
          recovered = await recover(disk, target, onLine);
          return recovered.next;
        },
      });
      const { number, next, lost, logBytes } = must(recovered, 'the table is filled before the start');
      const log = await WriteLog.begin({ disk, policy: fsync, lost }, { number: number + 1, next });
      const freeBytes = await disk.freeBytes();
      const parts = { execution, disk, log, lost, logBytes, freeBytes };
      return { execution, durable: new DurableWrites(parts, data) };
    } catch (error) {
      await execution?.close(execution.opCount.value).catch(() => undefined);
      await disk.close();
      throw error;
    }
  }

  private constructor(
    parts: {
      execution: TableExecution;
      disk: Disk;
      log: WriteLog;
      lost: readonly NumberRange[];
      logBytes: number;
      freeBytes: number;
    },
    {
      reserveBytes = defaultReserveBytes,
      logBytesMax = defaultLogBytesMax,
      onLine = () => undefined,
    }: DataOptions,
  ) {
    const { execution, disk, log, lost, logBytes, freeBytes } = parts;
    this.#execution = execution;
    this.disk = disk;
    this.log = log;
    this.lost = lost;
    this.first = log.next;
    this.#kept = log.next;
    this.failed = this.#whenFailed.promise;
    const room = new RoomWatch({
      disk,
      clock: dataClock,
      written: () => log.writtenBytes,
      reserveBytes,
      freeBytes,
      onChange: () => undefined,
      consequence: 'this server takes no writes',
      log: onLine,
    });
    this.#room = room;
    const walk = new TableWalk(execution.table.handle);
    const source = {
      get opCount() {
        return execution.opCount.value;
      },
      outcomes: execution.outcomes,
      get hasRoom() {
        return room.room === 'enough';
      },
      read: (cursor: number) => execution.locked(() => walk.read(cursor, stepBytes)),
    };
    this.#snapshots = new TableSnapshots({ disk, log, lost, source, onLine, logBytes, logBytesMax });
    log.listen({
      kept: (next) => this.#onKept(next),
      // Writes may wait for it.
      reserved: () => execution.announce(),
      full: () => room.noteFull(),
      failed: (error) => this.#fail(error),
    });
  }

  /** Whether the disk has room for writes. */
  get hasRoom(): boolean {
    return this.#room.room === 'enough';
  }

  /** How many of the writes the executor has got, and with which number the next one goes on. */
  get given(): number {
    return this.#waiting[this.#begin]?.opN ?? this.log.next;
  }

  /**
   * Takes a copy of a write, which reaches the queue later, or returns false if there is no room now.
   * @throws TableError TOO_LARGE for a write that does not fit into the queue; DISK_FULL; the failure, once there is one
   */
  put({ data, expected, ...write }: NumberedWrite): boolean {
    if (this.#failure !== undefined) throw this.#failure;
    if (!this.hasRoom) {
      const text =
        'the disk of this server has hardly any room left: it takes no writes until a person makes some';
      throw new TableError('DISK_FULL', text);
    }
    const bytes = contentBytes({ key: write.key, data, expected });
    const { tasksMax, taskBytesMax } = this.#execution.queue.handle;
    if (bytes > taskBytesMax)
      throw new TableError('TOO_LARGE', `a key and value of ${bytes} bytes; the limit is ${taskBytesMax}`);
    const isFull =
      this.#waiting.length - this.#begin >= tasksMax || this.#waitingBytes + bytes > waitingBytesMax;
    if (isFull || write.opN >= this.log.reserved) return false;
    // The receive buffer is used again.
    const copy = { ...write, data: new Uint8Array(data), expected: expected && new Uint8Array(expected) };
    this.#waiting.push(copy);
    this.#waitingBytes += bytes;
    this.log.add(copy);
    return true;
  }

  /** Gives the executor what is kept; returns whether some of it waits for room in the queue. */
  give(): boolean {
    try {
      return this.#execution.call(() => this.#give());
    } catch (error) {
      // The store reports it.
      if (this.#execution.failure !== undefined) return false;
      throw error;
    }
  }

  /**
   * Resolves once the executor has got all writes.
   * @throws TableError when that takes too long; the failure of the disk, if there is one
   */
  async drain(): Promise<void> {
    const drained = new Promise<undefined>((resolve) => {
      this.#drained = () => resolve(undefined);
    });
    if (this.#begin === this.#waiting.length) this.#drained();
    const ended = Promise.race([drained, this.failed, this.#execution.failed]);
    await withDeadline(ended, drainDeadlineMs, 'the last writes to be on the disk');
  }

  /** Syncs everything, and lets another process use the directory. */
  async close(): Promise<void> {
    this.#room.close();
    await this.#snapshots.close();
    await this.log.close();
    await this.disk.close();
  }

  #onKept(next: number): void {
    this.#kept = next;
    this.give();
    this.#room.count();
    this.#snapshots.consider();
  }

  #give(): boolean {
    const { queue } = this.#execution;
    let queuedAtMs: number | undefined;
    let isQueueFull = false;
    for (let write = this.#waiting[this.#begin]; write !== undefined; write = this.#waiting[this.#begin]) {
      if (write.opN >= this.#kept) break;
      queuedAtMs ??= this.#execution.wakeAfterTurn();
      isQueueFull = !queue.put({ ...write, queuedAtMs });
      if (isQueueFull) break;
      this.#waitingBytes -= contentBytes(write);
      this.#begin += 1;
    }
    if (2 * this.#begin >= this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#begin);
      this.#begin = 0;
    }
    if (this.#waiting.length === 0) this.#drained();
    return isQueueFull;
  }

  #fail(error: TableError): void {
    this.#failure ??= error;
    this.#whenFailed.resolve(this.#failure);
  }
}

function contentBytes({ key, data, expected }: Pick<Task, 'key' | 'data' | 'expected'>): number {
  return Buffer.byteLength(key) + data.length + (expected?.length ?? 0);
}
