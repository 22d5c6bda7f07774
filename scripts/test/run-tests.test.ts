import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type ChildProgram, eventually, isAlive, spawnProgram, withDeadline } from '@tablelab/shared/testing';
import t, { type Test } from 'tap';
import { needsZooKeeper } from '../needs-zookeeper.ts';

const root = join(import.meta.dirname, '../..');

t.test('a named test that does not exist is a failure', async (t) => {
  const missing = spawnProgram(join(root, 'scripts/run-tests.ts'), ['part9']);
  t.strictSame(await missing.exited, { code: 1, signal: null });
  t.match(missing.stderrLines, ['there is no part and no test file called part9']);
  t.equal(missing.stdoutLines.at(-1), '0 passed, 1 failed');
});

t.test('a folder stands for its test files; one without a test is a failure', async (t) => {
  const folder = t.testdir({
    empty: {},
    some: {
      'one.test.ts': `import t from 'tap';\nt.test('one', async (t) => t.pass('fine'));\n`,
      inner: { 'two.test.ts': `import t from 'tap';\nt.test('two', async (t) => t.pass('fine'));\n` },
    },
  });
  const run = (name: string) =>
    spawnProgram(join(root, 'scripts/run-tests.ts'), [join(folder, name), '--disable-coverage']);
  const some = run('some');
  t.strictSame(await some.exited, { code: 0, signal: null });
  t.equal(some.stdoutLines.at(-1), '2 passed, 0 failed');
  const empty = run('empty');
  t.strictSame(await empty.exited, { code: 1, signal: null });
  t.match(empty.stderrLines, [/^the folder .*empty has no test file \(\*\.test\.ts\)$/]);
});

/** A test file that starts a program, writes what runs to a file, and goes on until it is ended. */
function endlessTest(t: Test, firstTest = ''): { readonly file: string; readonly pids: () => number[] } {
  const folder = t.testdir({
    'endless.test.ts': `
      import { existsSync, writeFileSync } from 'node:fs';
      import { ChildProgram } from '@tablelab/shared/process';
      import t from 'tap';
      const program = new ChildProgram('/bin/sleep', ['600']);
      writeFileSync(new URL('pids', import.meta.url), process.pid + ' ' + program.pid + ' ');
      ${firstTest}
      t.test('endless', { timeout: 600_000 }, (t) => void setInterval(() => t.pass('and so on'), 50));
    `,
  });
  const pids = () => {
    try {
      return readFileSync(join(folder, 'pids'), 'utf8').trim().split(' ').map(Number);
    } catch {
      return [];
    }
  };
  t.teardown(() => {
    for (const pid of pids()) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  });
  return { file: join(folder, 'endless.test.ts'), pids };
}

const deadlineMs = 20_000;

t.test(
  'a run whose reader goes, or that is killed, leaves no process behind',
  { timeout: 90_000 },
  async (t) => {
    const args = (file: string) => [file, '--disable-coverage', '--timeout=600'];
    for (const [how, end] of [
      ['SIGTERM', (run: ChildProgram) => run.kill('SIGTERM')],
      ['SIGKILL', (run: ChildProgram) => run.kill('SIGKILL')],
    ] as const) {
      const { file, pids } = endlessTest(t);
      const run = spawnProgram(join(root, 'scripts/run-tests.ts'), args(file));
      t.teardown(() => run.stop());
      await eventually(() => pids().length === 2, { deadlineMs, what: 'the test to run' });
      end(run);
      await withDeadline(run.exited, deadlineMs, `the run to end after ${how}`);
      await eventually(() => !pids().some(isAlive), { deadlineMs, what: `${pids()} to end after ${how}` });
    }
    // It fails, and so makes the run print a line, when it is told to. It stands in the same file, because tap shows what comes after a
    // file only when that file has ended, and begins files in any order.
    const failing = `
      t.test('fails', { timeout: 600_000 }, (t) => {
        const poll = setInterval(() => {
          if (!existsSync(new URL('go', import.meta.url))) return;
          clearInterval(poll);
          t.fail('something to print');
          t.end();
        }, 50);
      });
    `;
    const { file, pids } = endlessTest(t, failing);
    const run = spawn(process.execPath, [join(root, 'scripts/run-tests.ts'), ...args(file)], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    t.teardown(() => run.kill('SIGKILL'));
    await eventually(() => pids().length === 2, { deadlineMs, what: 'the test to run' });
    const exited = once(run, 'exit');
    run.stdout.destroy();
    writeFileSync(join(dirname(file), 'go'), '');
    const end = await withDeadline(exited, deadlineMs, 'the run without a reader to end');
    t.same(end, [141, null], 'as if SIGPIPE had ended it');
    await eventually(() => !pids().some(isAlive), { deadlineMs, what: `${pids()} to end` });
  },
);

t.test('ZooKeeper is asked for only where a test starts one', async (t) => {
  const needs = (file: string) => needsZooKeeper(file, root);
  for (const file of ['part4/test/core.test.ts', 'part4/test/sim.test.ts', 'part2/test/programs.test.ts']) {
    t.notOk(needs(file), file);
  }
  for (const file of [
    'part4/test/client.test.ts',
    'part4/test/chaos.test.ts',
    'part4/test/faults-join.test.ts',
    'part4/test/zookeeper-ensemble.test.ts',
    'scripts/test/launcher.test.ts',
    'shared/test/zookeeper.test.ts',
  ]) {
    t.ok(needs(file), file);
  }
});
