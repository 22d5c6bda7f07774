import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually, FaultProxy, spawnProgram, startZooKeeper, withDeadline } from '@tablelab/shared/testing';
import t, { type Test } from 'tap';
import { ChainDirectory } from '../src/adapters/zookeeper/chain-directory.ts';
import { Lease } from '../src/adapters/zookeeper/lease.ts';
import { LeaseKeeper } from '../src/adapters/zookeeper/lease-keeper.ts';
import type { SessionOptions, ZooKeeperSession } from '../src/adapters/zookeeper/zookeeper-session.ts';
import type { View } from '../src/core/view.ts';
import { errorCodeOffset, interfere, opcodes } from './support/zookeeper-frames.ts';
import {
  deadlineMs,
  fileTimeoutMs,
  openObserver,
  openSession,
  passed,
  patientTimeoutMs,
  sessionTimeoutMs,
} from './support/zookeeper-sessions.ts';

t.setTimeout(fileTimeoutMs);
const zookeeper = await startZooKeeper();
t.teardown(() => zookeeper.stop());
const { address } = zookeeper;
const leaseHolder = fileURLToPath(new URL('support/lease-holder.ts', import.meta.url));

/** ZooKeeper's error code for an absent znode. */
const noNode = -101;

const addressesOf = (view: View) => view.servers.map((server) => server.address);

async function registered(
  t: Test,
  own: string,
  options: Partial<SessionOptions> = {},
): Promise<{ session: ZooKeeperSession; directory: ChainDirectory }> {
  const session = await openSession(t, address, options);
  const directory = new ChainDirectory(session);
  await directory.register(own);
  return { session, directory };
}

function keepLease(t: Test, session: ZooKeeperSession, directory: ChainDirectory): LeaseKeeper {
  const lease = new LeaseKeeper({ session, path: directory.ownPath ?? '' });
  t.teardown(() => lease.stop());
  return lease;
}

t.test('a lease lasts three quarters of the time-out from the moment its heartbeat was sent', async (t) => {
  const lease = new Lease(1_000);
  t.notOk(lease.validAt(0), 'none before the first heartbeat');
  lease.confirmed(100);
  t.ok(lease.validAt(100) && lease.validAt(849), 'valid until 0.75 T after it was sent');
  t.notOk(lease.validAt(850), 'and no longer');
  lease.confirmed(500);
  lease.confirmed(200);
  t.ok(lease.validAt(1_249), 'a late answer to an earlier heartbeat takes nothing away');
  t.notOk(lease.validAt(1_250), 'and adds nothing');
  lease.revoke();
  t.notOk(lease.validAt(500), 'revoked');
});

t.test('the lease is compared with the clock at every call, and counts from the sending', async (t) => {
  const { session, directory } = await registered(t, '127.0.0.1:1');
  let now = 5_000;
  const lease = new LeaseKeeper({ session, path: directory.ownPath ?? '', now: () => now });
  t.notOk(lease.isValid(), 'none before the first answer');
  const heartbeat = lease.heartbeat();
  now += 300;
  t.ok(await heartbeat);
  t.ok(lease.isValid());
  now = 5_000 + 0.75 * sessionTimeoutMs;
  t.notOk(lease.isValid(), 'over as soon as the clock says so, no timer needed');
  t.ok(await lease.heartbeat());
  t.ok(lease.isValid(), 'a new heartbeat renews it');
  await directory.leave();
  t.notOk(await lease.heartbeat(), 'without its znode there is no heartbeat');
  t.notOk(lease.isValid(), 'and no lease');
});

