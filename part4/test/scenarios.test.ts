/** The ten scenarios of part4/README.md, on the simulator. Each asserts that its fault really happened. */
import { must } from '@tablelab/shared';
import t, { type Test } from 'tap';
import { contains } from '../sim/history-tree.ts';
import { zooKeeperHost } from '../sim/zookeeper-protocol.ts';
import { lostNumbersMax } from '../src/core/epoch-table.ts';
import { type Asked, numberIn, Scenario, sessionTimeoutMs } from './support/scenario.ts';

const seeds = [1, 2, 3, 4, 5];

/** Each seed gives the same situation with different delays and orders. */
function situation(name: string, lead: (t: Test, seed: number) => Promise<void>): void {
  t.test(name, async (t) => {
    for (const seed of seeds) await t.test(`seed ${seed}`, (t) => lead(t, seed));
    const [rule] = /scenario-\d+/.exec(name) ?? [];
    if (!t.passing() && rule !== undefined) t.comment(`see it in a browser: npm run page -- --rule ${rule}`);
  });
}

const snapshotsAlways = { windowUpdatesMax: 0, chunksUnderWayMax: 1 };

function isSend(type: string) {
  return (effect: { type: string; message?: { type: string } }) =>
    effect.type === 'send' && effect.message?.type === type;
}

situation('1: an empty joiner never serves reads (part4/README.md#scenario-1)', async (t, seed) => {
  const scenario = await Scenario.chainOf(1, { seed, limits: snapshotsAlways });
  for (const [value, key] of ['a', 'b', 'c', 'd', 'e'].entries())
    await scenario.resultOf(scenario.put(key, value));
  scenario.cluster.startAnother();
  const joiner = scenario.server(1);
  joiner.table.slowness = 20;
  const asked: Asked[] = [];
  const askAgain = () => {
    asked.push(scenario.ask(joiner, { op: 'get', key: 'e' }));
    if (asked.every(({ answer }) => answer?.type !== 'value')) scenario.world.schedule(1, askAgain);
  };
  askAgain();
  await scenario.until(() => joiner.core.isMember, 'the new server is a member');
  await scenario.pass(100);
  const answers = asked.flatMap(({ answer }) => (answer === undefined ? [] : [answer]));
  const refused = answers.filter(({ type }) => type === 'error').length;
  t.ok(scenario.count(isSend('chunk')) > 1, 'it was sent a snapshot in several chunks');
  t.ok(refused > 10, `while that went on it refused ${refused} reads`);
  const values = new Set(answers.filter(({ type }) => type === 'value').map(numberIn));
  t.same([...values], [4], 'once it answered, it was the value');
  await scenario.checkAll();
});

situation(
  '2: an old tail that was paused past its session answers no read afterwards (part4/README.md#scenario-2)',
  async (t, seed) => {
    const scenario = await Scenario.chainOf(3, { seed });
    await scenario.resultOf(scenario.put('a', 1));
    const tail = scenario.server(2);
    const session = must(tail.session, 'it has one');
    t.ok(tail.servesReads, 'it is the tail');
    tail.process.freeze();
    const second = scenario.put('a', 2);
    t.equal((await scenario.resultOf(second)).type, 'written', 'the others go on without it');
    t.ok(scenario.cluster.zooKeeper.isSessionOver(session), 'its session is over');
    t.notOk(
      tail.core.readRefusal(tail.process.now() - 2 * sessionTimeoutMs),
      'and it still takes itself for the tail',
    );
    const asked = scenario.ask(tail, { op: 'get', key: 'a' });
    await scenario.pass(50);
    t.equal(asked.answer, undefined, 'the request waits for it to wake up');
    tail.process.wake();
    await scenario.until(() => asked.answer !== undefined, 'it answers');
    t.match(asked.answer, { type: 'error', code: 'NOT_READY' });
    t.equal(numberIn(await scenario.resultOf(scenario.get('a'))), 2);
    await scenario.checkAll();
  },
);

