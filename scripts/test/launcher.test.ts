import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { must } from '@tablelab/shared';
import {
  type ChildProgram,
  cases,
  eventually,
  freePort,
  isAlive,
  spawnProgram,
  withDeadline,
} from '@tablelab/shared/testing';
import t from 'tap';

const deadlineMs = 20_000;
/** Shorter than every deadline of the launcher and its servers, so that it shows that none of them was awaited. */
const interruptDeadlineMs = 4_500;
const root = join(import.meta.dirname, '../..');
const chainProgram = join(root, 'part4/src/programs/chain.ts');

interface RunningChain {
  readonly program: ChildProgram;
  /** Of ZooKeeper and the servers. */
  readonly pids: readonly number[];
  /** Waits until neither a process nor a file is left. */
  readonly nothingLeft: () => Promise<void>;
}

async function startChain(
  t: Pick<typeof import('tap').t, 'teardown' | 'equal' | 'match'>,
): Promise<RunningChain> {
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
  const [, url = ''] = await program.waitForLine(/^dashboard on (\S+)$/, deadlineMs, 'stderr');
  const page = await fetch(url, { signal: AbortSignal.timeout(deadlineMs) });
  t.match(await page.text(), '<title>The chain, live</title>');
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

t.test('commands from a pipe: answers on standard output, exit code 0, nothing left behind', async (t) => {
  const { program, pids, nothingLeft } = await startChain(t);
  t.ok(pids.every(isAlive), 'ZooKeeper and three servers run');
  program.write('put cart:1 two words\nsize\n');
  program.endInput();
  t.strictSame(await program.exited, { code: 0, signal: null });
  t.match(program.stdoutLines, [/^operation /, '1']);
  t.equal(program.stdoutLines.length, 2, 'standard output carries the answers alone');
  // No waiting here: everything has to be gone when the launcher ends.
  t.notOk(pids.some(isAlive), 'no process is left');
  await nothingLeft();
});

t.test('the end of a server or of ZooKeeper is reported at once; SIGTERM stops the rest', async (t) => {
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

/** Acts as a ZooKeeper that sends `answers[n]` to connection n and closes it, and does not answer later ones. */
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

t.test('a missing ZooKeeper is reported by the launcher, before it starts anything', async (t) => {
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

t.test('a server that cannot start: its last lines are shown, and the exit code is 1', async (t) => {
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

t.test('SIGTERM ends a start that waits for ZooKeeper, at once', async (t) => {
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

t.test('arguments: --help, and an error for each wrong one', async (t) => {
  const help = spawnProgram(chainProgram, ['--help']);
  t.strictSame(await help.exited, { code: 0, signal: null });
  t.match(help.stdoutLines[0], /^usage: npm start/);
  for (const args of cases(t, [['--servers', '0'], ['--lists', 'many'], ['--speed'], ['extra']])) {
    const wrong = spawnProgram(chainProgram, args);
    t.strictSame(await wrong.exited, { code: 2, signal: null }, args.join(' '));
    t.ok(wrong.stderrLines.includes('usage: npm start -- [--servers N] [--lists N]'));
    t.match(wrong.stderrLines.at(-1), args[0] ?? '', 'the cause is the last line');
  }
  const bootstrap = spawnProgram(join(root, 'scripts/bootstrap.mjs'), ['stop']);
  t.strictSame(await bootstrap.exited, { code: 2, signal: null });
});

/** An npm that records its calls. While a file `hang` exists, it hangs in `prepare`, together with a child. */
const fakeNpm = `
const { appendFileSync, copyFileSync, existsSync, mkdirSync, symlinkSync } = require('node:fs');
appendFileSync('npm-calls', process.argv.slice(2, 4).join(' ') + '\\n');
if (process.argv[2] === 'install') {
  mkdirSync('node_modules/node/bin', { recursive: true });
  if (!existsSync('node_modules/node/bin/node')) symlinkSync(process.execPath, 'node_modules/node/bin/node');
  copyFileSync('package-lock.json', 'node_modules/.package-lock.json');
}
if (existsSync('hang')) {
  const deafToSigterm = 'trap "" TERM; sleep 120';
  const child = require('node:child_process').spawn('sh', ['-c', deafToSigterm], { stdio: 'inherit' });
  appendFileSync('npm-pids', process.pid + ' ' + child.pid + '\\n');
  setInterval(() => undefined, 1000);
} else if (existsSync('broken') && process.argv[2] !== 'install') {
  process.exitCode = 1;
} else {
  mkdirSync('.tap/plugins/node_modules/@tapjs/core', { recursive: true });
}
`;

t.test(
  'the installation is done once, in spite of interruptions, and again when the folder has moved',
  async (t) => {
    const temporary = mkdtempSync(join(tmpdir(), 'launcher-test-'));
    t.teardown(() => rmSync(temporary, { recursive: true, force: true }));
    let folder = join(temporary, 'first');
    const file = (name: string) => join(folder, name);
    for (const name of ['scripts', 'part4/src/programs', '.tap']) mkdirSync(file(name), { recursive: true });
    copyFileSync(join(root, 'scripts/bootstrap.mjs'), file('scripts/bootstrap.mjs'));
    for (const name of ['part4/src/programs/chain.ts', 'scripts/run-tests.ts'])
      writeFileSync(file(name), "console.log('it runs');\n");
    const lockPackages = (names: readonly string[]) => {
      const packages = Object.fromEntries(
        names.map((name) => [`node_modules/${name}`, { version: '1.0.0' }]),
      );
      writeFileSync(file('package-lock.json'), JSON.stringify({ packages }));
    };
    lockPackages(['one']);
    const npm = join(temporary, 'npm-cli.js');
    writeFileSync(npm, fakeNpm);
    const start = (command = 'test') => {
      const program = spawnProgram(file('scripts/bootstrap.mjs'), [command], { env: { npm_execpath: npm } });
      t.teardown(() => program.stop());
      return program;
    };
    const runs = async (program: ChildProgram, what: string) => {
      t.strictSame(await program.exited, { code: 0, signal: null }, what);
      t.strictSame(program.stdoutLines, ['it runs'], what);
    };
    const calls = () => readFileSync(file('npm-calls'), 'utf8').trimEnd().split('\n');
    const locks = () => readdirSync(file('.tap')).filter((name) => name.includes('lock'));

    writeFileSync(file('hang'), '');
    // No lock of this program, but in its place.
    writeFileSync(file('.tap/bootstrap.lock'), '');
    const interrupted = start();
    const pidsOf = () => (existsSync(file('npm-pids')) ? readFileSync(file('npm-pids'), 'utf8') : '');
    await eventually(() => pidsOf().endsWith('\n'), {
      deadlineMs,
      what: 'npm to run, in spite of an empty lock',
    });
    const pids = pidsOf().trim().split(' ').map(Number);
    t.ok(pids.length === 2 && pids.every(isAlive), 'npm and its child run');
    interrupted.kill('SIGTERM');
    t.strictSame(await interrupted.exited, { code: 143, signal: null });
    // npm's child is now a child of init, which may take a moment to reap it.
    await eventually(() => !pids.some(isAlive), {
      deadlineMs,
      what: `npm and its child, ${pids}, to be gone`,
    });
    t.strictSame(locks(), [], 'the lock has been released');

    rmSync(file('hang'));
    symlinkSync(String(spawnSync('true').pid), file('.tap/bootstrap.lock'));
    await Promise.all([1, 2, 3].map((number) => runs(start(), `start ${number} of several at once`)));
    t.strictSame(
      calls(),
      ['install --no-save', 'run prepare'],
      'one of them completes the interrupted installation',
    );
    t.strictSame(locks(), []);

    const before = folder;
    folder = join(temporary, 'second');
    renameSync(before, folder);
    await runs(start('start'), 'in another folder');
    t.strictSame(calls().slice(2), [], 'the store does without tap');
    await runs(start(), 'in another folder');
    t.strictSame(calls().slice(2), ['run prepare'], "tap's plugins know the folder by its path");

    lockPackages(['one', 'two']);
    await runs(start('start'), 'with another lock file');
    await runs(start(), 'once more');
    t.strictSame(calls().slice(3), ['install --no-save'], 'nothing is installed twice');

    writeFileSync(file('broken'), '');
    rmSync(file('node_modules/.tablelab-installed'));
    await runs(start(), 'with a tap that cannot build');
    t.strictSame(calls().slice(4), ['run prepare', 'install --no-save'], 'tap is installed anew');
  },
);

t.test('a folder that cannot be written to: one clear message, no stack', async (t) => {
  const folder = t.testdir({
    scripts: { 'bootstrap.mjs': readFileSync(join(root, 'scripts/bootstrap.mjs'), 'utf8') },
    'package-lock.json': JSON.stringify({ packages: { 'node_modules/one': { version: '1.0.0' } } }),
    // To root, a folder without rights is no obstacle.
    preload: `
      import fs from 'node:fs';
      import { syncBuiltinESMExports } from 'node:module';
      for (const name of ['mkdirSync', 'symlinkSync', 'writeFileSync']) {
        fs[name] = () => {
          throw Object.assign(new Error('EROFS: read-only file system'), { code: 'EROFS' });
        };
      }
      syncBuiltinESMExports();
    `,
  });
  const preload = join(folder, 'preload.mjs');
  renameSync(join(folder, 'preload'), preload);
  const program = spawnProgram(join(folder, 'scripts/bootstrap.mjs'), ['start'], {
    env: { NODE_OPTIONS: `--import=${preload}` },
  });
  t.teardown(() => program.stop());
  t.strictSame(await program.exited, { code: 1, signal: null });
  t.match(program.stderrLines, [/^cannot write to .* \(EROFS\)/, /^Copy the folder/]);
  t.equal(program.stderrLines.length, 2);
});
