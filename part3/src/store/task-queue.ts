import type { TaskName } from '@tablelab/part2';
import { assert, must, TableError } from '@tablelab/shared';
import { Condition } from '../shared-memory/condition.ts';
import { lockLowPriorityWithRetry, lockWithRetry } from '../shared-memory/lock-with-retry.ts';
import { Mutex } from '../shared-memory/mutex.ts';

/** A write that has its operation number and waits to be executed (assignment part 3, `task_t`). */
export interface Task {
  readonly opN: number;
  readonly op: TaskName;
  readonly key: string;
  /** The value of a put, no bytes for a del. */
  readonly data: Uint8Array;
  /** The value that the key must have, for `putIfEquals`; nothing for the others. */
  readonly expected?: Uint8Array | undefined;
  /** When it was put into the queue, in milliseconds on a clock that both threads read alike. */
  readonly queuedAtMs: number;
}

/** A task taken from the queue. `key` is in UTF-8; `key`, `data` and `expected` are in the queue's memory. */
export type TakenTask = Omit<Task, 'key' | 'expected'> & {
  readonly key: Uint8Array;
  readonly expected: Uint8Array;
};

export interface TaskQueueOptions {
  /** The largest number of tasks in the queue, including those taken and not yet released. */
  readonly tasksMax: number;
  /** The size of the ring, in bytes: at least `bytesMax - 2 * taskBytesMax` of tasks fit. */
  readonly bytesMax: number;
  /** The longest key, value and expected value together, in bytes. */
  readonly taskBytesMax: number;
}

/** Everything that another thread needs to use the same queue; can be sent to a worker. */
export interface TaskQueueHandle extends TaskQueueOptions {
  readonly memory: SharedArrayBuffer;
}

// The words in front of the ring:
//
//     0 mutex ... | notEmpty | first | end | length | closed
const mutexWord = 0;
const notEmptyWord = mutexWord + Mutex.words;
const firstWord = notEmptyWord + Condition.words;
const endWord = firstWord + 1;
const lengthWord = firstWord + 2;
const closedWord = firstWord + 3;
const ringOffset = 8 * Math.ceil((closedWord + 1) / 2);

// A task in the ring, at a multiple of 8 bytes:
//
//     0 bytes of it all | 4 kind | 8 opN | 16 queuedAtMs | 24 key bytes | 28 value bytes | 32 key, value, expected value
//       uint32            uint32   float64  float64        uint32         uint32           then up to 7 unused
//
// The lowest three bits of `kind` are the kind; the others are the number of bytes of the expected value.
//
// A task does not wrap around the end of the ring: if it does not fit, a filler takes the rest, and the task begins at
// 0.
const headerBytes = 32;
const kinds = { filler: 0, put: 1, del: 2, putIfAbsent: 3, putIfEquals: 4 };
const opsByKind = [undefined, 'put', 'del', 'putIfAbsent', 'putIfEquals'] as const;
const kindBits = 3;
const kindMask = 2 ** kindBits - 1;
const noBytes = new Uint8Array(0);

/** The largest size that JavaScript programs get in one piece. */
const ringBytesMax = 2 ** 31;

/**
 * The task queue of the assignment, part 3: first in, first out, with a limit, in memory that two threads share. One
 * thread, main, puts tasks in; another, the executor, takes them out, in batches.
 *
 *     0            first                     end            bytesMax
 *     +--------------+------+-----+------------+--------------+
 *     |     free     | oldest ...      newest  |     free     |     and after the first turn round:  newest | free | oldest
 *     +--------------+------+-----+------------+--------------+
 *
 * Invariants: `mutex` guards `first`, `end`, `length` and `closed`. The bytes from `first` to `end` are complete tasks.
 * Main writes only outside of them, and moves `end` when it is done. The executor reads only inside, and moves `first`
 * when it has finished with a task. So the bytes of a task are copied without the lock.
 *
 * `notEmpty`: the executor waits for it with the mutex held, having seen `length` = 0 and not `closed`. Main changes
 * either under the mutex and notifies afterwards: see {@link Condition} for why no wake-up is lost. It notifies once
 * for many tasks: until then a sleeping executor does not see them.
 */