t.test('the lease is kept as long as all is well, and ends with the session', async (t) => {
  const longTimeoutMs = 2 * sessionTimeoutMs;
  const { session, directory } = await registered(t, '127.0.0.1:1', { sessionTimeoutMs: longTimeoutMs });
  const lease = keepLease(t, session, directory);
  await eventually(() => lease.isValid(), { deadlineMs });
  let lost = 0;
  const start = performance.now();
  await eventually(
    () => {
      if (!lease.isValid()) lost += 1;
      return performance.now() - start > 1.5 * longTimeoutMs;
    },
    { deadlineMs },
  );
  t.equal(lost, 0, 'valid all the time for longer than the time-out');
  await session.close();
  t.notOk(lease.isValid(), 'no lease after close');
  t.notOk(await lease.heartbeat());
});

t.test('the directory: first view, changes, leaving, and what does not belong there', async (t) => {
  const session = await openSession(t, address);
  const path = '/other-chain';
  const logged: string[] = [];
  const directory = new ChainDirectory(session, { path, log: (message) => logged.push(message) });
  const views: View[] = [];
  t.same(await directory.watch((view) => views.push(view)), { version: 0, servers: [] }, 'made and empty');
  t.equal((await session.getData(path))?.owner, '0000000000000000', 'the chain itself is a normal znode');
  const other = await openObserver(t, address);
  const second = new ChainDirectory(other, { path });
  await t.rejects(second.register('nonsense'), { code: 'BAD_REQUEST' });
  const ids = [await directory.register('127.0.0.1:1001'), await second.register('127.0.0.1:1002')];
  t.equal(directory.ownPath, `${path}/node000000000${ids[0]}`, 'node and ten digits');
  const both = {
    version: 2,
    servers: [
      { id: ids[0], address: '127.0.0.1:1001' },
      { id: ids[1], address: '127.0.0.1:1002' },
    ],
  };
  await eventually(() => views.at(-1)?.version === 2, { deadlineMs });
  t.same(views.at(-1), both, 'sorted by id, each with its address');
  t.same(await second.readView(), both, 'also when it is read once');
  for (const [name, data] of [
    ['stranger', '127.0.0.1:1'],
    ['node12', '127.0.0.1:1'],
    ['node0000000077', 'no address'],
    ['node0000000078', ''],
  ] as const) {
    await other.create(`${path}/${name}`, Buffer.from(data), 'ephemeral');
  }
  await eventually(() => views.at(-1)?.version === 6, { deadlineMs });
  t.same(views.at(-1), { ...both, version: 6 }, 'neither strange names nor malformed addresses get in');
  t.equal(logged.length, 2, 'each malformed address is logged once');
  await second.leave();
  await second.leave();
  await eventually(() => views.at(-1)?.servers.length === 1, { deadlineMs });
  t.same(addressesOf(views.at(-1) as View), ['127.0.0.1:1001'], 'a server that leaves is gone at once');
  t.equal(other.isConnected, true, 'while its session goes on');
  await session.close();
  await t.rejects(directory.readView(), { code: 'UNREACHABLE' });
  await t.rejects(
    new ChainDirectory(session, { path }).watch(() => undefined),
    { code: 'UNREACHABLE' },
  );
});

t.test('a child that is gone before its address is read makes the list outdated', async (t) => {
  const path = '/vanishing-chain';
  const proxy = await FaultProxy.start(zookeeper);
  t.teardown(() => proxy.close());
  const faults = interfere(proxy);
  const session = await openSession(t, proxy.address, { sessionTimeoutMs: patientTimeoutMs });
  const other = await openObserver(t, address);
  const id = await new ChainDirectory(other, { path }).register('127.0.0.1:1');
  let absent = 0;
  faults.reply = (opcode, { bytes }) => {
    // The first read of an address (ensure reads the chain's own znode before) finds nothing.
    if (opcode !== opcodes.getData || ++absent !== 2) return 'pass';
    const changed = Buffer.from(bytes);
    changed.writeInt32BE(noNode, errorCodeOffset);
    return changed;
  };
  const first = await new ChainDirectory(session, { path }).watch(() => undefined);
  t.ok(absent > 2, 'the read was answered "absent", and repeated');
  t.same(first.servers, [{ id, address: '127.0.0.1:1' }], 'no view without the server is told');
});

