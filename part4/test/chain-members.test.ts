import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { RemoteTable } from '@tablelab/part2';
import { must } from '@tablelab/shared';
import { eventually, pauseProcess, type ZooKeeperServer } from '@tablelab/shared/testing';
import t, { type Test } from 'tap';
import { ZooKeeperSession } from '../src/adapters/zookeeper/zookeeper-session.ts';
import type { ChainTable } from '../src/client/chain-table.ts';
import {
  bytes,
  connectTable,
  type ServerProgram,
  spawnServer,
  startChain,
} from './support/chain-programs.ts';

// Only for a run that hangs: each wait has its own deadline. Each test starts real processes: on a loaded machine that
// takes half a minute.
t.setTimeout(55_000);

const deadlineMs = 40_000;

const text = (value: Uint8Array | undefined) =>
  value === undefined ? undefined : Buffer.from(value).toString();

/** `bytesEach`: the minimum length of the values. */
async function putMany(table: ChainTable, count: number, bytesEach = 0): Promise<void> {
  const put = (n: number) => table.put(`key ${n}`, bytes(`value ${n}`.padEnd(bytesEach)));
  await Promise.all(Array.from({ length: count }, (_, n) => put(n)));
}

async function checkMany(t: Test, table: ChainTable, count: number): Promise<void> {
  const values = await Promise.all(Array.from({ length: count }, (_, n) => table.get(`key ${n}`)));
  const wrong = values.flatMap((value, n) => (text(value)?.trimEnd() === `value ${n}` ? [] : [n]));
  t.same(wrong, [], `all ${count} keys are there, with their values`);
}

async function kill(...servers: (ServerProgram | undefined)[]): Promise<void> {
  for (const server of servers) {
    server?.program.kill('SIGKILL');
    await server?.program.exited;
  }
}

async function openSession(t: Test, zookeeper: string): Promise<ZooKeeperSession> {
  const limits = { sessionTimeoutMs: 10_000, connectDeadlineMs: 10_000 };
  const session = await ZooKeeperSession.open({ servers: zookeeper, ...limits });
  t.teardown(() => session.close());
  return session;
}

const adminProgram = fileURLToPath(new URL('../src/programs/table-admin.ts', import.meta.url));

/** Runs table-admin; resolves with what it prints. @throws Error with its messages, if it fails */
async function admin(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [adminProgram, ...args]);
  return stdout;
}

/** Restarts ZooKeeper without its data. */
async function wipe(zookeeper: ZooKeeperServer): Promise<void> {
  zookeeper.kill('SIGKILL');
  await zookeeper.exited;
  await rm(join(zookeeper.folder, 'data'), { recursive: true });
  await zookeeper.restart();
}

/** Writes and reads without a pause until stopped; returns the longest duration of each, in ms. */
function load(table: ChainTable) {
  const longest = { put: 0, get: 0 };
  const counts = { put: 0, get: 0 };
  const failures: unknown[] = [];
  let isOver = false;
  const repeat = async (kind: 'put' | 'get', work: (n: number) => Promise<unknown>) => {
    while (!isOver) {
      const begun = performance.now();
      try {
        await work(counts[kind]);
      } catch (error) {
        failures.push(error);
      }
      counts[kind] += 1;
      longest[kind] = Math.max(longest[kind], performance.now() - begun);
    }
  };
  const work = Promise.all([
    repeat('put', (n) => table.put(`load ${n % 100}`, bytes(`${n}`))),
    repeat('get', (n) => table.get(`key ${n % 1_000}`)),
  ]);
  const stop = async () => {
    isOver = true;
    await work;
    return { longest, counts, failures };
  };
  return { counts, stop };
}

t.test('a fourth server joins a chain of 10,000 keys under load, and then has all data', async (t) => {
  const { zookeeper, chain, add } = await startChain(t, 3);
  const table = await connectTable(t, zookeeper);
  // More than the log keeps, so updates alone are not enough.
  await putMany(table, 10_000, 2_048);
  const running = load(table);
  await eventually(() => running.counts.put > 10, { deadlineMs });
  const begun = performance.now();
  const fourth = await add();
  t.comment(`joined within ${Math.round(performance.now() - begun)} ms`);
  const soFar = running.counts.get;
  await eventually(() => running.counts.get > soFar + 10, { deadlineMs, what: 'reads from the new tail' });
  const { longest, counts, failures } = await running.stop();
  t.comment(`${counts.put} writes and ${counts.get} reads, the longest ${longest.put} and ${longest.get} ms`);
  t.same(failures, [], 'neither a write nor a read failed');
  t.match(fourth.program.stderrLines.join('\n'), /beginning with an empty table, at update [1-9]/, 'a copy');
  await kill(...chain.slice(0, 3));
  t.equal(await table.size(), 10_000 + Math.min(100, counts.put), 'it is the whole chain now');
  await checkMany(t, table, 10_000);
  t.equal(
    text(await table.get(`load ${(counts.put - 1) % 100}`)),
    `${counts.put - 1}`,
    'with the last write',
  );
});

