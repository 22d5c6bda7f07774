import { deepEqual } from 'node:assert/strict';
import { casesPerSeed, syncTest, testSeed, timeFactor } from '@tablelab/part1/testing';
import { TaskQueue } from '@tablelab/part3';
import { assert, must, seededRandom } from '@tablelab/shared';
import { cases } from '@tablelab/shared/testing';
import fc from 'fast-check';
import t from 'tap';
import { executeTasks } from '../src/executor/execute-tasks.ts';
import { Progress } from '../src/executor/progress.ts';
import { Condition } from '../src/shared-memory/condition.ts';
import { Mutex } from '../src/shared-memory/mutex.ts';
import { Outcomes } from '../src/shared-memory/outcomes.ts';
import { SharedCounter } from '../src/shared-memory/shared-counter.ts';
import { boundsMs, SharedHistogram } from '../src/shared-memory/shared-histogram.ts';
import type { TakenTask, Task } from '../src/store/task-queue.ts';
import { passThrough } from './sandboxed/queue-threads.ts';

/** Words before the ring, see task-queue.ts. */
const [firstWord, endWord] = [Mutex.words + Condition.words, Mutex.words + Condition.words + 1];

const taskBytesMax = 200;
const roomy = { tasksMax: 1_000, bytesMax: 100_000, taskBytesMax };

function task(
  opN: number,
  { keyLength = 5, valueLength = 20 }: { keyLength?: number; valueLength?: number } = {},
): Task {
  const value = Uint8Array.from({ length: valueLength }, (_, index) => opN + index);
  const op = (['del', 'put', 'putIfAbsent', 'putIfEquals'] as const)[opN % 4] ?? 'put';
  // Both together have that many bytes.
  const expectedLength = op === 'putIfEquals' ? opN % (valueLength + 1) : 0;
  const [expected, data] = [value.slice(0, expectedLength), value.slice(expectedLength)];
  const key = `${opN}`.padEnd(keyLength, 'é').slice(0, keyLength);
  return { opN, op, key, data, expected, queuedAtMs: opN / 7 };
}

/** The size of a task in the ring, see task-queue.ts. */
const recordBytes = ({ key, data, expected }: Task): number =>
  32 + 8 * Math.ceil((Buffer.byteLength(key) + data.length + (expected?.length ?? 0)) / 8);
const bytesOf = (tasks: readonly Task[]): number => tasks.reduce((bytes, one) => bytes + recordBytes(one), 0);

/** The taken tasks, in the form in which they were put. */
const copied = (tasks: readonly TakenTask[]): Task[] =>
  tasks.map((one) => ({
    ...one,
    key: Buffer.from(one.key).toString(),
    data: new Uint8Array(one.data),
    expected: new Uint8Array(one.expected),
  }));

t.test(
  'what one thread puts, another one takes, in order and complete (part3/README.md#queue-fifo)',
  async (t) => {
    const { int } = seededRandom(testSeed);
    const tasks = Array.from({ length: 500 }, (_, opN) =>
      task(opN, { keyLength: int(40), valueLength: int(80) }),
    );
    const taken = await passThrough({ tasksMax: 20, bytesMax: 2_000, taskBytesMax }, tasks);
    const shown = ({ opN, op, key, data, expected }: Omit<Task, 'queuedAtMs'>) =>
      `${opN} ${op} ${key} ${Buffer.from(data).toString('hex')} ${Buffer.from(expected ?? []).toString('hex')}`;
    t.same(taken.map(shown), tasks.map(shown));
  },
);

