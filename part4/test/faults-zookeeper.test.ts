import { must } from '@tablelab/shared';
import { eventually } from '@tablelab/shared/testing';
import t from 'tap';
import {
  bytes,
  connectTo,
  deadlineMs,
  outcomeOf,
  startFaultTest,
  testTimeoutMs,
} from './support/fault-test.ts';

t.setTimeout(testTimeoutMs);

t.test('ZooKeeper dies and returns within the time-out: no operation fails', async (t) => {
  const { chain, workload, judge } = await startFaultTest(t, { sessionTimeoutMs: 10_000 });
  const before = await chain.watch.read();
  const { zookeeper } = chain;
  zookeeper.kill('SIGKILL');
  t.match(await zookeeper.exited, { signal: 'SIGKILL' });
  const start = performance.now();
  await workload.progress(deadlineMs);
  await zookeeper.restart();
  t.ok(performance.now() - start < chain.sessionTimeoutMs, 'it is back in time');
  await workload.progress(deadlineMs);
  t.same(await chain.watch.read(), before, 'the same chain, by the same sessions');
  await judge();
});

t.test(
  'ZooKeeper is down for longer than the time-out: service ends with the lease, and resumes automatically',
  async (t) => {
    const { chain, workload, table, head, tail, judge } = await startFaultTest(t);
    await table.put('away', bytes('value'));
    const [toHead, toTail] = [await connectTo(t, head), await connectTo(t, tail)];
    const { zookeeper } = chain;
    zookeeper.kill('SIGKILL');
    const start = performance.now();
    t.match(await zookeeper.exited, { signal: 'SIGKILL' });
    const refusal = async (attempt: () => Promise<unknown>) => {
      const refused = await eventually(
        async () => {
          const outcome = await outcomeOf(attempt());
          return 'refused' in outcome ? outcome : undefined;
        },
        { deadlineMs, what: 'the end of the lease' },
      );
      return { ...refused, elapsedMs: Math.round(performance.now() - start) };
    };
    const ends = [refusal(() => toTail.get('away')), refusal(() => toHead.put('other', 'value'))];
    for (const { refused, elapsedMs } of await Promise.all(ends)) {
      t.equal(refused, 'NOT_READY');
      t.ok(elapsedMs < chain.sessionTimeoutMs, `refused ${elapsedMs} ms after ZooKeeper's end`);
    }
    await eventually(() => performance.now() - start > 2 * chain.sessionTimeoutMs, { deadlineMs });
    await zookeeper.restart();
    await chain.whole(deadlineMs);
    await workload.progress(deadlineMs);
    t.equal(Buffer.from((await table.get('away')) ?? []).toString(), 'value');
    await judge();
  },
);

t.test('ZooKeeper loses its data while all servers live: no data of the chain is lost', async (t) => {
  const { chain, workload, table, judge } = await startFaultTest(t);
  const keys = Array.from({ length: 1_000 }, (_, index) => `kept:${index}`);
  await Promise.all(keys.map((key) => table.put(key, bytes(key))));
  const session = await chain.watch.session();
  await session.ensure('/marker');
  const before = await chain.watch.read();
  await chain.watch.forget();
  await chain.zookeeper.wipe();
  t.equal(await (await chain.watch.session()).getData('/marker'), undefined, 'all of its data is gone');
  const after = await chain.whole();
  t.notOk(
    before.servers.some((old) => after.servers.some((server) => server.session === old.session)),
    'all have come by other sessions',
  );
  await workload.progress(deadlineMs);
  const values = await Promise.all(keys.map((key) => table.get(key)));
  t.same(
    values.map((value) => Buffer.from(value ?? []).toString()),
    keys,
    'every key is there',
  );
  await judge();
});

t.test(
  'an ensemble loses its leader, then a follower its link to the leader: service continues',
  async (t) => {
    const { chain, workload, judge } = await startFaultTest(t, { zookeepers: 3, sessionTimeoutMs: 4_000 });
    const { ensemble } = chain;
    const first = await ensemble.find('leader');
    first.program.kill('SIGKILL');
    t.match(await first.program.exited, { signal: 'SIGKILL' });
    const leader = await eventually(() => ensemble.find('leader'), { deadlineMs, what: 'another leader' });
    t.not(leader.id, first.id);
    await workload.progress(deadlineMs);
    await ensemble.restart(first);

    const follower = await ensemble.find('follower');
    const link = must(follower.linkTo.get(leader.id), 'a member has a way to each other one');
    const { held } = link.counts.toServer;
    link.freeze('toServer', 'toClient');
    await eventually(() => link.counts.toServer.held > held, {
      deadlineMs,
      what: 'the follower to be cut off',
    });
    await eventually(async () => (await ensemble.modeOf(follower)) === undefined, {
      deadlineMs,
      what: 'the follower to notice',
    });
    await workload.progress(deadlineMs);
    link.thaw();
    await ensemble.serving(follower);
    await judge();
  },
);