situation('3: an old head’s updates are refused downstream (part4/README.md#scenario-3)', async (t, seed) => {
  const scenario = await Scenario.chainOf(3, { seed });
  await scenario.resultOf(scenario.put('a', 1));
  const [old, next] = [scenario.server(0), scenario.server(1)];
  scenario.cluster.network.cut('s0', 's1');
  const lost = scenario.put('a', 2);
  await scenario.until(() => scenario.putsIn(old.table.history).includes(2), 'the old head has numbered it');
  await scenario.until(
    () => scenario.count((effect, server) => server === old && isSend('updates')(effect)) > 1,
    'and sent it on',
  );
  const numbered = old.table.history;
  old.process.freeze();
  await scenario.until(() => next.core.isHead && next.takesWrites, 'the next server is the head');
  t.equal((await scenario.resultOf(lost)).type, 'written', 'the repeat is executed there');
  scenario.cluster.network.mend('s0', 's1');
  await scenario.pass(50);
  old.process.wake();
  await scenario.checkAll();
  t.ok(numbered.update?.epoch === 0 && numbered.seq === 2, 'the old head had executed update 0:2');
  for (const server of scenario.cluster.servers) {
    t.notOk(contains(server.table.history, numbered), `${server.name} has the update of another head there`);
    t.same(scenario.putsIn(server.table.history), [1, 2], 'and each value once');
  }
});

situation(
  '4: a crash in the middle loses no acknowledged write and executes none twice (part4/README.md#scenario-4)',
  async (t, seed) => {
    const scenario = await Scenario.chainOf(3, { seed });
    const values = Array.from({ length: 20 }, (_, value) => value);
    const middle = scenario.server(1);
    scenario.onEffect = (server, effect) => {
      if (server !== middle || effect.type !== 'execute') return;
      if (effect.updates.some(({ op, data }) => op === 'put' && data[0] === 8)) middle.crash();
    };
    const calls = values.map((value) => scenario.put('a', value));
    for (const call of calls) t.equal((await scenario.resultOf(call)).type, 'written');
    t.notOk(middle.process.isAlive, 'the middle has crashed');
    await scenario.checkAll();
    t.equal(scenario.cluster.servers.length, 2);
    for (const server of scenario.cluster.servers) {
      t.same(scenario.putsIn(server.table.history), values, 'each write is there once, in order');
    }
  },
);

situation(
  '5: a repeat after the head died returns the original outcome (part4/README.md#scenario-5)',
  async (t, seed) => {
    const scenario = await Scenario.chainOf(3, { seed });
    await scenario.resultOf(scenario.put('a', 1));
    const head = scenario.server(0);
    scenario.onEffect = (server, effect) => {
      if (server === scenario.cluster.serverIn(1) && isSend('ack')(effect) && head.process.isAlive)
        head.crash();
    };
    const call = scenario.put('a', 2);
    const result = await scenario.resultOf(call);
    t.notOk(head.process.isAlive, 'the head has crashed before it could answer');
    t.ok(scenario.server(1).core.isHead, 'there is a new head');
    t.match(result, { type: 'written', name: { epoch: 0, number: 2 } }, 'the name that the old one gave');
    await scenario.checkAll();
    t.same(scenario.putsIn(scenario.server(1).table.history), [1, 2], 'it was executed once');
  },
);

situation(
  '6: verify survives failover and rejects names it does not know (part4/README.md#scenario-6)',
  async (t, seed) => {
    const scenario = await Scenario.chainOf(3, { seed });
    const written = await scenario.resultOf(scenario.put('a', 1));
    t.match(written, { type: 'written', name: { epoch: 0, number: 1 } });
    scenario.server(0).crash();
    scenario.cluster.start(0);
    const next = await scenario.resultOf(scenario.put('a', 2));
    t.match(
      next,
      { type: 'written', name: { epoch: 1, number: 2 + lostNumbersMax } },
      'another head has numbered that',
    );
    await scenario.untilQuiet();
    const tail = must(
      scenario.cluster.servers.find((server) => server.servesReads),
      'somebody answers reads',
    );
    const verify = async (epoch: number | undefined, number: number) => {
      const asked = scenario.ask(tail, { op: 'verify', name: { epoch, number } });
      await scenario.until(() => asked.answer !== undefined, 'it answers');
      return asked.answer;
    };
    t.match(await verify(0, 1), { type: 'verified', executed: true }, 'the old head’s write');
    t.match(
      await verify(1, 2 + lostNumbersMax),
      { type: 'verified', executed: true },
      'the new head’s write',
    );
    t.match(await verify(undefined, 1), { type: 'verified', executed: true }, 'by its number alone');
    t.match(await verify(undefined, 2 + lostNumbersMax), { type: 'verified', executed: true });
    t.match(await verify(undefined, 2), { type: 'error', code: 'LOST' }, 'no other write gets that number');
    t.match(await verify(0, 2), { type: 'error', code: 'LOST' }, 'a place that another head has');
    t.match(await verify(0, 7), { type: 'error', code: 'LOST' }, 'a name of a reign that is over');
    t.match(
      await verify(1, 7 + lostNumbersMax),
      { type: 'verified', executed: false },
      'a write that may come',
    );
  },
);