syncTest(
  t,
  'the queue returns complete tasks in order, for all sizes and patterns of puts and takes (part3/README.md#queue-fifo)',
  (t) => {
    const sizes = fc.record({ keyLength: fc.nat(60), valueLength: fc.nat(80) });
    // More puts than takes: an empty queue restarts at the beginning of its ring, and would never wrap around.
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ put: sizes }) },
      { weight: 2, arbitrary: fc.record({ take: fc.integer({ min: 1, max: 4 }) }) },
      { weight: 2, arbitrary: fc.record({ release: fc.constant(true) }) },
    );
    let puts = 0;
    let behindTheEnd = 0;
    const runs = casesPerSeed(300);
    fc.assert(
      fc.property(
        fc.record({
          tasksMax: fc.integer({ min: 1, max: 20 }),
          bytesMax: fc.integer({ min: 232, max: 1_500 }),
        }),
        fc.array(step, { maxLength: 200, size: 'max' }),
        (limits, steps) => {
          const queue = TaskQueue.create({ ...limits, taskBytesMax });
          const executor = TaskQueue.attach(queue.handle);
          const waiting: Task[] = [];
          let taken: TakenTask[] | undefined;
          let wanted: Task[] = [];
          let opN = 0;
          const words = new Int32Array(queue.handle.memory);
          for (const one of steps) {
            if ('put' in one) {
              const next = task(opN, one.put);
              if (queue.put(next)) {
                waiting.push(next);
                opN += 1;
                puts += 1;
                if ((words[endWord] as number) <= (words[firstWord] as number)) behindTheEnd += 1;
              } else {
                const tasks = waiting.length + wanted.length;
                // Up to two tasks of the largest size may be unused: at the ring's end, and before the oldest task.
                const bytes = bytesOf([...waiting, ...wanted]) + 2 * 232;
                assert(
                  tasks === limits.tasksMax || bytes > limits.bytesMax,
                  `a queue of ${tasks} tasks takes one more of ${recordBytes(next)} bytes`,
                );
              }
            } else if ('take' in one && taken === undefined) {
              const found = executor.take(one.take, 0);
              wanted = waiting.splice(0, one.take);
              deepEqual(copied(found ?? []), wanted, 'tasks come out as they went in');
              if (found !== undefined && found.length > 0) taken = found;
            } else if ('release' in one && taken !== undefined) {
              deepEqual(copied(taken), wanted, 'taken tasks do not change until they are released');
              executor.release();
              taken = undefined;
              wanted = [];
            }
            assert(
              queue.length === waiting.length + wanted.length,
              'the length is that of what was not released',
            );
          }
          if (taken !== undefined) executor.release();
          deepEqual(copied(executor.take(1_000, 0) ?? []), waiting, 'nothing is left over');
        },
      ),
      {
        numRuns: runs,
        seed: testSeed,
        interruptAfterTimeLimit: 8_000 * timeFactor,
        markInterruptAsFailure: true,
      },
    );
    t.ok(
      behindTheEnd > 3 * runs,
      `${behindTheEnd} of ${puts} tasks came to lie before older ones in the ring`,
    );
  },
);

syncTest(t, 'the queue has limits: of tasks, of bytes, of one task (part3/README.md#queue-limits)', (t) => {
  for (const tasksMax of [0, -1, 1.5, Number.NaN]) {
    t.throws(() => TaskQueue.create({ ...roomy, tasksMax }), { code: 'BAD_REQUEST' });
  }
  for (const bytesMax of [0, 224, Number.NaN, 2 ** 32]) {
    t.throws(() => TaskQueue.create({ ...roomy, bytesMax }), { code: 'BAD_REQUEST' }, `${bytesMax} bytes`);
  }
  t.throws(() => TaskQueue.create(roomy).put(task(0, { valueLength: 201 })), { code: 'TOO_LARGE' });

  const few = TaskQueue.create({ ...roomy, tasksMax: 2 });
  t.same(
    [0, 1, 2].map((opN) => few.put(task(opN))),
    [true, true, false],
    'two tasks, and no third one',
  );
  t.equal(few.take(2, 0)?.length, 2);
  t.equal(few.put(task(2)), false, 'what has been taken is in its place until it is released');
  few.release();
  t.equal(few.put(task(2)), true);

  const small = TaskQueue.create({ ...roomy, bytesMax: 400 });
  const sizes = [100, 100, 0, 100];
  t.same(
    sizes.map((valueLength, opN) => small.put(task(opN, { valueLength }))),
    [true, true, true, false],
    'three tasks of 136, 136 and 40 bytes are in 400 bytes, and no other one of 136',
  );
});

syncTest(
  t,
  'a closed queue returns the rest, then nothing more, and accepts nothing (part3/README.md#queue-close)',
  (t) => {
    const queue = TaskQueue.create(roomy);
    queue.put(task(0));
    queue.close();
    t.throws(() => queue.put(task(1)), /closed/);
    t.equal(queue.take(10, 0)?.length, 1);
    t.throws(() => queue.take(10, 0), /released/, 'who takes twice would lose the first batch');
    queue.release();
    t.equal(queue.take(10, 60_000), undefined, 'at once, without waiting');
  },
);

