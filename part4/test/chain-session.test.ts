import { eventually, startZooKeeper } from '@tablelab/shared/testing';
import t from 'tap';
import { FaultProxy } from '../chaos/fault-proxy.ts';
import { nodeClock } from '../src/adapters/node/node-clock.ts';
import { ChainSession, type SessionEvent } from '../src/adapters/zookeeper/chain-session.ts';
import type { JoiningData } from '../src/core/directory.ts';
import { interfere, opcodes } from './support/zookeeper-frames.ts';
import { deadlineMs, openObserver, openSession, testTimeoutMs } from './support/zookeeper-sessions.ts';

t.setTimeout(testTimeoutMs);
const zookeeper = await startZooKeeper();
t.teardown(() => zookeeper.stop());

t.test('a directory that was read before a change had ended is not reported after it', async (t) => {
  const proxy = await FaultProxy.start(zookeeper);
  t.teardown(() => proxy.close());
  const faults = interfere(proxy);
  const session = await openSession(t, proxy.address);
  const observer = await openObserver(t, zookeeper.address);
  const events: SessionEvent[] = [];
  const chain = new ChainSession(session, {
    paths: { chain: '/chain', joining: '/chain-joining' },
    emit: (event) => events.push(event),
    clock: nodeClock,
    log: () => undefined,
  });
  t.teardown(() => chain.stop());
  const last = () => {
    const event = events.at(-1);
    return event?.type === 'directory' ? event.directory : undefined;
  };
  const data: JoiningData = { address: '127.0.0.1:1', member: '0'.repeat(16), state: null };
  await eventually(() => last() !== undefined, { deadlineMs });
  await chain.change({ type: 'join', data });
  const [own] = await eventually(() => (last()?.joining.length === 1 ? last()?.joining : undefined), {
    deadlineMs,
  });

  // The last answer to a read under way arrives in one piece with the answer to a change, right after it.
  let lists = 0;
  let list: Buffer | undefined;
  let outcome: Buffer | undefined;
  faults.reply = (opcode, { bytes }) => {
    const held = { list, outcome };
    if (opcode === opcodes.getChildren) lists += 1;
    if (opcode === opcodes.getChildren && lists === 2) {
      list = bytes;
      return Buffer.alloc(0);
    }
    if (opcode === opcodes.transaction && held.list !== undefined) {
      outcome = bytes;
      return held.list;
    }
    if (opcode !== opcodes.getData || held.outcome === undefined) return 'pass';
    faults.reply = undefined;
    return Buffer.concat([held.outcome, bytes]);
  };
  await observer.setData('/chain', new Uint8Array(0), 0);
  await eventually(() => list !== undefined, { deadlineMs, what: 'the read to be half done' });
  const before = events.length;
  await chain.change({ type: 'withdraw', id: own?.id ?? -1, inChain: false });
  t.equal(faults.reply, undefined, 'both answers came together');
  await eventually(() => last()?.joining.length === 0, { deadlineMs, what: 'what came of the change' });
  const told = events.slice(before);
  const over = told.findIndex(({ type }) => type === 'change-over');
  const later = told.slice(over + 1).flatMap((event) => (event.type === 'directory' ? event.directory : []));
  t.ok(over >= 0 && later.length > 0);
  t.same(
    later.map(({ joining }) => joining.length),
    later.map(() => 0),
    'what is told after the change shows it',
  );
});
