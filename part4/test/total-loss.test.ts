/**
 * The chain's data during a standstill, in the simulator (part4/README.md, "Membership"): servers with the data are
 * down, ZooKeeper has lost its data, or the record was overwritten.
 */
import { must } from '@tablelab/shared';
import t from 'tap';
import { SimAdmin } from '../sim/admin.ts';
import { numberIn, Scenario, sessionTimeoutMs } from './support/scenario.ts';

t.test(
  'empty servers found no chain while all servers with the data are paused for less than the grace time (part4/README.md#member-total-loss)',
  async (t) => {
    const scenario = await Scenario.chainOf(3, {
      onTotalLoss: 'start-empty',
      totalLossGraceMs: 60 * sessionTimeoutMs,
    });
    t.match(await scenario.resultOf(scenario.put('a', 1)), { type: 'written' });
    for (const { process } of scenario.cluster.servers) process.freeze();
    scenario.cluster.startAnother();
    await scenario.pass(25 * sessionTimeoutMs);
    t.equal(scenario.cluster.isLost, false, 'nobody has begun another chain');
    for (const { process } of scenario.cluster.servers) process.wake();
    t.equal(numberIn(await scenario.resultOf(scenario.get('a'))), 1, 'the data are back');
    await scenario.checkAll();
  },
);

t.test(
  'an emptied record is written again by a member in the chain (part4/README.md#member-unreadable)',
  async (t) => {
    const scenario = await Scenario.chainOf(2);
    const { cluster } = scenario;
    t.match(await scenario.resultOf(scenario.put('a', 1)), { type: 'written' });
    const before = must(cluster.oracle.record, 'a record');
    new SimAdmin(cluster).emptyRecord();
    await scenario.until(() => cluster.oracle.record === undefined, 'the record is empty');
    await scenario.until(() => cluster.oracle.record !== undefined, 'and there again');
    t.match(cluster.oracle.record, {
      chain: before.chain,
      members: before.members,
      serial: before.serial + 1,
    });
    t.equal(numberIn(await scenario.resultOf(scenario.get('a'))), 1);
    await scenario.checkAll();
  },
);

t.test(
  'ZooKeeper is wiped and a member is gone for good: an operator lets the others continue (part4/README.md#member-recover)',
  async (t) => {
    const scenario = await Scenario.chainOf(3);
    const { cluster } = scenario;
    t.match(await scenario.resultOf(scenario.put('a', 1)), { type: 'written' });
    const { chain } = must(cluster.oracle.record, 'a record');
    scenario.server(2).crash();
    cluster.zooKeeper.goDown();
    cluster.zooKeeper.comeUp({ wiped: true });
    await scenario.pass(40 * sessionTimeoutMs);
    t.equal(cluster.oracle.record, undefined, 'two complete copies wait for the third, which may have more');
    cluster.isRecoveryOrdered = true;
    new SimAdmin(cluster).recover();
    await scenario.until(() => cluster.servers.every(({ core }) => core.isMember), 'both are members again');
    t.not(cluster.oracle.record?.chain, chain, 'what the third one may have is another chain’s');
    t.match(
      await scenario.resultOf(scenario.get('a')),
      { code: 'LOST', detail: /begun anew/ },
      'which a client is told',
    );
    t.equal(numberIn(await scenario.resultOf(scenario.get('a'))), 1, 'and all is there');
    t.match(await scenario.resultOf(scenario.put('b', 2)), { type: 'written' });
    await scenario.checkAll();
  },
);

t.test(
  'all servers leave at once: the last one reports that the data is lost with it (part4/README.md#member-leave)',
  async (t) => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const scenario = await Scenario.chainOf(3, { seed, returnMs: 60 * sessionTimeoutMs });
      const { cluster } = scenario;
      await scenario.resultOf(scenario.put('a', 1));
      const { servers } = cluster;
      for (const server of servers) server.leave();
      await scenario.until(() => cluster.servers.length === 0, 'all have left');
      if (!cluster.isLastCopySaid) return t.fail(`seed ${seed}: nobody said so`);
    }
    t.pass('with twenty seeds');
  },
);

t.test('a server that leaves other members, or has no data, reports no loss', async (t) => {
  const scenario = await Scenario.chainOf(2, { returnMs: 60 * sessionTimeoutMs });
  const { cluster } = scenario;
  await scenario.resultOf(scenario.put('a', 1));
  scenario.server(1).leave();
  await scenario.until(() => cluster.servers.length === 1, 'it has left');
  t.equal(cluster.isLastCopySaid, false);
  await scenario.resultOf(scenario.call({ op: 'del', key: 'a' }));
  scenario.server(0).leave();
  await scenario.until(() => cluster.servers.length === 0, 'the last one has left');
  t.equal(cluster.isLastCopySaid, false, 'its table was empty');
});