situation('7: no COMMITTED before the tail has executed (part4/README.md#scenario-7)', async (t, seed) => {
  const scenario = await Scenario.chainOf(3, { seed });
  await scenario.resultOf(scenario.put('a', 1));
  const [head, middle, tail] = [scenario.server(0), scenario.server(1), scenario.server(2)];
  const executed = () => [head, middle, tail].map(({ table }) => table.executed);
  let executedAtReply: number[] = [];
  scenario.onEffect = (_, effect) => {
    if (effect.type === 'reply' && effect.reply.type === 'committed') executedAtReply = executed();
  };
  tail.table.hold();
  const call = scenario.put('a', 2);
  await scenario.until(() => tail.core.received === 3, 'the tail has it');
  await scenario.pass(sessionTimeoutMs);
  t.same(executed(), [3, 3, 2], 'all but the tail have executed it');
  t.equal(call.outcome, undefined, 'it is not answered');
  const asked = scenario.ask(tail, { op: 'get', key: 'a' });
  await scenario.until(() => asked.answer !== undefined, 'the tail answers');
  t.equal(numberIn(must(asked.answer, 'it answers')), 1, 'nor shown');
  t.same(executedAtReply, []);
  tail.table.release();
  t.equal((await scenario.resultOf(call)).type, 'written');
  t.same(executedAtReply, [3, 3, 3], 'it was answered once the tail had executed it, too');
  await scenario.checkAll();
});

situation(
  '8: losing ZooKeeper stops service within the lease, and service resumes by itself (part4/README.md#scenario-8)',
  async (t, seed) => {
    const scenario = await Scenario.chainOf(2, { seed });
    const { zooKeeper } = scenario.cluster;
    const [head, tail] = [scenario.server(0), scenario.server(1)];
    await scenario.resultOf(scenario.put('a', 1));
    t.ok(head.takesWrites && tail.servesReads, 'it serves');
    zooKeeper.goDown();
    const downAt = scenario.world.now;
    await scenario.until(() => !head.takesWrites && !tail.servesReads, 'it stops');
    const lasted = scenario.world.now - downAt;
    t.ok(lasted <= 0.75 * 1.05 * sessionTimeoutMs, `it served for ${Math.round(lasted)} ms more`);
    const asked = scenario.ask(tail, { op: 'get', key: 'a' });
    const write = scenario.put('a', 2);
    let served = 0;
    await scenario.pass(3 * sessionTimeoutMs, () => {
      served += Number(head.takesWrites || tail.servesReads);
    });
    t.equal(served, 0, 'nobody serves');
    t.match(asked.answer, { type: 'error', code: 'NOT_READY' });
    t.equal(write.outcome, undefined, 'the write waits');
    zooKeeper.comeUp({ wiped: false });
    t.equal(
      (await scenario.resultOf(write)).type,
      'written',
      'and is executed when ZooKeeper is there again',
    );
    t.equal(numberIn(await scenario.resultOf(scenario.get('a'))), 2);
    await scenario.checkAll();
  },
);

