import { assert, logicalEntryBytes } from '@tablelab/shared';
import { lockLowPriorityWithRetry } from '../shared-memory/lock-with-retry.ts';
import type { Mutex } from '../shared-memory/mutex.ts';
import { sharedNowMs } from '../shared-memory/shared-clock.ts';
import type { SharedCounter } from '../shared-memory/shared-counter.ts';
import type { SharedHistogram } from '../shared-memory/shared-histogram.ts';
import type { SharedTable } from '../shared-memory/shared-table.ts';
import type { TakenTask, TaskQueue } from '../store/task-queue.ts';
import type { Progress } from './progress.ts';

export interface ExecutorParts {
  readonly queue: Pick<TaskQueue, 'take' | 'release'>;
  /** Guarded by `tableLock`, which main takes for every read. */
  readonly table: Pick<SharedTable, 'putBytes' | 'delBytes' | 'makeRoom'>;
  readonly tableLock: Pick<Mutex, 'lockLowPriority' | 'unlock'>;
  /** The assignment's `op_count`. Only this thread writes it, with the table's lock held. */
  readonly opCount: SharedCounter;
  /** What the executed writes may have taken of the table's memory, {@link writeBytes} of each; as `opCount`. */
  readonly executedBytes: SharedCounter;
  readonly progress: Progress;
  /** How long tasks lay in the queue, and how long they took to execute. */
  readonly waitTime: SharedHistogram;
  readonly executionTime: SharedHistogram;
}

/** Tasks taken from the queue in one go: their places are free again only after the last of them. */
const batchTasksMax = 256;

/** How much is written under one lock. While it is held, reads wait, and with them all of main's clients. */
const lockedTasksMax = 8;
const lockedBytesMax = 16 * 1024;

/** The table may have to move many nodes before it has room for a value of this size: with the lock released in between. */
const largeValueBytes = 16 * 1024;

/** An executor without work looks around this often, in milliseconds. Work and the end wake it at once. */
const idleTimeoutMs = 60_000;

/**
 * The second thread's whole work (assignment part 3): takes tasks from the queue and executes them on the table, in
 * order, until the queue is closed and empty. Never holds the lock of the queue and the lock of the table together.
 *
 * Whatever it throws is a bug here, since main lets no write into the queue that can fail.
 */
export function executeTasks(parts: ExecutorParts): void {
  const { queue, progress } = parts;
  for (;;) {
    const tasks = queue.take(batchTasksMax, idleTimeoutMs);
    if (tasks === undefined) return;
    if (tasks.length === 0) continue;
    for (let done = 0; done < tasks.length; ) done = executeLocked(parts, tasks, done);
    queue.release();
    progress.announce();
  }
}

/** Executes tasks from number `from` on under one lock; returns the number of the first that is left. */
function executeLocked(parts: ExecutorParts, tasks: readonly TakenTask[], from: number): number {
  const { table, tableLock, opCount, executedBytes, waitTime, executionTime } = parts;
  lockLowPriorityWithRetry(tableLock);
  makeRoom(parts, tasks[from] as TakenTask);
  const startMs = sharedNowMs();
  let executed = opCount.value;
  let next = from;
  let bytes = 0;
  try {
    while (next < tasks.length && next - from < lockedTasksMax && bytes < lockedBytesMax) {
      const task = tasks[next] as TakenTask;
      if (next > from && task.data.length >= largeValueBytes) break;
      assert(task.opN === executed, `writes are executed in order: ${task.opN} after ${executed - 1}`);
      execute(table, task);
      executed += 1;
      next += 1;
      bytes += writeBytes(task.op, task.key.length, task.data.length);
    }
  } finally {
    // With the lock held: who reads an entry finds the write that made it counted.
    opCount.value = executed;
    executedBytes.value += bytes;
    tableLock.unlock();
  }
  const count = next - from;
  waitTime.observe(startMs - (tasks[from] as TakenTask).queuedAtMs, count);
  executionTime.observe((sharedNowMs() - startMs) / count, count);
  return next;
}

/** With the table's lock held, which others may have had in between. */
function makeRoom({ table, tableLock }: ExecutorParts, { op, key, data }: TakenTask): void {
  if (op !== 'put' || data.length < largeValueBytes) return;
  for (const _ of table.makeRoom(key, data.length)) {
    tableLock.unlock();
    lockLowPriorityWithRetry(tableLock);
  }
}

function execute(table: ExecutorParts['table'], { op, key, data }: TakenTask): void {
  if (op === 'put') table.putBytes(key, data);
  // An absent key is no failure here: the client was answered long ago.
  else if (op === 'del') table.delBytes(key);
}

/** What a write adds to the table's logical bytes, at most: main lets in no more than there is room for. */
function writeBytes(op: TakenTask['op'], keyBytes: number, valueBytes: number): number {
  return op === 'put' ? logicalEntryBytes(keyBytes, valueBytes) : 0;
}