t.test('a server whose session has expired returns under a new number, with its data', async (t) => {
  const { zookeeper, chain } = await startChain(t, 3);
  const table = await connectTable(t, zookeeper);
  await putMany(table, 500);
  const middle = must(chain[1], 'three servers');
  await pauseProcess(middle.program.pid);
  await must(chain[0], 'a head').program.waitForLine(
    /view \d+: 0=\S+ 2=\S+; members by view \d+: 0 2;/,
    deadlineMs,
    'stderr',
  );
  // It lacks this write when it returns.
  await table.put('meanwhile', bytes('written'));
  middle.program.kill('SIGCONT');
  await middle.program.waitForLine(/the session with ZooKeeper has ended/, deadlineMs, 'stderr');
  await middle.program.waitForLine(
    /view \d+: 0=\S+ 2=\S+ 3=\S+; members by view \d+: 0 2 3;/,
    deadlineMs,
    'stderr',
  );
  t.equal(middle.program.running, true);
  t.notMatch(
    middle.program.stderrLines.join('\n'),
    /empty table/,
    'it was sent what it lacked, and nothing else',
  );
  await kill(chain[0], chain[2]);
  t.equal(await table.size(), 501, 'alone, it is the whole chain');
  await checkMany(t, table, 500);
  t.equal(text(await table.get('meanwhile')), 'written');
  t.match(await table.put('more', bytes('1')), { epoch: 3 });
});

for (const [place, index] of [
  ['head', 0],
  ['middle', 1],
  ['tail', 2],
] as const) {
  t.test(`a planned stop of the ${place}: no other server waits for the session time-out`, async (t) => {
    // Waiting for the session time-out would take long.
    const { zookeeper, chain } = await startChain(t, 3, '--session-timeout', '30000');
    const table = await connectTable(t, zookeeper);
    await putMany(table, 1_000);
    const running = load(table);
    await eventually(() => running.counts.put > 10 && running.counts.get > 10, { deadlineMs });
    const { program } = must(chain[index], 'three servers');
    program.kill('SIGTERM');
    t.same(await program.exited, { code: 0, signal: null });
    const { put, get } = { ...running.counts };
    await eventually(() => running.counts.put > put + 10 && running.counts.get > get + 10, { deadlineMs });
    const { longest, failures } = await running.stop();
    t.comment(
      `the longest write took ${Math.round(longest.put)} ms, the longest read ${Math.round(longest.get)} ms`,
    );
    t.same(failures, []);
    t.ok(longest.put < 5_000 && longest.get < 5_000, 'service goes on at once');
    await checkMany(t, table, 1_000);
  });
}

t.test('no server with the data is left: a server waits for one, and reports it', async (t) => {
  const { zookeeper, chain } = await startChain(t, 2);
  const table = await connectTable(t, zookeeper);
  await putMany(table, 100);
  // The record still names both as members, and neither can change it any more.
  const [head, tail] = [must(chain[0], 'a head'), must(chain[1], 'a tail')];
  await pauseProcess(tail.program.pid);
  await kill(head);
  const joining = spawnServer(zookeeper, '--session-timeout', '2000', '--verbose');
  t.teardown(() => joining.stop());
  await joining.waitForLine(
    /none of those who hold the chain’s data is there: .*; waiting/,
    deadlineMs,
    'stderr',
  );
  t.same(joining.stdoutLines, [], 'it does not say that it serves');
  const second = spawnServer(zookeeper);
  await second.waitForLine(
    /none of those who hold the chain’s data is there: .*; waiting/,
    deadlineMs,
    'stderr',
  );
  second.kill('SIGTERM');
  t.same(await second.exited, { code: 0, signal: null }, 'also while it waits it ends when it is told to');
  tail.program.kill('SIGCONT');
  await joining.waitForLine(/^listening on/, deadlineMs);
  t.equal(await table.size(), 100, 'one of them has come back, and with it the data');
  await kill(tail);
  await checkMany(t, table, 100);
});

