/**
 * The real executor thread, with a table that kills it: a put of a key `die:...` ends or stops the thread in the way
 * that the key names, while it holds the table's lock.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { executeTasks } from '../../src/executor/execute-tasks.ts';
import { attachParts, type ExecutorHandles } from '../../src/executor/executor-handles.ts';
import { Condition } from '../../src/shared-memory/condition.ts';
import { Mutex } from '../../src/shared-memory/mutex.ts';

/** A word before the queue's ring, see task-queue.ts. */
const closedWord = Mutex.words + Condition.words + 3;

const handles = workerData as ExecutorHandles;
const parts = attachParts(handles);

function sleepForEver(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

const deaths: Record<string, () => void> = {
  'die:throw': () => {
    throw new Error('a bug in the table');
  },
  'die:exit': () => process.exit(3),
  'die:exit-0': () => process.exit(0),
  'die:heap': () => {
    for (const hoard: unknown[] = []; ; ) hoard.push(new Array(100_000).fill(hoard.length));
  },
  'die:hang': sleepForEver,
  /** While the queue is being drained: once it is closed. */
  'die:closing': () => {
    const words = new Int32Array(handles.queue.memory);
    while (Atomics.load(words, closedWord) === 0) Atomics.wait(words, closedWord, 0, 1);
    throw new Error('a bug in the table');
  },
  'die:hang-queue': () => {
    new Mutex(new Int32Array(handles.queue.memory, 0, Mutex.words), 0).lock();
    parts.tableLock.unlock();
    sleepForEver();
  },
};

parentPort?.postMessage('ready');
executeTasks({
  ...parts,
  table: {
    putBytes(key, value) {
      const name = Buffer.from(key).toString();
      deaths[name]?.();
      parts.table.putBytes(key, value);
    },
    putBytesIfAbsent: (key, value) => parts.table.putBytesIfAbsent(key, value),
    putBytesIfEquals: (key, expected, value) => parts.table.putBytesIfEquals(key, expected, value),
    delBytes: (key) => parts.table.delBytes(key),
    makeRoom: (key, valueBytes) => parts.table.makeRoom(key, valueBytes),
  },
});
