import t from 'tap';
import {
  bytes,
  connectTo,
  deadlineMs,
  outcomeOf,
  readAt,
  startFaultTest,
  testTimeoutMs,
} from './support/fault-test.ts';

t.setTimeout(testTimeoutMs);

for (const role of ['head', 'middle', 'tail'] as const) {
  t.test(`SIGKILL of the ${role}: the others continue, and a new server joins`, async (t) => {
    const { chain, workload, judge, [role]: victim } = await startFaultTest(t);
    const before = await chain.watch.read();
    const session = await chain.sessionOf(victim);
    await victim.crash();
    const after = await chain.watch.sessionGone(session, deadlineMs);
    t.same(
      after.servers,
      before.servers.filter(({ address }) => address !== victim.address),
      'ZooKeeper has dropped it, and the others keep their places',
    );
    await workload.progress(deadlineMs);
    await chain.add();
    await judge();
  });
}

t.test(
  'a tail that was paused for longer than its session answers no read when it resumes, and joins again',
  async (t) => {
    const { chain, workload, table, tail, judge } = await startFaultTest(t);
    await table.put('stale', bytes('old'));
    const direct = await connectTo(t, tail);
    t.equal(await direct.get('stale'), 'old', 'it is the tail');
    const session = await chain.sessionOf(tail);

    await tail.pause();
    await chain.watch.sessionGone(session, deadlineMs);
    await table.put('stale', bytes('new'));
    await workload.progress(deadlineMs);
    // These wait in its socket, so it handles them first.
    const waiting = Array.from({ length: 5 }, () => outcomeOf(direct.get('stale')));
    t.ok(tail.isPaused, 'it has been stopped all the while');
    tail.resume();
    for (const outcome of await Promise.all(waiting))
      t.match(outcome, { refused: /^NOT_(TAIL|READY)$/ }, 'it refuses');
    await chain.whole(deadlineMs);
    t.equal((await chain.tail()).address, tail.address, 'it is the tail again, behind the others');
    t.not(await chain.sessionOf(tail), session, 'by another session');
    t.equal(await readAt(direct, 'stale'), 'new', 'with what it had missed');
    await judge();
  },
);

t.test(
  'a head that was paused for longer than its session accepts no write when it resumes, and joins again',
  async (t) => {
    const { chain, workload, table, head, judge } = await startFaultTest(t);
    const direct = await connectTo(t, head);
    await direct.put('late', 'first');
    const session = await chain.sessionOf(head);

    await head.pause();
    await chain.watch.sessionGone(session, deadlineMs);
    await table.put('late', bytes('second'));
    await workload.progress(deadlineMs);
    const waiting = Array.from({ length: 5 }, () => outcomeOf(direct.put('late', 'third')));
    t.ok(head.isPaused, 'it has been stopped all the while');
    head.resume();
    for (const outcome of await Promise.all(waiting))
      t.match(outcome, { refused: /^NOT_(HEAD|READY)$/ }, 'it refuses');
    await chain.whole(deadlineMs);
    t.equal((await chain.tail()).address, head.address, 'it has joined behind the others');
    t.equal(await readAt(direct, 'late'), 'second', 'and what it refused has not happened');
    await judge();
  },
);

t.test('all servers are replaced one after the other, without waiting for a time-out', async (t) => {
  const { chain, workload, judge } = await startFaultTest(t, { sessionTimeoutMs: 8_000 });
  const before = await chain.inOrder();
  for (const server of before) {
    workload.mark();
    await server.leave();
    await workload.progress(deadlineMs);
    for (const kind of ['read', 'write'] as const) {
      const outageMs = Math.round(workload.outageMs(kind));
      t.ok(outageMs < 4_000, `${outageMs} ms without a ${kind} while server ${server.name} left`);
    }
    await chain.add();
    await chain.whole(deadlineMs);
  }
  const after = await chain.inOrder();
  t.notOk(
    before.some((server) => after.includes(server)),
    'none of the first is left',
  );
  t.ok(
    before.every(({ running }) => !running),
    'and their processes have ended',
  );
  await judge();
});