t.test(
  'no server with the data is left: with start-empty, a server begins without it and reports the loss',
  async (t) => {
    const { zookeeper, chain, add } = await startChain(t, 2);
    const table = await connectTable(t, zookeeper);
    const before = await table.put('a', bytes('1'));
    await kill(...chain);
    const server = await add('--on-total-loss', 'start-empty', '--total-loss-grace', '500');
    const warning =
      /none of those who hold the chain’s data is there: [0-9a-f]{16}, [0-9a-f]{16}; beginning without/;
    t.match(server.program.stderrLines.join('\n'), warning);
    t.match(
      server.program.stderrLines.join('\n'),
      /all that chain [0-9a-f]{16} had answered is given up\. Its members were [0-9a-f]{16}, [0-9a-f]{16};/,
    );
    const begunAnew = { code: 'LOST', message: /the store was begun anew/, mayHaveHappened: false };
    await t.rejects(table.get('a'), begunAnew, 'a client that was there before is told, instead of "absent"');
    t.equal(await table.get('a'), undefined, 'once');
    t.equal(await table.size(), 0);
    t.ok((await table.put('b', bytes('2'))).epoch > before.epoch, 'a new one serves');
    await t.resolves((await connectTable(t, zookeeper)).size(), 'a new client has nothing to be told');
    t.equal(await table.size(), 1);
    const wrong = spawnServer(zookeeper, '--on-total-loss', 'retry');
    t.same(await wrong.exited, { code: 2, signal: null });
    t.match(wrong.stderrLines.join('\n'), /--on-total-loss is wait or start-empty, not "retry"/);
  },
);

t.test(
  'ZooKeeper loses its data while all servers live: the chain is formed again, with all its data',
  async (t) => {
    const { zookeeper, zookeeperServer, chain } = await startChain(t, 3, '--session-timeout', '1000');
    const table = await connectTable(t, zookeeper);
    await putMany(table, 500);
    const before = await table.put('last', bytes('1'));
    await wipe(zookeeperServer);
    for (const { program } of chain) {
      await program.waitForLine(/no connection for 10000 ms/, deadlineMs, 'stderr');
      await program.waitForLine(
        /view \d+: \d=\S+ \d=\S+ \d=\S+; members by view \d+: \d \d \d;/,
        deadlineMs,
        'stderr',
      );
      t.equal(program.running, true);
    }
    const after = await connectTable(t, zookeeper);
    t.equal(await after.size(), 501);
    await checkMany(t, after, 500);
    const name = await after.put('next', bytes('2'));
    t.ok(
      name.number > before.number && name.epoch > before.epoch,
      'the history goes on, although numbers begin again',
    );
    t.equal(await after.verify(before), true, 'and knows its writes by their names');
  },
);

t.test(
  'ZooKeeper loses its data and an empty server founds another chain: the old data is kept until an operator decides',
  async (t) => {
    const { zookeeper, zookeeperServer, chain, add } = await startChain(t, 1, '--session-timeout', '1000');
    const holder = must(chain[0], 'a server');
    const table = await connectTable(t, zookeeper);
    await putMany(table, 100);
    await wipe(zookeeperServer);
    const empty = await add();
    const other = await connectTable(t, zookeeper);
    await other.put('other', bytes('1'));
    t.equal(await other.size(), 1, 'the empty server could not know better');
    const warning =
      /holds the data of chain [0-9a-f]{16}, but ZooKeeper knows chain [0-9a-f]{16}.*table-admin <zookeeper> recover/;
    await holder.program.waitForLine(warning, deadlineMs, 'stderr');
    const direct = await RemoteTable.connect(holder.address);
    const refusal = { code: 'NOT_READY', message: /holds the data of chain/ };
    await t.rejects(direct.size(), refusal, 'a client that asks is told');
    await direct.disconnect();
    const leaving = performance.now();
    empty.program.kill('SIGTERM');
    t.same(await empty.program.exited, { code: 1, signal: null });
    t.match(empty.program.stderrLines.join('\n'), /the last server that held the data of chain [0-9a-f]{16}/);
    t.ok(performance.now() - leaving < 3_000, 'the other chain’s last server does not wait for it');
    t.ok(holder.program.running, 'the holder has stayed');
    t.match(await admin(zookeeper, 'recover'), /holds chain [0-9a-f]{16}: 101 updates, the last of epoch 0/);
    t.match(
      await admin(zookeeper, 'recover', '--go-on', holder.address),
      new RegExp(`head and tail {2}server \\d+ at ${holder.address}: member`),
    );
    await checkMany(t, await connectTable(t, zookeeper), 100);
  },
);