situation(
  '9: after total failure no stale server comes back as head unasked (part4/README.md#scenario-9)',
  async (t, seed) => {
    const scenario = await Scenario.chainOf(2, { seed });
    await scenario.resultOf(scenario.put('a', 1));
    const [head, stale] = [scenario.server(0), scenario.server(1)];
    const ways = [
      ['s1', zooKeeperHost],
      [zooKeeperHost, 's1'],
    ] as const;
    scenario.cluster.cut(ways, 8_000);
    await scenario.until(() => head.core.view?.servers.length === 1, 'the chain goes on without it');
    t.equal((await scenario.resultOf(scenario.put('a', 2))).type, 'written');
    head.crash();
    await scenario.pass(8_000);
    const { zooKeeper } = scenario.cluster;
    await scenario.until(() => zooKeeper.chain.joining.length === 1, 'the stale server is back at ZooKeeper');
    t.same(scenario.putsIn(stale.table.history), [1], 'it lacks a write that was committed');
    let served = 0;
    await scenario.pass(20_000, () => {
      served += Number(stale.takesWrites || stale.servesReads);
    });
    t.equal(served, 0, 'it serves nobody');
    const warnings = scenario.count((effect) => effect.type === 'log' && effect.level === 'warn');
    t.ok(warnings > 0, 'and says why');
  },
);

situation('10: order holds across reconnects (part4/README.md#scenario-10)', async (t, seed) => {
  const scenario = await Scenario.chainOf(3, { seed, limits: { batchUpdatesMax: 2, redialDelayMs: 5 } });
  const values = Array.from({ length: 60 }, (_, value) => value);
  let broken = 0;
  const breakLinks = () => {
    for (const [from, to] of [
      ['s0', 's1'],
      ['s1', 's2'],
      ['s2', 's1'],
    ] as const) {
      for (const end of scenario.cluster.network.between(from, to)) {
        end.break('the test breaks it');
        broken += 1;
      }
    }
    if (!calls.every(({ outcome }) => outcome !== undefined)) scenario.world.schedule(20, breakLinks);
  };
  const calls = values.map((value) => scenario.put(`k${value % 3}`, value));
  scenario.world.schedule(5, breakLinks);
  for (const call of calls) t.equal((await scenario.resultOf(call)).type, 'written');
  t.ok(broken > 5, `links were broken ${broken} times`);
  await scenario.checkAll();
  for (const server of scenario.cluster.servers) {
    t.same(scenario.putsIn(server.table.history), values, `${server.name} has all in order`);
  }
});

// ---- late reports to the core ----

situation(
  'writes that a read has shown are covered by HANDOVER, even before they are reported',
  async (t, seed) => {
    const scenario = await Scenario.chainOf(1, { seed });
    await scenario.resultOf(scenario.put('a', 1));
    const tail = scenario.server(0);
    scenario.onEffect = (server, effect) => {
      // The new server is being admitted: from now on the tail's executor works, and its reports are late.
      if (server === tail && isSend('invite')(effect)) tail.table.tellDelayMs = 5_000;
      if (server !== tail || !isSend('handover')(effect)) return;
      // Messages after HANDOVER are delayed for a while.
      scenario.world.schedule(0, () => tail.process.freeze());
      scenario.world.schedule(500, () => tail.process.wake());
    };
    scenario.cluster.startAnother();
    const joiner = scenario.server(1);
    const shown: Asked[] = [];
    await scenario.until(() => tail.table.tellDelayMs > 0, 'the new server is invited');
    scenario.ask(tail, {
      op: 'put',
      key: 'a',
      data: Uint8Array.of(2),
      client: '',
      request: 0,
      firstIncomplete: 0,
    });
    const askAgain = () => {
      shown.push(scenario.ask(tail, { op: 'get', key: 'a' }));
      if (!tail.process.isFrozen) scenario.world.schedule(1, askAgain);
    };
    await scenario.until(() => scenario.putsIn(tail.table.history).includes(2), 'the tail has executed it');
    askAgain();
    await scenario.until(() => tail.process.isFrozen, 'the tail has handed over');
    const before = shown.flatMap(({ answer }) => (answer?.type === 'value' ? [numberIn(answer)] : []));
    t.ok(before.includes(2), 'the tail has answered with the write');
    await scenario.until(() => joiner.servesReads, 'the new server answers reads');
    const after = scenario.ask(joiner, { op: 'get', key: 'a' });
    await scenario.until(() => after.answer !== undefined, 'it answers');
    t.equal(numberIn(must(after.answer, 'it answers')), 2, 'with the write, too');
  },
);
