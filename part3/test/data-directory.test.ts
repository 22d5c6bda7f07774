/** Real servers with `--data` (part3/README.md, "Data on disk"). What a store does is in durable-store.test.ts. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AsyncRemoteTable } from '@tablelab/part3';
import { must, TableError } from '@tablelab/shared';
import {
  ChildProgram,
  eventually,
  type SystemCall,
  spawnProgram,
  systemCalls,
} from '@tablelab/shared/testing';
import t, { type Test } from 'tap';
import { bytes } from './support/start-server.ts';

const program = fileURLToPath(new URL('../src/programs/table-server.ts', import.meta.url));
const deadlineMs = 50_000;

// Only against a run that hangs: each wait has a deadline of its own.
t.setTimeout(500_000);
const options = { timeout: 170_000 };

async function start(t: Test, ...args: string[]): Promise<{ server: ChildProgram; address: string }> {
  const server = spawnProgram(program, ['0', '4', ...args]);
  t.teardown(() => server.stop());
  const [, address = ''] = await server.waitForLine(/^listening on (\S+)$/, deadlineMs);
  return { server, address };
}

async function connect(t: Test, address: string): Promise<AsyncRemoteTable> {
  const client = await AsyncRemoteTable.connect(address);
  t.teardown(() => client.disconnect().catch(() => undefined));
  return client;
}

const isExecuted = async (client: AsyncRemoteTable, opN: number) => (await client.outcome(opN)).executed;
const executed = (client: AsyncRemoteTable, opN: number) =>
  eventually(() => isExecuted(client, opN), { deadlineMs });

/** Puts entries until the server is gone. Notes what was given a number, and what `verify` has confirmed. */
async function load(
  client: AsyncRemoteTable,
  name: string,
  { given, confirmed }: { given: Put[]; confirmed: Put[] },
): Promise<void> {
  try {
    for (let n = 0; ; n += 1) {
      const key = `${name}:${n}`;
      const opN = await client.put(key, bytes(`value of ${key}`));
      given.push({ key, opN });
      // Two of three puts are waited for, so that others are on their way.
      if (n % 3 === 0) continue;
      while (!(await isExecuted(client, opN)));
      confirmed.push({ key, opN });
    }
  } catch (error) {
    if (error instanceof TableError && error.code === 'UNREACHABLE') return;
    throw error;
  }
}

interface Put {
  readonly key: string;
  readonly opN: number;
}

/** A server is killed when so many writes since its start are confirmed. */
const confirmedEachRound = 10;

for (const policy of ['always', 'everysec'] as const) {
  t.test(
    `a server is killed under load, again and again: what verify has confirmed is there, with its number, with --fsync ${policy} (part3/README.md#disk-first)`,
    options,
    async (t) => {
      const data = ['--data', join(t.testdir(), 'data'), '--fsync', policy];
      const given: Put[] = [];
      const confirmed: Put[] = [];
      for (let round = 0; round < 3; round += 1) {
        const { server, address } = await start(t, ...data);
        const clients = await Promise.all([1, 2, 3, 4].map(() => connect(t, address)));
        const enough = confirmed.length + confirmedEachRound;
        const loads = clients.map((client, index) => load(client, `${round}:${index}`, { given, confirmed }));
        await eventually(() => confirmed.length >= enough, { deadlineMs });
        server.kill('SIGKILL');
        await Promise.all([...loads, server.exited]);
      }
      const { address } = await start(t, ...data);
      const client = await connect(t, address);
      for (const { key, opN } of confirmed) {
        const value = await client.get(key);
        if (Buffer.from(value ?? '').toString() !== `value of ${key}`) t.fail(`${key} is lost`);
        if (!(await isExecuted(client, opN))) t.fail(`number ${opN} of ${key} is lost`);
      }
      t.equal(new Set(given.map(({ opN }) => opN)).size, given.length, 'no number was given twice');
      const next = await client.put('last', bytes('1'));
      t.ok(
        given.every(({ opN }) => opN < next),
        'new numbers are higher',
      );
      for (const { key, opN } of given) {
        const is = await client.outcome(opN).then(
          ({ executed }) => (executed ? 'there' : 'waiting'),
          (error) => (error instanceof TableError ? error.code : 'no answer'),
        );
        const isThere = (await client.get(key)) !== undefined;
        if (is !== (isThere ? 'there' : 'LOST')) t.fail(`${key}, number ${opN}: ${is}, ${isThere}`);
      }
    },
  );
}

