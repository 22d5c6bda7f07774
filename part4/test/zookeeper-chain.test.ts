import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually, pauseProcess, spawnProgram, startZooKeeper } from '@tablelab/shared/testing';
import t, { type Test } from 'tap';
import { FaultProxy } from '../chaos/fault-proxy.ts';
import { nodeClock } from '../src/adapters/node/node-clock.ts';
import { ChainDirectory } from '../src/adapters/zookeeper/chain-directory.ts';
import type { ZooKeeperSession } from '../src/adapters/zookeeper/zookeeper-session.ts';
import { leaseAfter, noLease } from '../src/core/lease.ts';
import type { ServerEntry, View } from '../src/core/view.ts';
import { LeaseKeeper, type LeaseKeeperOptions } from './support/lease-keeper.ts';
import { errorCodeOffset, interfere, opcodes } from './support/zookeeper-frames.ts';
import {
  createNumbered,
  deadlineMs,
  openObserver,
  openSession,
  passed,
  patientTimeoutMs,
  sessionTimeoutMs,
  testTimeoutMs,
} from './support/zookeeper-sessions.ts';

t.setTimeout(testTimeoutMs);
const zookeeper = await startZooKeeper();
t.teardown(() => zookeeper.stop());
const { address } = zookeeper;
const leaseHolder = fileURLToPath(new URL('support/lease-holder.ts', import.meta.url));

/** ZooKeeper's error code for an absent znode. */
const noNode = -101;

const addressesOf = (view: View) => view.servers.map((server) => server.address);

/** Makes the znode of a server in a chain. */
async function addServer(session: ZooKeeperSession, path: string, own: string): Promise<ServerEntry> {
  await session.ensure(path);
  const made = await createNumbered(session, `${path}/node`, Buffer.from(own));
  return { id: Number(made.slice(-10)), address: own, session: session.sessionId };
}

const openKeeper = (t: Test, own: string, options: Partial<LeaseKeeperOptions> = {}) =>
  LeaseKeeper.openFor(t, { servers: address, address: own, ...options });

t.test('a lease lasts three quarters of the time-out from the sending of its heartbeat', async (t) => {
  const after = (until: number, sentAt: number) => leaseAfter(until, { sentAt, sessionTimeoutMs: 1_000 });
  t.notOk(0 < noLease, 'none before the first heartbeat');
  t.equal(after(noLease, 100), 850, 'valid until 0.75 T after it was sent, and no longer');
  t.equal(after(after(noLease, 500), 200), 1_250, 'a late answer to an earlier heartbeat changes nothing');
});

t.test('a heartbeat counts from its sending, and only as a write that finds the znode', async (t) => {
  let now = 5_000;
  const keeper = await openKeeper(t, '127.0.0.1:1', { clock: { ...nodeClock, now: () => now } });
  await eventually(() => keeper.heartbeats > 0, { deadlineMs });
  const sent = keeper.events.find((event) => event.type === 'heartbeat');
  t.match(sent, { session: keeper.sessions[0], sentAt: 5_000 });
  // Those that were under way have been answered; from here on the clock says something else.
  now = 6_000;
  const later = () => keeper.events.some((event) => event.type === 'heartbeat' && event.sentAt === 6_000);
  await eventually(later, { deadlineMs });
  const others = keeper.events.filter((event) => event.type === 'heartbeat' && event.sentAt > 6_000);
  t.same(others, [], 'whenever it is answered');
  const observer = await openObserver(t, address);
  await observer.remove(`/chain/node${String(keeper.id).padStart(10, '0')}`);
  const before = keeper.id ?? -1;
  await eventually(() => (keeper.id ?? before) > before, { deadlineMs, what: 'another znode' });
  t.equal(keeper.sessions.length, 1, 'in the same session');
});

t.test(
  'the lease is renewed during normal operation, and ends with the znode and with the session',
  async (t) => {
    const longTimeoutMs = 2 * sessionTimeoutMs;
    const keeper = await openKeeper(t, '127.0.0.1:1', { sessionTimeoutMs: longTimeoutMs });
    await eventually(() => keeper.isValid(), { deadlineMs });
    let lost = 0;
    const start = performance.now();
    await eventually(
      () => {
        if (!keeper.isValid()) lost += 1;
        return performance.now() - start > 1.5 * longTimeoutMs;
      },
      { deadlineMs },
    );
    t.equal(lost, 0, 'valid all the time for longer than the time-out');
    keeper.leave();
    await eventually(() => keeper.id === undefined, { deadlineMs });
    const count = keeper.heartbeats;
    await eventually(() => !keeper.isValid(), { deadlineMs, what: 'no lease without its znode' });
    t.equal(keeper.heartbeats, count, 'no heartbeat is confirmed any more');
    const other = await openKeeper(t, '127.0.0.1:2');
    await eventually(() => other.isValid(), { deadlineMs });
    await other.close();
    const atClose = other.heartbeats;
    await passed(performance.now(), sessionTimeoutMs);
    t.equal(other.heartbeats, atClose, 'nor after close');
    t.notOk(other.isValid());
  },
);

