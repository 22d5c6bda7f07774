import { eventually } from '@tablelab/shared/testing';
import t from 'tap';
import type { Direction, ProxyLink } from '../chaos/fault-proxy.ts';
import { directions } from '../chaos/fault-proxy.ts';
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

for (const lost of directions) {
  const what = { toServer: 'updates', toClient: 'acknowledgements' }[lost];
  t.test(`links that lose ${what} and break: everything is sent again, nothing executed twice`, async (t) => {
    const { chain, workload, middle, tail, judge } = await startFaultTest(t);
    const before = await chain.watch.read();
    for (const { name, links } of [middle, tail, middle, tail]) {
      const { held, dropped } = links.counts[lost];
      const { accepted } = links;
      links.freeze(lost);
      await eventually(() => links.counts[lost].held > held, { deadlineMs, what: `${what} to be held` });
      t.ok(links.cut() >= 1, `the link to ${name} is cut`);
      links.thaw();
      t.ok(links.counts[lost].dropped > dropped, `${links.counts[lost].dropped - dropped} bytes are lost`);
      await workload.progress(deadlineMs);
      t.ok(links.accepted > accepted, 'over a new link');
    }
    t.same(await chain.watch.read(), before, 'nobody has left the chain');
    await judge();
  });
}

t.test('a silent link: no write is COMMITTED before the tail has it, and reads continue', async (t) => {
  const { chain, workload, table, tail, judge } = await startFaultTest(t);
  const before = await chain.watch.read();
  const direct = await connectTo(t, tail);
  tail.links.freeze('toServer');
  let answered = false;
  const put = table.put('held', bytes('value')).then(() => {
    answered = true;
  });
  const { held } = tail.links.counts.toServer;
  await eventually(() => tail.links.counts.toServer.held > held, { deadlineMs, what: 'updates to be held' });
  for (let read = 0; read < 100; read += 1) {
    const value = await direct.get('held');
    if (value !== undefined || answered) t.fail(`read ${read}: the value is ${value}, answered: ${answered}`);
  }
  t.notOk(answered, 'a hundred reads later the write has no answer');
  tail.links.thaw();
  await put;
  t.equal(await direct.get('held'), 'value', 'it is there once it was answered');
  await workload.progress(deadlineMs);
  t.same(await chain.watch.read(), before, 'nobody has left the chain');
  await judge();
});

t.test('the network silently drops the packets of one link: another link replaces it', async (t) => {
  const { chain, workload, middle, tail, judge } = await startFaultTest(t);
  const before = await chain.watch.read();
  for (const { name, links } of [middle, tail]) {
    const { accepted } = links;
    const forgotten: ProxyLink[] = [];
    const drop = (chunk: Buffer, link: ProxyLink) => {
      if (forgotten.length === 0) forgotten.push(link);
      return forgotten.includes(link) ? undefined : chunk;
    };
    links.intercept.toServer = drop;
    links.intercept.toClient = drop;
    await eventually(() => forgotten.length > 0, { deadlineMs, what: `something for ${name}` });
    await workload.progress(deadlineMs);
    t.ok(links.accepted > accepted, 'over a new link');
    for (const direction of directions) links.intercept[direction] = undefined;
  }
  t.same(await chain.watch.read(), before, 'nobody has left the chain');
  await judge();
});

t.test('slow links that are cut while messages are under way: the order is kept', async (t) => {
  const { workload, middle, tail, judge } = await startFaultTest(t);
  const delayMs = 40;
  for (const { links } of [middle, tail]) links.delay(delayMs);
  await workload.progress(deadlineMs);
  for (const { links } of [middle, tail]) {
    for (const direction of directions) {
      const lost = () => links.counts[direction].dropped > 0;
      // A cut while nothing is under way loses nothing.
      for (let cuts = 0; cuts < 50 && !lost(); cuts += 1) {
        links.cut();
        await workload.progress(deadlineMs);
      }
      t.ok(lost(), `${links.counts[direction].dropped} bytes were lost ${direction}`);
    }
  }
  for (const { links } of [middle, tail]) links.delay(0);
  await judge();
});

