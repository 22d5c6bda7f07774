import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ChildProgram, eventually, spawnProgram } from '@tablelab/shared/testing';
import t from 'tap';
import { TapReader } from '../tap-reader.ts';

const deadlineMs = 60_000;
const root = join(import.meta.dirname, '../..');
const chainProgram = join(root, 'part4/src/programs/chain.ts');

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

interface RunningChain {
  readonly program: ChildProgram;
  /** Of ZooKeeper and the servers. */
  readonly pids: readonly number[];
  /** Asserts that neither a process nor a file is left. */
  readonly nothingLeft: () => Promise<void>;
}

async function startChain(t: Pick<typeof import('tap').t, 'teardown' | 'equal'>): Promise<RunningChain> {
  const temporary = mkdtempSync(join(tmpdir(), 'launcher-test-'));
  t.teardown(() => rmSync(temporary, { recursive: true, force: true }));
  const program = spawnProgram(chainProgram, ['--servers', '3', '--lists', '10'], {
    env: { TMPDIR: temporary, ZOOKEEPER: '' },
  });
  t.teardown(() => program.stop());
  const pids: number[] = [];
  for (let i = 0; i < 4; i += 1) {
    const line = await program.waitForLine(
      /^(?:ZooKeeper|server \d) on .*, process (\d+)$/,
      deadlineMs,
      'stderr',
    );
    pids.push(Number(line[1]));
  }
  const left = () => readdirSync(temporary).filter((name) => name.startsWith('tablelab'));
  return {
    program,
    pids,
    nothingLeft: async () => {
      const gone = () => pids.every((pid) => !isAlive(pid)) && left().length === 0;
      await eventually(gone, { deadlineMs: 10_000, what: `processes ${pids} and ${left()} to be gone` });
    },
  };
}

t.setTimeout(4 * deadlineMs);

t.test('commands from a pipe: answers on standard output, exit code 0, nothing left behind', async (t) => {
  const { program, pids, nothingLeft } = await startChain(t);
  t.ok(pids.every(isAlive), 'ZooKeeper and three servers run');
  program.write('put cart:1 two words\nsize\n');
  program.endInput();
  t.strictSame(await program.exited, { code: 0, signal: null });
  t.match(program.stdoutLines, [/^operation /, '1']);
  t.equal(program.stdoutLines.length, 2, 'standard output carries the answers alone');
  // Nothing to wait for: it has to be gone before the launcher ends.
  t.notOk(pids.some(isAlive), 'no process is left');
  await nothingLeft();
});

t.test('SIGTERM stops all of it', async (t) => {
  const { program, pids, nothingLeft } = await startChain(t);
  program.kill('SIGTERM');
  t.strictSame(await program.exited, { code: 143, signal: null });
  t.notOk(pids.some(isAlive), 'no process is left');
  await nothingLeft();
});

t.test('a launcher that is killed takes the rest with it', async (t) => {
  const { program, nothingLeft } = await startChain(t);
  program.kill('SIGKILL');
  await program.exited;
  await nothingLeft();
});

t.test('a server that cannot start: its last words, exit code 1, nothing left behind', async (t) => {
  const program = spawnProgram(chainProgram, ['--servers', '1'], {
    env: { ZOOKEEPER: 'no address at all' },
  });
  t.teardown(() => program.stop());
  t.strictSame(await program.exited, { code: 1, signal: null });
  t.match(program.stderrLines[0], /^table-server.ts .* ended without a line/);
  t.match(program.stderrLines.at(-1), /^ {2}table-server: .*no address at all/);
});

t.test('arguments: help, and an error that says what is wrong', async (t) => {
  const help = spawnProgram(chainProgram, ['--help']);
  t.strictSame(await help.exited, { code: 0, signal: null });
  t.match(help.stdoutLines[0], /^usage: npm start/);
  for (const args of [['--servers', '0'], ['--lists', 'many'], ['--speed'], ['extra']]) {
    const wrong = spawnProgram(chainProgram, args);
    t.strictSame(await wrong.exited, { code: 2, signal: null }, args.join(' '));
    t.ok(wrong.stderrLines.includes('usage: npm start -- [--servers N] [--lists N]'));
    t.match(wrong.stderrLines[0], args[0] ?? '');
  }
  const bootstrap = spawnProgram(join(root, 'scripts/bootstrap.mjs'), ['stop']);
  t.strictSame(await bootstrap.exited, { code: 2, signal: null });
});

t.test('naming tests that do not exist fails, and never counts as passed', async (t) => {
  const missing = spawnProgram(join(root, 'scripts/run-tests.ts'), ['part9']);
  t.strictSame(await missing.exited, { code: 1, signal: null });
  t.match(missing.stderrLines, ['no part and no test file is called part9']);
  t.equal(missing.stdoutLines.at(-1), '0 passed, 1 failed');
});

t.test('the reader of TAP counts every kind of failure once', async (t) => {
  const printed: string[] = [];
  const reader = new TapReader((line) => printed.push(line));
  const tap = `TAP version 14
1..4
# Subtest: good.test.ts
    # Subtest: adds
        ok 1 - should be equal
        1..1
    ok 1 - adds # time=5ms
    
said by a test
    1..1
ok 1 - good.test.ts # time=20.5ms

# Subtest: bad.test.ts
    # Subtest: adds
        not ok 1 - one is two
          ---
          compare: ===
          not ok 7 - is text within the details
          ...
        1..1
    not ok 1 - adds # time=5ms
      ---
      at: somewhere
      ...
    
    ok 2 - later # TODO
    not ok 3 - also later # TODO
    1..3
not ok 2 - bad.test.ts # time=21ms
  ---
  exitCode: 1
  ...

# Subtest: crash.test.ts
    ok 1 - should be equal
    # test count(1) != plan(null)
not ok 3 - crash.test.ts # time=22ms
  ---
  signal: SIGKILL
  ...

# Subtest: empty.test.ts
    1..0 # no tests found
ok 4 - empty.test.ts # SKIP no tests found

All files | 100 |
# { total: 7, pass: 2, fail: 2, todo: 2, skip: 1 }
# time=99ms`;
  for (const line of tap.split('\n')) reader.line(line);
  t.equal(reader.failures, 2, 'the assertion, and the file that crashed without one');
  t.strictSame(reader.count, { pass: 2, skip: 3 });
  t.strictSame(printed, [
    'said by a test',
    'ok      good.test.ts  20.5ms',
    'FAILED  bad.test.ts > adds > one is two',
    '    compare: ===',
    '    not ok 7 - is text within the details',
    'failed  bad.test.ts  21ms',
    'FAILED  crash.test.ts',
    '    signal: SIGKILL',
    'ok      empty.test.ts # SKIP no tests found',
    'All files | 100 |',
  ]);
});
