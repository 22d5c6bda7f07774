import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { TableError } from '@tablelab/shared';
import { bounded, cases } from '@tablelab/shared/testing';
import t from 'tap';

const limitMs = 100;
const endless = () => {
  for (;;);
};

t.test('returns or throws what the work does', async (t) => {
  t.equal(
    bounded('adding', () => 1 + bounded('adding within', () => 2)),
    3,
  );
  const boo = new Error('boo');
  t.throws(
    () =>
      bounded('failing', () => {
        throw boo;
      }),
    boo,
  );
});

t.test('interrupts an endless loop, and names the rule', async (t) => {
  t.throws(
    // On the clock it may take long: the machine may be busy.
    () => bounded('removing an absent key', endless, limitMs, 20_000),
    new TableError('TIMEOUT', 'removing an absent key is not done after 100 ms of processor time'),
  );
});

t.test('interrupts a blocked thread, and names the rule', async (t) => {
  const word = new Int32Array(new SharedArrayBuffer(4));
  t.throws(
    () => bounded('taking a lock', () => Atomics.wait(word, 0, 0), limitMs),
    new TableError('TIMEOUT', 'taking a lock is not done after 500 ms'),
  );
});

t.test('on a busy machine, work is not stopped for the time in which others use the processor', async (t) => {
  const word = new Int32Array(new SharedArrayBuffer(4));
  // A thread that sleeps stands for one that the system does not let run.
  const waited = bounded('slow work', () => Atomics.wait(word, 0, 0, 3 * limitMs), limitMs);
  t.equal(waited, 'timed-out', 'it went on for three times the limit');
});

t.test('a limit counts for its own work only, and an inner one not beyond the outer one', async (t) => {
  const begun = process.cpuUsage();
  t.throws(() => bounded('outer', () => bounded('inner', endless, 60_000), limitMs, 20_000), {
    code: 'TIMEOUT',
  });
  t.ok(process.cpuUsage(begun).user < 30_000_000, 'the outer limit');
  for (let round = 0; round < 3; round += 1) {
    t.throws(() => bounded(`round ${round}`, endless, limitMs, 20_000), { message: `round ${round}` });
  }
  // Longer than a limit that has ended.
  const end = process.cpuUsage().user + 3_000 * limitMs;
  while (process.cpuUsage().user < end);
  t.equal(
    bounded('the next', () => 1, limitMs),
    1,
  );
});

t.test('a limit that ends together with the work stops the work or nothing', async (t) => {
  const outcomes = new Set<string>();
  const needed = 30_000;
  // The second thread looks every 50 ms, so some of these end before it does and some at that moment.
  for (let round = 0; round < 40; round += 1) {
    const end = process.cpuUsage().user + needed + 500 * round;
    const work = () => {
      while (process.cpuUsage().user < end);
      return 'done';
    };
    try {
      outcomes.add(bounded('work', work, needed / 1_000));
    } catch (error) {
      outcomes.add((error as TableError).code);
    }
  }
  t.ok([...outcomes].every((outcome) => ['done', 'TIMEOUT'].includes(outcome)));
});

t.test('SIGINT from elsewhere ends the process, within such work, too', async (t) => {
  const source = (end: string) => `
    import { writeSync } from 'node:fs';
    import { bounded } from '${new URL('../src/testing/index.ts', import.meta.url)}';
    try { bounded('endless', () => { for (;;); }, 50); } catch {}
    const ready = () => writeSync(1, 'ready');
    ${end}`;
  for (const end of cases(t, [
    'ready(); setInterval(() => undefined, 1e6);',
    "bounded('waiting', () => { ready(); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); });",
  ])) {
    // Without what tap adds to its child processes: a listener for signals, after which the process ends in another way.
    const command = ['-u', 'NODE_OPTIONS', process.execPath, '--input-type=module', '-e', source(end)];
    const child = spawn('env', command, {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.teardown(() => child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    child.kill('SIGINT');
    t.same(await once(child, 'exit'), [null, 'SIGINT'], end);
  }
});