/** The directions in which ZooKeeper is cut off, and for which server. */
const cuts: { role: 'head' | 'middle' | 'tail'; frozen: readonly Direction[] }[] = [
  { role: 'head', frozen: directions },
  { role: 'middle', frozen: ['toServer'] },
  { role: 'tail', frozen: directions },
];
for (const { role, frozen } of cuts) {
  const how = frozen.length === 2 ? 'from ZooKeeper alone' : 'from ZooKeeper alone, one way';
  t.test(`the ${role} is cut off ${how}: it stops serving, and returns automatically`, async (t) => {
    const { chain, workload, table, judge, [role]: victim } = await startFaultTest(t);
    await table.put('cut', bytes('old'));
    const session = await chain.sessionOf(victim);
    const direct = await connectTo(t, victim);
    for (const proxy of victim.zookeepers) proxy.freeze(...frozen);
    await chain.watch.sessionGone(session, deadlineMs);
    await table.put('cut', bytes('new'));
    await workload.progress(deadlineMs);
    t.ok(
      victim.zookeepers.some(({ counts }) => counts.toServer.held > 0),
      'what it said to ZooKeeper was held',
    );
    t.match(await outcomeOf(direct.get('cut')), { refused: /^NOT_(TAIL|READY)$/ }, 'it answers no read');
    t.match(
      await outcomeOf(direct.put('cut', 'no')),
      { refused: /^NOT_(HEAD|READY)$/ },
      'and takes no write',
    );
    for (const proxy of victim.zookeepers) proxy.thaw();
    await chain.whole(deadlineMs);
    t.equal((await chain.tail()).address, victim.address, 'it has joined behind the others');
    t.equal(await readAt(direct, 'cut'), 'new');
    await judge();
  });
}

t.test('a tail that gets nothing from ZooKeeper serves only during its lease', async (t) => {
  const { chain, workload, table, tail, judge } = await startFaultTest(t);
  await table.put('deaf', bytes('old'));
  const direct = await connectTo(t, tail);
  for (const proxy of tail.zookeepers) proxy.freeze('toClient');
  const start = performance.now();
  await eventually(async () => 'refused' in (await outcomeOf(direct.get('deaf'))), {
    deadlineMs,
    what: 'the end of the lease',
  });
  const elapsedMs = performance.now() - start;
  t.ok(elapsedMs < chain.sessionTimeoutMs, `it refuses reads after ${Math.round(elapsedMs)} ms`);
  t.ok(
    tail.zookeepers.some(({ counts }) => counts.toClient.held > 0),
    'answers of ZooKeeper were held',
  );
  for (const proxy of tail.zookeepers) proxy.thaw();
  await workload.progress(deadlineMs);
  await judge();
});

t.test('late updates of a former head are refused', async (t) => {
  const { chain, workload, table, head, middle, judge } = await startFaultTest(t);
  await table.put('epoch', bytes('old'));
  const session = await chain.sessionOf(head);
  middle.links.freeze('toServer');
  const { held } = middle.links.counts.toServer;
  await eventually(() => middle.links.counts.toServer.held > held, {
    deadlineMs,
    what: 'updates to be held',
  });
  for (const proxy of head.zookeepers) proxy.freeze(...directions);
  await chain.watch.sessionGone(session, deadlineMs);
  await table.put('epoch', bytes('new'));
  await workload.progress(deadlineMs);
  t.equal((await chain.head()).address, middle.address, 'the middle server is the head');
  middle.links.thaw();
  for (const proxy of head.zookeepers) proxy.thaw();
  await chain.whole(deadlineMs);
  t.equal((await chain.tail()).address, head.address, 'the old head has joined behind the others');
  t.equal(Buffer.from((await table.get('epoch')) ?? []).toString(), 'new');
  await judge();
});