t.test('a client’s view: no chain, first servers, changes, and foreign znodes', async (t) => {
  const session = await openSession(t, address);
  const other = await openObserver(t, address);
  const path = '/other-chain';
  const logged: string[] = [];
  const directory = new ChainDirectory(session, {
    clock: nodeClock,
    path,
    log: (message) => logged.push(message),
  });
  const views: View[] = [];
  t.same(await directory.watch((view) => views.push(view)), { version: -1, servers: [] }, 'there is none');
  t.same(await directory.readView(), { version: -1, servers: [] });
  t.equal(await other.getData(path), undefined, 'looking makes nothing');
  await other.ensure(path);
  await eventually(() => views.length === 1, { deadlineMs, what: 'the chain to come' });
  t.same(views, [{ version: 0, servers: [] }]);
  const servers = [
    await addServer(session, path, '127.0.0.1:1001'),
    await addServer(other, path, '127.0.0.1:1002'),
  ];
  await eventually(() => views.at(-1)?.version === 2, { deadlineMs });
  t.same(views.at(-1), { version: 2, servers }, 'sorted by id, each with its address and its session');
  t.same(await directory.readView(), { version: 2, servers }, 'also when it is read once');
  for (const [name, data] of [
    ['stranger', '127.0.0.1:1'],
    ['node12', '127.0.0.1:1'],
    ['node0000000077', 'no address'],
    ['node0000000078', ''],
  ] as const) {
    await other.create(`${path}/${name}`, Buffer.from(data), 'ephemeral');
  }
  await eventually(() => views.at(-1)?.version === 6, { deadlineMs });
  t.same(views.at(-1), { version: 6, servers }, 'neither strange names nor malformed addresses get in');
  t.equal(logged.length, 2, 'each malformed address is logged once');
  await session.close();
  await t.rejects(directory.readView(), { code: 'UNREACHABLE' });
  await t.rejects(
    new ChainDirectory(session, { clock: nodeClock, path }).watch(() => undefined),
    { code: 'UNREACHABLE' },
  );
});

t.test('a child that is removed before its address is read makes the list outdated', async (t) => {
  const path = '/vanishing-chain';
  const proxy = await FaultProxy.start(zookeeper);
  t.teardown(() => proxy.close());
  const faults = interfere(proxy);
  const session = await openSession(t, proxy.address, { sessionTimeoutMs: patientTimeoutMs });
  const other = await openObserver(t, address);
  const server = await addServer(other, path, '127.0.0.1:1');
  let absent = 0;
  faults.reply = (opcode, { bytes }) => {
    // The first read of an address finds nothing.
    if (opcode !== opcodes.getData || ++absent !== 1) return 'pass';
    const changed = Buffer.from(bytes);
    changed.writeInt32BE(noNode, errorCodeOffset);
    return changed;
  };
  const first = await new ChainDirectory(session, { clock: nodeClock, path }).watch(() => undefined);
  t.ok(absent > 1, 'the read was answered "absent", and repeated');
  t.same(first.servers, [server], 'no view without the server is told');
});

t.test('100 membership changes with occasional cuts of the link: the final view is correct', async (t) => {
  const path = '/busy-chain';
  const proxy = await FaultProxy.start(zookeeper);
  t.teardown(() => proxy.close());
  const session = await openSession(t, proxy.address, { sessionTimeoutMs: patientTimeoutMs });
  const views: View[] = [];
  const other = await openObserver(t, address);
  await other.ensure(path);
  await new ChainDirectory(session, { clock: nodeClock, path }).watch((view) => views.push(view));
  const present: string[] = [];
  for (let change = 1; change <= 100; change += 1) {
    if (change % 3 === 0) await other.remove(present.shift() ?? '');
    else present.push(await createNumbered(other, `${path}/node`, Buffer.from(`127.0.0.1:${change}`)));
    if (change % 20 === 10) proxy.cut();
  }
  await eventually(() => views.at(-1)?.version === 100, {
    deadlineMs,
    what: 'the view after the 100th change',
  });
  const expected = await new ChainDirectory(other, { clock: nodeClock, path }).readView();
  t.same(views.at(-1), expected, 'the last view told is the chain');
  t.same(
    expected.servers.map(({ id }) => `${path}/node${String(id).padStart(10, '0')}`),
    present,
    'and that is what the changes amount to',
  );
  t.ok(proxy.accepted > 1, 'the link was cut');
  const versions = views.map(({ version }) => version);
  t.same(
    versions,
    [...new Set(versions)].toSorted((a, b) => a - b),
    'no version twice, none after a higher one',
  );
});

