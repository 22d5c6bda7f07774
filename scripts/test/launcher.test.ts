import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { must } from '@tablelab/shared';
import {
  type ChildProgram,
  eventually,
  freePort,
  spawnProgram,
  withDeadline,
} from '@tablelab/shared/testing';
import t from 'tap';
import { TapReader } from '../tap-reader.ts';

const deadlineMs = 60_000;
/** Below every deadline of the launcher and its servers, so that it cannot have waited for one of them. */
const interruptDeadlineMs = 4_500;
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
  // In the order of the chain: server 1 is its head.
  for (const name of ['ZooKeeper', 'server 1', 'server 2', 'server 3']) {
    const line = await program.waitForLine(/^(.*) on .*, process (\d+)$/, deadlineMs, 'stderr');
    t.equal(line[1], name);
    pids.push(Number(line[2]));
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

t.test('what ends by itself is told at once; SIGTERM stops the rest', async (t) => {
  const { program, pids, nothingLeft } = await startChain(t);
  const [zooKeeper, head] = pids;
  process.kill(must(head, 'started'), 'SIGKILL');
  await program.waitForLine(/^server 1 ended \(SIGKILL\)/, deadlineMs, 'stderr');
  process.kill(must(zooKeeper, 'started'), 'SIGKILL');
  await program.waitForLine(/^ZooKeeper ended \(SIGKILL\)/, deadlineMs, 'stderr');
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

/** Stands in for a ZooKeeper that says `answers[n]` to its connection n and ends it, and to later ones nothing. */
async function fakeZooKeeper(t: Pick<typeof import('tap').t, 'teardown'>, answers: readonly string[]) {
  const ignored = Promise.withResolvers<void>();
  let connections = 0;
  const server = createServer((socket) => {
    t.teardown(() => socket.destroy());
    socket.on('error', () => undefined);
    const answer = answers[connections];
    connections += 1;
    if (answer === undefined) ignored.resolve();
    else socket.end(answer);
  });
  t.teardown(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return { address: `127.0.0.1:${port}`, ignored: ignored.promise };
}

t.test('a ZooKeeper that is not there: said by the launcher, before anything is started', async (t) => {
  const nobody = `127.0.0.1:${await freePort()}`;
  for (const [ZOOKEEPER, message] of [
    [nobody, `ZOOKEEPER=${nobody}: no answer from ${nobody}`],
    ['no address at all', 'not a ZooKeeper address'],
  ] as const) {
    const program = spawnProgram(chainProgram, [], { env: { ZOOKEEPER } });
    t.teardown(() => program.stop());
    t.strictSame(await program.exited, { code: 1, signal: null });
    t.match(program.stderrLines, [message]);
    t.equal(program.stderrLines.length, 1);
  }
});

t.test('a server that cannot start: its last words, exit code 1', async (t) => {
  const { address } = await fakeZooKeeper(t, ['Mode: standalone\n']);
  const breakServer = 'if (process.argv[1].endsWith("table-server.ts")) throw new Error("broken on purpose")';
  const preload = `--import=data:text/javascript,${encodeURIComponent(breakServer)}`;
  const program = spawnProgram(chainProgram, ['--servers', '1'], {
    env: { ZOOKEEPER: address, NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} ${preload}` },
  });
  t.teardown(() => program.stop());
  t.strictSame(await program.exited, { code: 1, signal: null });
  t.match(program.stderrLines[0], /^table-server.ts .* ended without a line/);
  t.match(program.stderrLines.join('\n'), /^ {2}Error: broken on purpose$/m);
});

t.test('SIGTERM while ZooKeeper keeps the start waiting ends it at once', async (t) => {
  for (const [what, answers] of [
    ['the launcher waits for an answer', []],
    ['a server waits for a session', ['Mode: standalone\n']],
  ] as const) {
    const { address, ignored } = await fakeZooKeeper(t, answers);
    const program = spawnProgram(chainProgram, [], { env: { ZOOKEEPER: address } });
    t.teardown(() => program.stop());
    await withDeadline(ignored, deadlineMs, 'the connection that gets no answer');
    const start = performance.now();
    program.kill('SIGTERM');
    t.strictSame(await program.exited, { code: 143, signal: null }, what);
    t.ok(performance.now() - start < interruptDeadlineMs, `${what}: ended within ${interruptDeadlineMs} ms`);
    t.strictSame(program.stderrLines, [], what);
  }
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