t.test(
  'policies that can lose something say so at the start, in one line (part3/README.md#disk-fsync)',
  options,
  async (t) => {
    const directory = t.testdir();
    for (const [policy, line] of [
      ['always', undefined],
      ['everysec', /^table-server: with --fsync everysec, a power cut can lose about the last second/],
      ['never', /^table-server: with --fsync never, a power cut can lose all writes since/],
    ] as const) {
      const { server } = await start(t, '--data', join(directory, policy), '--fsync', policy);
      server.kill('SIGTERM');
      t.same(await server.exited, { code: 0, signal: null });
      t.match(server.stderrLines, line === undefined ? [] : [line]);
      t.equal(server.stderrLines.length, line === undefined ? 0 : 1);
    }
  },
);

t.test(
  'a directory in use: the second server says what to do, and ends (part3/README.md#disk-damaged)',
  options,
  async (t) => {
    const directory = join(t.testdir(), 'data');
    await start(t, '--data', directory);
    const second = spawnProgram(program, ['0', '4', '--data', directory]);
    t.same(await second.exited, { code: 1, signal: null });
    t.match(second.stderrLines, [/^table-server: another process uses .*: each server needs a directory of/]);
  },
);

t.test('metrics of the disk (part3/README.md#server-metrics)', options, async (t) => {
  const directory = join(t.testdir(), 'data');
  const { server, address } = await start(
    t,
    ...['--data', directory, '--metrics-port', '0', '--log-level', 'info'],
  );
  const client = await connect(t, address);
  await executed(client, await client.put('a', bytes('1')));
  const { metrics } = JSON.parse(server.stderrLines.find((line) => line.includes('listening')) ?? '{}');
  const figures = await (await fetch(`http://${metrics}/metrics`)).text();
  t.match(figures, /^tablelab_disk_sync_seconds_count [1-9]\d*$/m);
  t.match(figures, /^tablelab_disk_log_bytes [1-9]\d+$/m);
  t.match(figures, /^tablelab_disk_file_bytes\{kind="log"\} [1-9]\d+$/m);
  t.match(figures, /^tablelab_disk_free_bytes [1-9]\d+$/m);
  t.match(figures, /^tablelab_disk_room 1$/m);
});

const puts = 20;
const markerOf = (index: number) => `marker-${String(index).padStart(4, '0')}`;

/** The system calls of a server that has shown `puts` writes, one after the other, and the port that it listens on. */
async function traced(t: Test, policy: string): Promise<{ calls: SystemCall[]; port: string }> {
  const directory = t.testdir();
  const trace = join(directory, 'trace');
  const calls = 'trace=fdatasync,fsync,write,writev,pwrite64,pwritev,sendto,sendmsg';
  const server = new ChildProgram('strace', [
    // The tracer is a child of the server, which gets the signals.
    ...['-D', '-f', '-yy', '-s', '4096', '-e', calls, '-o', trace, '--'],
    ...[process.execPath, program, '0', '4', '--data', join(directory, 'data'), '--fsync', policy],
  ]);
  t.teardown(() => server.stop());
  const [, port = ''] = await server.waitForLine(/^listening on .*:(\d+)$/, deadlineMs);
  const client = await connect(t, `127.0.0.1:${port}`);
  for (let index = 0; index < puts; index += 1) {
    const marker = markerOf(index);
    await client.put('key', bytes(marker));
    const isShown = async () => Buffer.from((await client.get('key')) ?? '').toString() === marker;
    while (!(await isShown()));
  }
  const { pid } = server;
  await client.disconnect();
  await server.stop();
  const isWhole = () => new RegExp(`^${pid}\\s+\\+\\+\\+ exited`, 'm').test(readFileSync(trace, 'utf8'));
  await eventually(isWhole, { deadlineMs, what: 'the end of the trace' });
  return { calls: systemCalls(readFileSync(trace, 'utf8')), port };
}