t.test('a record that no server has written is not changed, and causes no loss of data', async (t) => {
  const { zookeeper, chain } = await startChain(t, 2);
  const table = await connectTable(t, zookeeper);
  await table.put('kept', bytes('safe'));
  const session = await openSession(t, zookeeper);
  const { version, data } = must(await session.getData('/chain'), 'the chain');
  await session.setData('/chain', bytes(' '), version);
  const warning = /the data of \/chain are not what a server writes, and have to be repaired/;
  for (const { program } of chain) await program.waitForLine(warning, deadlineMs, 'stderr');
  const late = spawnServer(zookeeper);
  t.teardown(() => late.stop());
  await late.waitForLine(warning, deadlineMs, 'stderr');
  t.equal(text((await session.getData('/chain'))?.data), ' ', 'nobody writes over it');
  await session.setData('/chain', data, version + 1);
  await late.waitForLine(/^listening on/, deadlineMs);
  t.equal(text(await table.get('kept')), 'safe', 'repaired, all goes on by itself');
});

t.test(
  'ZooKeeper loses its data, and a member is gone for good: table-admin lets the others continue',
  async (t) => {
    const { zookeeper, zookeeperServer, chain } = await startChain(t, 3, '--session-timeout', '1000');
    const table = await connectTable(t, zookeeper);
    await putMany(table, 200);
    t.match(
      await admin(zookeeper, 'status'),
      /^ {2}head {2}server 0 at .*\n {2}middle {2}server 1 at .*\n {2}tail {2}server 2 at /m,
    );
    await t.rejects(admin(zookeeper, 'recover', '--begin-empty'), /there is nothing to recover/);
    await kill(chain[2]);
    await wipe(zookeeperServer);
    const [head, middle] = [must(chain[0], 'a head'), must(chain[1], 'a middle')];
    for (const { program } of [head, middle]) {
      await program.waitForLine(
        /this server holds a chain’s data, but others may have more: [0-9a-f]{16}.*; waiting for them.*table-admin <zookeeper> recover/,
        deadlineMs,
        'stderr',
      );
    }
    const shown = await admin(zookeeper, 'recover');
    for (const { address } of [head, middle]) {
      t.match(
        shown,
        new RegExp(`${address}, run [0-9a-f]{16}, holds chain [0-9a-f]{16}: 201 updates.*; waits for run`),
      );
    }
    const strangers = admin(zookeeper, 'recover', '--go-on', '127.0.0.1:1');
    await t.rejects(strangers, /no server that waits at 127\.0\.0\.1:1 holds data; these do: /);
    const chosen = await admin(zookeeper, 'recover', '--go-on', `${head.address},${middle.address}`);
    t.match(chosen, /member/);
    const after = await connectTable(t, zookeeper);
    await checkMany(t, after, 200);
    await eventually(async () => (await admin(zookeeper, 'status')).match(/member, run/g)?.length === 2, {
      deadlineMs,
      what: 'both are members',
    });
    await kill(head);
    await checkMany(t, after, 200);
    t.notMatch(middle.program.stderrLines.join('\n'), /beginning with an empty table/, 'it has kept its own');
  },
);

t.test('table-admin repairs a record that cannot be read, and no server founds another chain', async (t) => {
  const { zookeeper, chain, add } = await startChain(t, 2);
  const table = await connectTable(t, zookeeper);
  await table.put('kept', bytes('safe'));
  const session = await openSession(t, zookeeper);
  const { version } = must(await session.getData('/chain'), 'the chain');
  await session.setData('/chain', bytes(' '), version);
  const warning = /have to be repaired.*table-admin <zookeeper> recover --discard-record/;
  for (const { program } of chain) await program.waitForLine(warning, deadlineMs, 'stderr');
  t.equal(text(await table.get('kept')), 'safe', 'those who act on a view go on serving');
  t.match(await admin(zookeeper, 'recover', '--discard-record'), /tail {2}server 1 at .*: member/);
  await add();
  t.equal(text(await table.get('kept')), 'safe');
  await kill(...chain.slice(0, 2));
  t.equal(text(await table.get('kept')), 'safe', 'the new server has it, too');
});
