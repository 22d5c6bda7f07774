/**
 * Loaded into every test file before it runs (`node-arg` in .taprc): each test of a file has a time limit of its own, and a
 * file does not go on failing slowly.
 *
 * A test that waits in vain fails at its limit, and the next one runs. A test that loops without end keeps the event loop,
 * and with it every timer, from running: a second thread then kills the file. `TapReader` says which test that was.
 *
 * The limit is `timeout` in .taprc or `--timeout`, unless the file calls `t.setTimeout(ms)` at its head or the test has an
 * option `timeout`, in milliseconds.
 */
import { isMainThread, Worker } from 'node:worker_threads';
import type { Base } from 'tap';

/** Begins the reason that tap gives for a test that was left out. */
export const notRun = 'not run: ';

/** Once the failed tests of a file have taken this part of the limit together, the rest of it is left out. */
const failingShareMax = 0.5;

/** How much later than the test's own timer the second thread acts, and tap, which then loses the results of a file. */
const threadGraceMs = 2_000;
const tapGraceMs = 10_000;

// Worker threads that a test starts are given the same options.
if (isMainThread && process.argv[1]?.endsWith('.test.ts')) limitTests(await import('tap'));

function limitTests({ t: file, TestBase }: typeof import('tap')): void {
  const watch = watchThread();
  let limitMs: number | undefined;
  let failingMs = 0;
  file.on('subtestStart', (test) => {
    if (!(test instanceof TestBase)) return;
    // Read before the first test begins: from then on it moves on with every test.
    limitMs ??= file.options.timeout ?? 0;
    if (failingMs > limitMs * failingShareMax) {
      test.options.skip = `${notRun}the failed tests before it took ${Math.round(failingMs / 1_000)} s`;
      test.cb = async () => undefined;
      return;
    }
    announce(test);
    test.options.timeout ??= limitMs;
    watch(test.options.timeout + threadGraceMs);
    file.setTimeout(test.options.timeout + tapGraceMs);
  });
  // At 'subtestEnd' the next test may have begun already.
  file.on('subtestProcess', (test) => {
    if (test instanceof TestBase && !test.passing()) failingMs += test.time;
  });

  /** Makes tap write the name of a test before the test does anything: one that is killed at once would have none. */
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

/** Starts the second thread. It kills this process so many milliseconds after it was last told how many. */
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
