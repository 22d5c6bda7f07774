import { eventually, withDeadline } from '@tablelab/shared/testing';
import t from 'tap';
import { ZooKeeperEnsemble } from '../chaos/zookeeper-ensemble.ts';
import { nodeClock } from '../src/adapters/node/node-clock.ts';
import { ChainDirectory } from '../src/adapters/zookeeper/chain-directory.ts';
import { LeaseKeeper } from './support/lease-keeper.ts';
import { deadlineMs, openObserver, sessionTimeoutMs, testTimeoutMs } from './support/zookeeper-sessions.ts';

t.setTimeout(testTimeoutMs);
const ensemble = await ZooKeeperEnsemble.start();
t.teardown(() => ensemble.stop());
const addressOf = ({ host, port }: { host: string; port: number }) => `${host}:${port}`;

t.test('the leader is killed: the session continues with another server, or ends', async (t) => {
  const leader = await ensemble.find('leader');
  const servers = ensemble.members.map(addressOf).join();
  const observer = await openObserver(t, servers);
  const views: number[] = [];
  await new ChainDirectory(observer, { clock: nodeClock }).watch((view) => views.push(view.servers.length));
  const keeper = await LeaseKeeper.openFor(t, { servers, address: '127.0.0.1:7002' });
  await eventually(() => keeper.isValid() && views.at(-1) === 1, { deadlineMs });
  const { sessionId } = observer;

  leader.program.kill('SIGKILL');
  await leader.program.exited;
  const killedAt = performance.now();
  await eventually(async () => (await ensemble.find('leader')) !== leader, {
    deadlineMs,
    what: 'a new leader',
  });
  t.comment(`a new leader ${performance.now() - killedAt} ms after the kill`);
  const before = keeper.heartbeats;
  await eventually(() => keeper.heartbeats > before && keeper.isValid(), {
    deadlineMs,
    what: 'a lease again',
  });
  t.comment(
    keeper.sessions.length === 1 ? 'the session went on' : 'the election took too long: another session',
  );
  await withDeadline(observer.connectedOrEnded(), deadlineMs, 'the observer');
  t.equal(observer.sessionId, sessionId, 'a longer session goes on in any case');
  const newcomer = await LeaseKeeper.openFor(t, { servers, address: '127.0.0.1:7003' });
  await eventually(() => newcomer.isValid(), { deadlineMs });
  await eventually(
    async () =>
      views.at(-1) === (await new ChainDirectory(observer, { clock: nodeClock }).readView()).servers.length,
    {
      deadlineMs,
      what: 'the watch to fire on the other server',
    },
  );
  t.ok((views.at(-1) ?? 0) >= 1, 'the newcomer is seen');
  await ensemble.restart(leader);
});

t.test('a follower cut off from its leader: no lease before the majority drops the server', async (t) => {
  const leader = await ensemble.find('leader');
  const follower = await ensemble.find('follower');
  const observer = await openObserver(t, addressOf(leader));
  const chain = new ChainDirectory(observer, { clock: nodeClock });
  // Only reads: those of the session itself wait behind its heartbeats, which are no longer answered.
  const witness = await openObserver(t, addressOf(follower));
  const lease = await LeaseKeeper.openFor(t, { servers: addressOf(follower), address: '127.0.0.1:7001' });
  await eventually(() => lease.isValid(), { deadlineMs });
  const own = `/chain/node${String(lease.id).padStart(10, '0')}`;
  await eventually(async () => (await chain.readView()).servers.at(-1)?.id === lease.id, { deadlineMs });

  const link = follower.linkTo.get(leader.id);
  t.ok((link?.accepted ?? 0) > 0, 'the follower dialled its leader through the proxy');
  link?.freeze('toServer', 'toClient');
  const cutAt = performance.now();
  const gone = eventually(async () => (await chain.readView()).servers.every(({ id }) => id !== lease.id), {
    deadlineMs,
    what: 'the majority to drop the server',
  }).then(() => performance.now() - cutAt);
  const leaseEnded = eventually(() => !lease.isValid(), { deadlineMs }).then(() => performance.now() - cutAt);
  const leaseMs = await leaseEnded;
  const stillAnswered = (await witness.getData(own)) !== undefined;
  const goneMs = await gone;
  t.comment(`lease over after ${leaseMs} ms, dropped after ${goneMs} ms, T is ${sessionTimeoutMs} ms`);
  t.ok(leaseMs < goneMs, `the lease is over (${leaseMs} ms) before the server is dropped (${goneMs} ms)`);
  t.ok(stillAnswered, 'although the follower still answered reads, and showed the znode');
  t.notOk(lease.isValid(), 'and it stays over');
});
