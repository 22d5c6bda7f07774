/**
 * Gives each test of a file a time limit of its own, and stops a file that keeps failing slowly. Node loads it into every
 * test file (`node-arg` in .taprc).
 *
 * A test that waits too long fails at its limit. A test in an endless loop keeps all timers from running, so a second
 * thread kills the process; `TapReader` reports which test was running.
 *
 * The limit is `timeout` in .taprc or `--timeout`. A file can call `t.setTimeout(ms)` before its first test to change
 * it for all its tests; a test can change it for itself with the option `timeout`, in milliseconds.
 */
import { isMainThread, Worker } from 'node:worker_threads';
import type { Base } from 'tap';

/** The reason of a test that was not run begins with this. */
export const notRun = 'not run: ';

/**
 * Once the failed tests of a file have used a processor for the first share of the limit, or have taken the second one, its other tests are
 * not run. Failed tests are slow on a busy machine, too, which is no reason to give up early.
 */
const failingProcessorShareMax = 0.5;
const failingShareMax = 1;

/** How long after the test's own timer the second thread kills the process, and how long after it tap would. */
const threadGraceMs = 2_000;
/** Longer than that of the thread: when tap itself ends a file, it loses the results of another one. */
const tapGraceMs = 10_000;

// Worker threads that a test starts are loaded with the same options.
if (isMainThread && process.argv[1]?.endsWith('.test.ts')) limitTests(await import('tap'));

function limitTests({ t: file, TestBase }: typeof import('tap')): void {
  const watch = watchThread();
  let limitMs: number | undefined;
  let failingMs = 0;
  let failingProcessorMs = 0;
  let before = process.cpuUsage();
  file.on('subtestStart', (test) => {
    if (!(test instanceof TestBase)) return;
    // Read before the first test starts, because setTimeout below changes it.
    limitMs ??= file.options.timeout ?? 0;
    if (failingMs > limitMs * failingShareMax || failingProcessorMs > limitMs * failingProcessorShareMax) {
      test.options.skip = `${notRun}failed tests before it took ${Math.round(failingMs / 1_000)} s`;
      test.cb = async () => undefined;
      return;
    }
    before = process.cpuUsage();
    announce(test);
    test.options.timeout ??= limitMs;
    watch(test.options.timeout + threadGraceMs);
    file.setTimeout(test.options.timeout + tapGraceMs);
  });
  // At 'subtestEnd' the next test may have begun already.
  file.on('subtestProcess', (test) => {
    if (!(test instanceof TestBase) || test.passing()) return;
    failingMs += test.time;
    const { user, system } = process.cpuUsage(before);
    failingProcessorMs += (user + system) / 1_000;
  });

  /** Makes tap write the name of a test when it starts. Otherwise a test that is killed at once would have no name. */
  function announce(test: Base): void {
    if (!(test instanceof TestBase)) return;
    const { cb } = test;
    test.cb = (t) => {
      t.comment('begins');
      return cb?.(t);
    };
    test.on('subtestStart', announce);
  }
}

/** Starts the second thread. It kills this process `limitMs` after the last call of the returned function. */
function watchThread(): (limitMs: number) => void {
  const state = new Int32Array(new SharedArrayBuffer(8));
  const thread = new Worker(new URL('./time-limit-thread.ts', import.meta.url), {
    workerData: state,
    execArgv: [],
  });
  thread.unref();
  return (limitMs) => {
    Atomics.store(state, 1, limitMs);
    Atomics.add(state, 0, 1);
    Atomics.notify(state, 0);
  };
}