t.test('paused for longer than its session: no lease on resuming, one new znode', async (t) => {
  const observer = await openObserver(t, address);
  const directory = new ChainDirectory(observer, { clock: nodeClock });
  const program = spawnProgram(leaseHolder, [address, '127.0.0.1:7001']);
  t.teardown(() => program.stop());
  const [, before] = await program.waitForLine(/^registered (\d+)/, deadlineMs);
  await program.waitForLine(/^lease held/, deadlineMs);
  await pauseProcess(program.pid);
  const pausedAt = performance.now();
  await eventually(async () => (await directory.readView()).servers.length === 0, {
    deadlineMs,
    what: 'ZooKeeper to drop the paused server',
  });
  t.ok(performance.now() - pausedAt > 0.75 * sessionTimeoutMs, 'dropped after the lease, not before');
  program.kill('SIGCONT');
  const [, first] = await program.waitForLine(/^woke after \d+ ms: lease (\w+)/, deadlineMs);
  t.equal(first, 'false', 'the first look at the lease after waking');
  const [, after] = await program.waitForLine(/^registered (\d+)/, deadlineMs);
  await program.waitForLine(/^lease held/, deadlineMs);
  t.ok(Number(after) > Number(before), 'registered anew, at the end');
  t.match((await directory.readView()).servers, [{ id: Number(after), address: '127.0.0.1:7001' }], 'once');
});

t.test('killed and restarted at once on the same address', async (t) => {
  const observer = await openObserver(t, address);
  const views: View[] = [];
  const directory = new ChainDirectory(observer, { clock: nodeClock });
  views.push(await directory.watch((view) => views.push(view)));
  const killed = spawnProgram(leaseHolder, [address, '127.0.0.1:7002']);
  t.teardown(() => killed.stop());
  const [, before] = await killed.waitForLine(/^registered (\d+)/, deadlineMs);
  killed.kill('SIGKILL');
  await killed.exited;
  const next = spawnProgram(leaseHolder, [address, '127.0.0.1:7002']);
  t.teardown(() => next.stop());
  const [, after] = await next.waitForLine(/^registered (\d+)/, deadlineMs);
  t.not(after, before, 'a new number');
  await eventually(
    () =>
      views
        .at(-1)
        ?.servers.map(({ id }) => id)
        .join() === after,
    {
      deadlineMs,
      what: 'the old znode to go and the new one to stay',
    },
  );
  t.same(addressesOf(await directory.readView()), ['127.0.0.1:7002']);
});

t.test('ZooKeeper down for longer than the session: no lease, and a lease again afterwards', async (t) => {
  const keeper = await openKeeper(t, '127.0.0.1:7003');
  await eventually(() => keeper.isValid(), { deadlineMs });
  const before = keeper.id;
  zookeeper.kill('SIGKILL');
  const killedAt = performance.now();
  await eventually(() => !keeper.isValid(), { deadlineMs });
  t.ok(performance.now() - killedAt < sessionTimeoutMs, 'service stops within the time-out');
  await passed(killedAt, 1.5 * sessionTimeoutMs);
  t.notOk(keeper.isValid(), 'no lease while ZooKeeper is down');
  await zookeeper.restart();
  await eventually(() => keeper.isValid(), { deadlineMs, what: 'the lease to come back by itself' });
  t.equal(keeper.id, before, 'with its znode: ZooKeeper counts from its own start');
});

t.test('ZooKeeper loses its data: the session is given up, and the next one works', async (t) => {
  const shortMs = 600;
  const keeper = await openKeeper(t, '127.0.0.1:7004', { sessionTimeoutMs: shortMs });
  t.match(keeper.events[0], { type: 'session-started', timeoutMs: shortMs });
  await eventually(() => keeper.isValid(), { deadlineMs });
  zookeeper.kill('SIGKILL');
  await zookeeper.exited;
  await rm(join(zookeeper.folder, 'data'), { recursive: true });
  const wipedAt = performance.now();
  await zookeeper.restart();
  const ended = () => keeper.events.find((event) => event.type === 'session-ended');
  t.match(await eventually(ended, { deadlineMs }), { detail: /no connection for 6000 ms/ });
  const elapsedMs = performance.now() - wipedAt;
  t.ok(elapsedMs > 9 * shortMs && elapsedMs < 20 * shortMs, `after ten time-outs: ${elapsedMs} ms`);
  t.notOk(keeper.isValid());
  await eventually(() => keeper.isValid(), { deadlineMs, what: 'a lease in another session' });
  t.equal(keeper.sessions.length, 2);
  const observer = await openObserver(t, address);
  t.same(
    addressesOf(await new ChainDirectory(observer, { clock: nodeClock }).readView()),
    ['127.0.0.1:7004'],
    'the chain is made anew',
  );
});