t.test('100 membership changes, with the link cut now and then: the final view is right', async (t) => {
  const path = '/busy-chain';
  const proxy = await FaultProxy.start(zookeeper);
  t.teardown(() => proxy.close());
  const session = await openSession(t, proxy.address, { sessionTimeoutMs: patientTimeoutMs });
  const views: View[] = [];
  await new ChainDirectory(session, { path }).watch((view) => views.push(view));
  const other = await openObserver(t, address);
  const present: string[] = [];
  for (let change = 1; change <= 100; change += 1) {
    if (change % 3 === 0) await other.remove(present.shift() ?? '');
    else
      present.push(await other.createEphemeralSequential(`${path}/node`, Buffer.from(`127.0.0.1:${change}`)));
    if (change % 20 === 10) proxy.cut();
  }
  await eventually(() => views.at(-1)?.version === 100, {
    deadlineMs,
    what: 'the view after the 100th change',
  });
  const expected = await new ChainDirectory(other, { path }).readView();
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

t.test('paused beyond its session: no lease on waking, one new znode', async (t) => {
  const observer = await openObserver(t, address);
  const directory = new ChainDirectory(observer);
  const program = spawnProgram(leaseHolder, [address, '127.0.0.1:7001']);
  t.teardown(() => program.stop());
  const [, before] = await program.waitForLine(/^registered (\d+)/, deadlineMs);
  await program.waitForLine(/^lease held/, deadlineMs);
  program.kill('SIGSTOP');
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
  t.same((await directory.readView()).servers, [{ id: Number(after), address: '127.0.0.1:7001' }], 'once');
});

t.test('killed and started again at once on the same address', async (t) => {
  const observer = await openObserver(t, address);
  const views: View[] = [];
  const directory = new ChainDirectory(observer);
  await directory.watch((view) => views.push(view));
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
  const { session, directory } = await registered(t, '127.0.0.1:7003');
  const lease = keepLease(t, session, directory);
  await eventually(() => lease.isValid(), { deadlineMs });
  zookeeper.kill('SIGKILL');
  const killedAt = performance.now();
  await eventually(() => !lease.isValid(), { deadlineMs });
  t.ok(performance.now() - killedAt < sessionTimeoutMs, 'service stops within the time-out');
  await passed(killedAt, 1.5 * sessionTimeoutMs);
  t.notOk(lease.isValid(), 'no lease while ZooKeeper is down');
  await zookeeper.restart();
  await eventually(() => lease.isValid(), { deadlineMs, what: 'the lease to come back by itself' });
  t.ok(await session.getData(directory.ownPath ?? ''), 'with its znode: ZooKeeper counts from its own start');
});

t.test('ZooKeeper loses its data: the session is given up, and a new one works', async (t) => {
  const shortMs = 600;
  const session = await openSession(t, address, { sessionTimeoutMs: shortMs });
  t.equal(session.sessionTimeoutMs, shortMs);
  const directory = new ChainDirectory(session);
  await directory.register('127.0.0.1:7004');
  const lease = keepLease(t, session, directory);
  await eventually(() => lease.isValid(), { deadlineMs });
  zookeeper.kill('SIGKILL');
  await zookeeper.exited;
  await rm(join(zookeeper.folder, 'data'), { recursive: true });
  const wipedAt = performance.now();
  await zookeeper.restart();
  t.match(await withDeadline(session.ended, deadlineMs, 'the end'), { reason: 'gave-up' });
  const elapsedMs = performance.now() - wipedAt;
  t.ok(elapsedMs > 9 * shortMs && elapsedMs < 20 * shortMs, `after ten time-outs: ${elapsedMs} ms`);
  t.notOk(lease.isValid());
  const { directory: anew } = await registered(t, '127.0.0.1:7004');
  t.same(addressesOf(await anew.readView()), ['127.0.0.1:7004'], 'the chain is made anew');
});
