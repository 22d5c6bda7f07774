import { Outcome, outcomeNumber } from '@tablelab/part2';
import { assert, logicalEntryBytes, unreachable } from '@tablelab/shared';
import { lockLowPriorityWithRetry } from '../shared-memory/lock-with-retry.ts';
import type { Mutex } from '../shared-memory/mutex.ts';
import type { Outcomes } from '../shared-memory/outcomes.ts';
import { sharedNowMs } from '../shared-memory/shared-clock.ts';
import type { SharedCounter } from '../shared-memory/shared-counter.ts';
import type { SharedHistogram } from '../shared-memory/shared-histogram.ts';
import type { SharedTable } from '../shared-memory/shared-table.ts';
import type { TakenTask, TaskQueue } from '../store/task-queue.ts';
import type { Progress } from './progress.ts';

export interface ExecutorParts {
  readonly queue: Pick<TaskQueue, 'take' | 'release'>;
  /** Guarded by `tableLock`, which main takes for every read. */
  readonly table: Pick<
    SharedTable,
    'putBytes' | 'putBytesIfAbsent' | 'putBytesIfEquals' | 'delBytes' | 'makeRoom'
  >;
  readonly tableLock: Pick<Mutex, 'lockLowPriority' | 'unlock'>;
  /** The assignment's `op_count`. Only this thread writes it, while it holds the table's lock. */
  readonly opCount: SharedCounter;
  /** The memory that the executed writes may have taken, {@link writeBytes} of each; written like `opCount`. */
  readonly executedBytes: SharedCounter;
  /** Written like `opCount`. */
  readonly outcomes: Outcomes;
  readonly progress: Progress;
  /** How long tasks waited in the queue, and how long they took to execute. */
  readonly waitTime: SharedHistogram;
  readonly executionTime: SharedHistogram;
}

/** Tasks taken from the queue at once: their places become free together, after the last one. */
const batchTasksMax = 256;

/** How much is written while the lock is held once. Reads, and so all of main's clients, wait meanwhile. */
const lockedTasksMax = 8;
const lockedBytesMax = 16 * 1024;

/** For a value of this size the table may have to move many nodes; the lock is released between the steps. */
const largeValueBytes = 16 * 1024;

/** How long an idle executor sleeps at most, in milliseconds. Work and the end of the queue wake it at once. */
const idleTimeoutMs = 60_000;

/**
 * The loop of the second thread (assignment part 3): takes tasks from the queue and executes them on the table, in
 * order, until the queue is closed and empty. It never holds the locks of the queue and of the table together.
 *
 * An error means a bug, because main admits only writes that cannot fail.
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

/** Executes tasks from index `from` on while it holds the lock once; returns the index of the first remaining task. */
function executeLocked(parts: ExecutorParts, tasks: readonly TakenTask[], from: number): number {
  const { table, tableLock, opCount, executedBytes, outcomes, waitTime, executionTime } = parts;
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
      outcomes.note(executed, execute(table, task));
      executed += 1;
      next += 1;
      bytes += writeBytes(task.op, task.key.length, task.data.length);
    }
  } finally {
    // Still under the lock: a reader that sees an entry also sees its write counted.
    opCount.value = executed;
    executedBytes.value += bytes;
    tableLock.unlock();
  }
  const count = next - from;
  waitTime.observe(startMs - (tasks[from] as TakenTask).queuedAtMs, count);
  executionTime.observe((sharedNowMs() - startMs) / count, count);
  return next;
}

/** Releases the table's lock between steps; the caller holds it before and afterwards. */
function makeRoom({ table, tableLock }: ExecutorParts, { op, key, data }: TakenTask): void {
  if (op === 'del' || data.length < largeValueBytes) return;
  for (const _ of table.makeRoom(key, data.length)) {
    tableLock.unlock();
    lockLowPriorityWithRetry(tableLock);
  }
}

/** Returns the {@link Outcome}. An absent key is not an error here: the client already has its answer. */
export function execute(
  table: Pick<SharedTable, 'putBytes' | 'putBytesIfAbsent' | 'putBytesIfEquals' | 'delBytes'>,
  { op, key, data, expected }: Pick<TakenTask, 'op' | 'key' | 'data' | 'expected'>,
): number {
  switch (op) {
    case 'put':
      table.putBytes(key, data);
      return Outcome.UNKNOWN;
    case 'putIfAbsent':
      return outcomeNumber(table.putBytesIfAbsent(key, data));
    case 'putIfEquals':
      return outcomeNumber(table.putBytesIfEquals(key, expected, data));
    case 'del':
      return outcomeNumber(table.delBytes(key));
    default:
      return unreachable(op);
  }
}

/** The most that a write adds to the table's logical bytes, whatever its condition; main admits only what fits. */
function writeBytes(op: TakenTask['op'], keyBytes: number, valueBytes: number): number {
  return op === 'del' ? 0 : logicalEntryBytes(keyBytes, valueBytes);
}