t.test(
  'the executor executes in order, counts under the lock, holds it for few tasks, and ends with the queue (part3/README.md#threads-short, part3/README.md#threads-locks)',
  async (t) => {
    const random = seededRandom(5);
    const queue = TaskQueue.create({ tasksMax: 1_000, bytesMax: 1_000_000, taskBytesMax: 20_000 });
    const opCount = new SharedCounter();
    const calls: string[] = [];
    let held = false;
    let steps = 0;
    const underLock: { tasks: number; bytes: number }[] = [];
    const touch = (call: string, bytes: number) => {
      if (!held) t.fail(`${call} without the lock`);
      const current = must(underLock.at(-1), 'there was a lock');
      current.tasks += 1;
      current.bytes += bytes;
      calls.push(call);
    };
    let takes = 0;
    const parts = {
      queue: {
        // The first wait times out, as after a minute without work.
        take: (countMax: number, timeoutMs: number) => {
          takes += 1;
          if (held) t.fail('the queue is touched under the lock of the table');
          return takes === 1 ? [] : queue.take(countMax, timeoutMs);
        },
        release: () => {
          if (held) t.fail('the queue is touched under the lock of the table');
          queue.release();
        },
      },
      table: {
        putBytes: (key: Uint8Array, data: Uint8Array) => touch(`put ${Buffer.from(key)}`, data.length),
        delBytes: (key: Uint8Array) => {
          touch(`del ${Buffer.from(key)}`, 0);
          return false;
        },
        putBytesIfAbsent: (key: Uint8Array, data: Uint8Array) => {
          touch(`putIfAbsent ${Buffer.from(key)}`, data.length);
          return true;
        },
        putBytesIfEquals: (key: Uint8Array, _expected: Uint8Array, data: Uint8Array) => {
          touch(`putIfEquals ${Buffer.from(key)}`, data.length);
          return true;
        },
        *makeRoom() {
          for (let step = 0; step < 3; step += 1) {
            if (!held) t.fail('room is made without the lock');
            steps += 1;
            yield;
          }
        },
      },
      tableLock: {
        lockLowPriority: () => {
          held = true;
          underLock.push({ tasks: 0, bytes: 0 });
        },
        unlock: () => {
          t.equal(opCount.value, calls.length, 'op_count is raised before the lock is released');
          held = false;
        },
      },
      opCount,
      executedBytes: new SharedCounter(),
      outcomes: new Outcomes(),
      progress: new Progress(),
      waitTime: new SharedHistogram(),
      executionTime: new SharedHistogram(),
    };
    const wanted: string[] = [];
    for (let opN = 0; opN < 100; opN += 1) {
      const one = task(opN, { valueLength: random.pick([0, 10, 9_000, 16_384]) });
      queue.put(one);
      wanted.push(`${one.op} ${one.key}`);
    }
    queue.close();
    const { noted } = parts.progress;
    executeTasks(parts);
    t.ok(takes > 2, 'after a time-out it waits again');
    t.same(calls, wanted, 'in the order of the numbers');
    t.ok(steps > 30, 'room for large values is made in advance, step by step');
    t.equal(opCount.value, 100);
    for (const { tasks, bytes } of cases(t, underLock)) {
      t.ok(tasks <= 8 && bytes <= 16 * 1024 + 9_000, `${tasks} tasks of ${bytes} bytes under one lock`);
    }
    t.ok(
      underLock.filter(({ tasks }) => tasks === 0).length >= steps,
      'the lock is released after each step',
    );
    t.equal(parts.waitTime.read().count, 100, 'each wait is counted');
    t.equal(parts.executionTime.read().count, 100);
    await parts.progress.since(noted);
    t.equal(queue.length, 0, 'all places are free');

    const wrong = TaskQueue.create(roomy);
    wrong.put(task(7));
    wrong.close();
    t.throws(() => executeTasks({ ...parts, queue: wrong, opCount: new SharedCounter() }), 'a gap is a bug');
  },
);

syncTest(t, 'durations are counted in cumulative buckets', (t) => {
  const histogram = new SharedHistogram();
  histogram.observe(0.0005, 2);
  histogram.observe(3, 1);
  histogram.observe(60_000, 1);
  const { atMost, count, sumMs } = new SharedHistogram(histogram.memory).read();
  t.equal(atMost[0], 2);
  t.equal(atMost[boundsMs.indexOf(2.5)], 2);
  t.equal(atMost[boundsMs.indexOf(5)], 3);
  t.equal(atMost.at(-1), 3, 'what is beyond the last bound is in no bucket');
  t.equal(count, 4);
  t.ok(Math.abs(sumMs - 60_003.001) < 1e-6, `${sumMs}`);
});