export class TaskQueue {
  readonly handle: TaskQueueHandle;
  readonly #mutex: Mutex;
  readonly #notEmpty: Condition;
  readonly #words: Int32Array;
  readonly #ringWords: Uint32Array;
  readonly #ringNumbers: Float64Array;
  readonly #ring: Uint8Array;
  /** The same bytes, for text. */
  readonly #ringText: Buffer;
  /** The end and the number of the taken tasks; used by the executor. */
  #taken = { end: 0, count: 0 };

  /**
   * @throws TableError BAD_REQUEST for a limit that is not a whole number from 1 up, or a ring too small for one task
   */
  static create(options: TaskQueueOptions): TaskQueue {
    const { tasksMax, bytesMax, taskBytesMax } = options;
    if (!Number.isSafeInteger(tasksMax) || tasksMax < 1) {
      throw new TableError('BAD_REQUEST', `a task queue holds at least 1 task, not ${tasksMax}`);
    }
    const ringBytes = multipleOf8(bytesMax);
    if (!(ringBytes >= recordBytes(taskBytesMax) && ringBytes <= ringBytesMax)) {
      throw new TableError(
        'BAD_REQUEST',
        `a task of ${taskBytesMax} bytes does not fit into ${bytesMax} bytes`,
      );
    }
    const memory = new SharedArrayBuffer(4 * ringOffset + ringBytes);
    return new TaskQueue({ memory, tasksMax, bytesMax: ringBytes, taskBytesMax });
  }

  /** The queue behind `handle`, for the other thread. */
  static attach(handle: TaskQueueHandle): TaskQueue {
    return new TaskQueue(handle);
  }

  private constructor(handle: TaskQueueHandle) {
    const { memory, bytesMax } = handle;
    this.handle = handle;
    this.#words = new Int32Array(memory, 0, ringOffset);
    this.#mutex = new Mutex(this.#words, mutexWord);
    this.#notEmpty = new Condition(this.#words, notEmptyWord);
    this.#ringWords = new Uint32Array(memory, 4 * ringOffset, bytesMax / 4);
    this.#ringNumbers = new Float64Array(memory, 4 * ringOffset, bytesMax / 8);
    this.#ring = new Uint8Array(memory, 4 * ringOffset, bytesMax);
    this.#ringText = Buffer.from(memory, 4 * ringOffset, bytesMax);
  }

