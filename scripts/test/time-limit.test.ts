import { join } from 'node:path';
import t, { Test } from 'tap';
import { TapReader } from '../tap-reader.ts';

const timeLimit = join(import.meta.dirname, '../time-limit.ts');
const helpers = join(import.meta.dirname, '../../shared/src/testing/index.ts');
const syncTest = join(import.meta.dirname, '../../part1/testing/sync-test.ts');
const limitSeconds = 1;

/** Runs a test file as `npm test` does, with a shorter limit. Returns the printed lines without places in the source. */
async function run(t: Test, source: string, env: NodeJS.ProcessEnv = {}): Promise<string[]> {
  const folder = t.testdir({ 'package.json': '{ "type": "module" }', 'x.test.ts': source });
  const runner = new Test({ name: 'runner' });
  const printed: string[] = [];
  const reader = new TapReader((line) => printed.push(line));
  runner.on('data', (chunk) => reader.write(String(chunk)));
  runner.runMain(() => undefined);
  await runner.spawn(process.execPath, [`--import=${timeLimit}`, 'x.test.ts'], {
    at: null,
    cwd: folder,
    env: { ...process.env, TAP_TIMEOUT: String(limitSeconds), ...env },
    name: 'x.test.ts',
  });
  runner.end();
  reader.end();
  return printed.filter((line) => /^(ok|failed|FAILED) |assertion|later tests|#/.test(line));
}

/** The lines without the time that the file took. */
const withoutTime = (lines: readonly string[]) => lines.map((line) => line.replace(/ {2}\d+\.\d s$/, ''));

t.test('an endless loop: the report names the test, and the last assertion that passed in it', async (t) => {
  const printed = await run(
    t,
    `import t from 'tap';
    t.test('before', async (t) => t.pass('something else'));
    t.test('outer', async (t) => {
      t.pass('not this');
      await t.test('inner', async (t) => { t.pass('the rule'); for (;;); });
    });
    t.test('after', async (t) => t.pass());`,
  );
  t.strictSame(withoutTime(printed), [
    'FAILED  x.test.ts > outer > inner: killed at its time limit, because it kept the thread busy or blocked',
    '    the last assertion that passed: the rule',
    'failed  x.test.ts',
  ]);
});

t.test('a synchronous test has a limit of processor time: the next one runs', async (t) => {
  const printed = await run(
    t,
    `import t from 'tap';
    import { syncTest } from ${JSON.stringify(syncTest)};
    const blocked = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
    syncTest(t, 'not run for longer than the limit', (t) => { blocked(1_000); t.pass(); });
    syncTest(t, 'endless (part1/README.md#a)', () => { for (;;); });
    syncTest(t, 'blocked (part1/README.md#b)', () => blocked());
    syncTest(t, 'good', (t) => t.pass('fine'));`,
    // A twentieth of 10 s, and of 27 s on the clock.
    { TEST_TIME_FACTOR: '0.05', TAP_TIMEOUT: '30' },
  );
  t.match(printed, [
    /^FAILED {2}x\.test\.ts > endless .* > endless \(part1\/README\.md#a\) is not done after (500 ms of processor time|1350 ms)/,
    /^FAILED {2}x\.test\.ts > blocked .* > blocked \(part1\/README\.md#b\) is not done after 1350 ms/,
    /^failed {2}x\.test\.ts/,
  ]);
  t.equal(printed.length, 3);
});

t.test('a thread that is blocked before the first assertion: the report names the test', async (t) => {
  const printed = await run(
    t,
    `import t from 'tap';
    t.test('waits for a lock', async () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));`,
  );
  t.match(printed[0], /^FAILED {2}x\.test\.ts > waits for a lock: killed/);
});

t.test('a test that waits too long fails at its limit, and the rest of the file is not run', async (t) => {
  const printed = await run(
    t,
    `import t from 'tap';
    t.test('waits', async (t) => {
      const timer = setInterval(() => {}, 1e6);
      t.teardown(() => clearInterval(timer));
      t.pass('the rule');
      await new Promise(() => {});
    });
    t.test('first after', async (t) => t.pass());
    t.test('second after', async (t) => t.pass());`,
  );
  t.strictSame(withoutTime(printed), [
    'FAILED  x.test.ts > waits: it did not end within its time limit',
    '    the last assertion that passed: the rule',
    '        later tests of this file that did not run: 2',
    'failed  x.test.ts',
  ]);
});

t.test('a test that has nothing left to wait for is reported once, and at once', async (t) => {
  const begun = performance.now();
  const printed = await run(
    t,
    `import t from 'tap';
    t.setTimeout(60_000);
    t.test('waits', async (t) => { t.pass('the rule'); await new Promise(() => {}); });
    t.test('first after', async (t) => t.pass());
    t.test('second after', async (t) => t.pass());`,
  );
  t.ok(performance.now() - begun < 30_000, 'not at the time limit');
  t.strictSame(withoutTime(printed), [
    'FAILED  x.test.ts > waits: it did not end, but there was nothing left to wait for, or it ended the process',
    '    the last assertion that passed: the rule',
    '        later tests of this file that did not run: 2',
    'failed  x.test.ts',
  ]);
});

t.test('a test, or a file, may ask for more time', async (t) => {
  const busy = 'const end = Date.now() + 4_000; while (Date.now() < end); t.pass();';
  for (const source of [
    `t.test('long', { timeout: 30_000 }, async (t) => { ${busy} });`,
    `t.setTimeout(30_000); t.test('first', async (t) => t.pass()); t.test('long', async (t) => { ${busy} });`,
  ]) {
    t.strictSame(withoutTime(await run(t, `import t from 'tap'; ${source}`)), ['ok      x.test.ts']);
  }
});

t.test('failed tests that used a processor for half of the limit: the others are not run', async (t) => {
  const failing = (work: string) => `import t from 'tap';
    t.setTimeout(2_000);
    for (const name of ['one', 'two', 'three']) {
      t.test(name, { timeout: 60_000 }, async (t) => { ${work} t.fail(); });
    }`;
  const busy = await run(
    t,
    failing('const end = process.cpuUsage().user + 1.1e6; while (process.cpuUsage().user < end);'),
  );
  t.equal(busy.filter((line) => line.startsWith('FAILED')).length, 1, busy.join('\n'));
  t.match(busy.join('\n'), 'later tests of this file that did not run: 2');
  // A thread that sleeps stands for one that the system does not let run.
  const waiting = await run(
    t,
    failing('Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_100);'),
  );
  t.equal(waiting.filter((line) => line.startsWith('FAILED')).length, 2, waiting.join('\n'));
});

t.test('a file that leaves something running is reported', async (t) => {
  const printed = await run(
    t,
    `import t from 'tap';
    t.test('good', async (t) => { setInterval(() => {}, 1e6); t.pass('the rule'); });`,
  );
  t.match(printed[0], /^FAILED {2}x\.test\.ts: killed, because something that it started was still running/);
});

t.test('a loop of cases stops at the third failure', async (t) => {
  const printed = await run(
    t,
    `import t from 'tap';
    import { cases } from ${JSON.stringify(helpers)};
    t.test('all', async (t) => { for (const n of cases(t, Array(5000).keys())) t.ok(n < 10, 'n is ' + n); });`,
  );
  t.strictSame(withoutTime(printed), [
    'FAILED  x.test.ts > all > n is 10',
    'FAILED  x.test.ts > all > n is 11',
    'FAILED  x.test.ts > all > n is 12',
    '    # stopped after 3 failures with 4987 of 5000 cases left',
    'failed  x.test.ts',
  ]);
});