/** The writes that a reply has shown before a sync of the log had returned that began after they were in the file. */
function shownTooEarly({ calls, port }: { calls: readonly SystemCall[]; port: string }): string[] {
  const isLog = ({ text }: SystemCall) => /^\w+\(\d+<[^>]*\/log-\d+>/.test(text);
  const isToClient = ({ text }: SystemCall) => text.includes(`<TCP:[127.0.0.1:${port}->`);
  return Array.from({ length: puts }, (_, index) => markerOf(index)).filter((marker) => {
    const has = ({ text }: SystemCall) => text.includes(marker);
    const written = must(
      calls.find((call) => isLog(call) && /^p?write/.test(call.name) && has(call)),
      `${marker} is written to the log`,
    );
    const shown = must(
      calls.find((call) => isToClient(call) && has(call)),
      `${marker} is shown`,
    );
    return !calls.some(
      (call) =>
        /^f(data)?sync$/.test(call.name) && isLog(call) && call.start > written.end && call.end < shown.start,
    );
  });
}

const canTrace = () => spawnSync('strace', ['-f', '-o', '/dev/null', 'true']).status === 0;
const skipTrace = process.env.REQUIRE_STRACE === '1' || canTrace() ? false : 'there is no strace here';

t.test(
  'with --fsync always, each write is synced before a read shows it (part3/README.md#disk-fsync)',
  { skip: skipTrace, ...options },
  async (t) => t.same(shownTooEarly(await traced(t, 'always')), []),
);

t.test(
  'the same look at a server with --fsync never finds none that is',
  { skip: skipTrace, ...options },
  async (t) => t.equal(shownTooEarly(await traced(t, 'never')).length, puts),
);

/** Runs a command with a disk of its own at `directory`. */
const mount = 'size=$1; directory=$2; shift 2; mount -t tmpfs -o size=$size none "$directory" && exec "$@"';
const unshare = ['unshare', '--mount', ...(process.getuid?.() === 0 ? [] : ['--map-root-user'])] as const;

function canMount(t: Test): boolean {
  const [command, ...args] = [...unshare, 'sh', '-c', mount, 'sh', '1m', t.testdir(), 'true'];
  return spawnSync(command as string, args).status === 0;
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  return await call.then(
    () => 'none',
    (error) => (error instanceof TableError ? error.code : String(error)),
  );
}

t.test(
  'writes are refused before a disk of 64 MiB is full, reads go on, and writes come in again when there is room (part3/README.md#disk-full)',
  { skip: canMount(t) ? false : 'no file system can be mounted here', ...options },
  async (t) => {
    const directory = t.testdir();
    const [command, ...args] = [
      ...[...unshare, 'sh', '-c', mount, 'sh', '64m', directory],
      ...[process.execPath, program, '0', '4', '--data', join(directory, 'data'), '--disk-reserve', '16'],
    ];
    const server = new ChildProgram(command as string, args);
    t.teardown(() => server.stop());
    const [, address = ''] = await server.waitForLine(/^listening on (\S+)$/, deadlineMs);
    // The server's view of its disk.
    const inside = join(`/proc/${server.pid}/root`, directory);
    const client = await connect(t, address);
    await client.put('first', bytes('1'));
    // Room that somebody can make.
    writeFileSync(join(inside, 'other'), new Uint8Array(24 << 20));
    const value = new Uint8Array(256 << 10).fill(7);
    let code = 'none';
    for (let n = 0; n < 400 && code === 'none'; n += 1) code = await codeOf(client.put(`filler ${n}`, value));
    t.equal(code, 'DISK_FULL');
    t.equal(await codeOf(client.del('first')), 'DISK_FULL', 'a del needs room in the log');
    t.equal(Buffer.from((await client.get('first')) ?? '').toString(), '1', 'reads go on');
    t.match(
      server.stderrLines.join('\n'),
      /the disk has \d+ bytes left, and 16777216 are kept in reserve: this server takes no writes/,
    );
    rmSync(join(inside, 'other'));
    await eventually(async () => (await codeOf(client.put('again', bytes('2')))) === 'none', { deadlineMs });
    await eventually(async () => (await client.get('again')) !== undefined, { deadlineMs });
    t.ok(readdirSync(join(inside, 'data')).includes('log-00000001'));
  },
);