  /** The number of tasks that have not been released. */
  get length(): number {
    return Atomics.load(this.#words, lengthWord);
  }

  /** How often this thread found the queue's lock held. */
  get lockWaits(): number {
    return this.#mutex.waits;
  }

  /**
   * For main: appends a copy of the task, or returns false if there is no room. A sleeping executor notices it after
   * {@link wake}.
   * @throws TableError TOO_LARGE for a task above `taskBytesMax`; INTERNAL, like all of main's calls, if the executor
   *   died while it held the lock
   */
  put(task: Task): boolean {
    const keyBytes = Buffer.byteLength(task.key);
    const { tasksMax, taskBytesMax } = this.handle;
    const contentBytes = keyBytes + task.data.length + (task.expected?.length ?? 0);
    if (contentBytes > taskBytesMax) {
      const text = `a key and value of ${contentBytes} bytes; the limit is ${taskBytesMax}`;
      throw new TableError('TOO_LARGE', text);
    }
    const bytes = recordBytes(contentBytes);
    lockWithRetry(this.#mutex);
    try {
      assert(this.#words[closedWord] === 0, 'a closed queue gets no more tasks');
      const length = this.#words[lengthWord] as number;
      const at = length < tasksMax ? this.#findRoom(bytes) : undefined;
      if (at === undefined) return false;
      const end = this.#words[endWord] as number;
      if (at < end) this.#fillUp(end);
      this.#write(at, bytes, keyBytes, task);
      this.#words[endWord] = at + bytes;
      Atomics.store(this.#words, lengthWord, length + 1);
      return true;
    } finally {
      this.#mutex.unlock();
    }
  }

  /** For main: wakes the executor if it sleeps. */
  wake(): void {
    this.#notEmpty.notifyOne();
  }

  /** For main: no more tasks will come. */
  close(): void {
    lockWithRetry(this.#mutex);
    this.#words[closedWord] = 1;
    this.#mutex.unlock();
    this.#notEmpty.notifyOne();
  }

  /**
   * For the executor: takes at most `countMax` tasks, oldest first. Waits up to `timeoutMs` for the first one; returns
   * an empty array after that. Undefined: the queue is closed and empty.
   *
   * Their bytes stay in the ring until {@link release}, which must be called before the next take.
   */
  take(countMax: number, timeoutMs: number): TakenTask[] | undefined {
    assert(this.#taken.count === 0, 'tasks are released before more are taken');
    lockLowPriorityWithRetry(this.#mutex);
    if (this.#words[lengthWord] === 0 && this.#words[closedWord] === 0) {
      this.#notEmpty.wait(this.#mutex, timeoutMs);
    }
    const length = this.#words[lengthWord] as number;
    const first = this.#words[firstWord] as number;
    const isClosed = this.#words[closedWord] === 1;
    this.#mutex.unlock();
    if (length === 0) return isClosed ? undefined : [];
    return this.#read(first, Math.min(length, countMax));
  }

  /** For the executor: frees the places of the taken tasks. */
  release(): void {
    lockLowPriorityWithRetry(this.#mutex);
    this.#words[firstWord] = this.#taken.end;
    Atomics.sub(this.#words, lengthWord, this.#taken.count);
    this.#mutex.unlock();
    this.#taken = { end: 0, count: 0 };
  }

  /** Returns where `bytes` are free in one piece. The mutex must be held. */
  #findRoom(bytes: number): number | undefined {
    const { bytesMax } = this.handle;
    const first = this.#words[firstWord] as number;
    const end = this.#words[endWord] as number;
    // An empty ring restarts at its beginning, which may still be in the processor's cache. `#fillUp` then moves
    // `first`.
    if (this.#words[lengthWord] === 0) return 0;
    if (end <= first) return first - end >= bytes ? end : undefined;
    if (bytesMax - end >= bytes) return end;
    return first >= bytes ? 0 : undefined;
  }

  /** Marks the rest of the ring after `end` as unused; the next task begins at 0. The mutex must be held. */
  #fillUp(end: number): void {
    if (this.#words[lengthWord] === 0) this.#words[firstWord] = 0;
    else if (end < this.handle.bytesMax) this.#ringWords[end / 4 + 1] = kinds.filler;
  }

  #write(at: number, bytes: number, keyBytes: number, task: Task): void {
    const { opN, op, key, data, expected, queuedAtMs } = task;
    this.#ringWords[at / 4] = bytes;
    this.#ringWords[at / 4 + 1] = kinds[op] | ((expected?.length ?? 0) << kindBits);
    this.#ringNumbers[at / 8 + 1] = opN;
    this.#ringNumbers[at / 8 + 2] = queuedAtMs;
    this.#ringWords[at / 4 + 6] = keyBytes;
    this.#ringWords[at / 4 + 7] = data.length;
    this.#ringText.write(key, at + headerBytes, keyBytes, 'utf8');
    this.#ring.set(data, at + headerBytes + keyBytes);
    if (expected !== undefined) this.#ring.set(expected, at + headerBytes + keyBytes + data.length);
  }

  #read(first: number, count: number): TakenTask[] {
    const tasks: TakenTask[] = [];
    let at = first;
    while (tasks.length < count) {
      if (at === this.handle.bytesMax || this.#ringWords[at / 4 + 1] === kinds.filler) at = 0;
      tasks.push(this.#taskAt(at));
      at += this.#ringWords[at / 4] as number;
    }
    this.#taken = { end: at, count };
    return tasks;
  }

  #taskAt(at: number): TakenTask {
    const keyEnd = at + headerBytes + (this.#ringWords[at / 4 + 6] as number);
    const dataEnd = keyEnd + (this.#ringWords[at / 4 + 7] as number);
    const kind = this.#ringWords[at / 4 + 1] as number;
    const expectedBytes = kind >>> kindBits;
    return {
      opN: this.#ringNumbers[at / 8 + 1] as number,
      op: opOf(kind & kindMask),
      key: this.#ring.subarray(at + headerBytes, keyEnd),
      data: this.#ring.subarray(keyEnd, dataEnd),
      expected: expectedBytes === 0 ? noBytes : this.#ring.subarray(dataEnd, dataEnd + expectedBytes),
      queuedAtMs: this.#ringNumbers[at / 8 + 2] as number,
    };
  }
}

function opOf(kind: number): Task['op'] {
  return must(opsByKind[kind], `a task is a put or a del, not ${kind}`);
}

function recordBytes(contentBytes: number): number {
  return headerBytes + multipleOf8(contentBytes);
}

function multipleOf8(bytes: number): number {
  return 8 * Math.ceil(bytes / 8);
}
