import { TableError } from '@tablelab/shared';
import {
  type Direction,
  eventually,
  FaultProxy,
  startZooKeeper,
  withDeadline,
} from '@tablelab/shared/testing';
import t, { type Test } from 'tap';
import type {
  Children,
  SessionOptions,
  ZooKeeperSession,
} from '../src/adapters/zookeeper/zookeeper-session.ts';
import { type Deciders, errorCodeOffset, interfere, opcodes } from './support/zookeeper-frames.ts';
import {
  deadlineMs,
  fileTimeoutMs,
  openObserver,
  openSession,
  passed,
  patientTimeoutMs,
  sessionTimeoutMs,
  timed,
} from './support/zookeeper-sessions.ts';

t.setTimeout(fileTimeoutMs);
const zookeeper = await startZooKeeper();
t.teardown(() => zookeeper.stop());
const nothing = new Uint8Array(0);

/** A session whose connection goes through a proxy of its own, and one beside it that has no faults. */
async function sessionBehindProxy(
  t: Test,
  options: Partial<SessionOptions> = {},
): Promise<{ session: ZooKeeperSession; observer: ZooKeeperSession; proxy: FaultProxy; faults: Deciders }> {
  const proxy = await FaultProxy.start(zookeeper);
  t.teardown(() => proxy.close());
  const faults = interfere(proxy);
  const session = await openSession(t, proxy.address, { sessionTimeoutMs: patientTimeoutMs, ...options });
  return { session, observer: await openObserver(t, zookeeper.address), proxy, faults };
}

const freezes: Record<string, Direction[]> = {
  'both ways': ['toServer', 'toClient'],
  'requests only': ['toServer'],
  'answers only': ['toClient'],
};
for (const [name, directions] of Object.entries(freezes)) {
  t.test(`a connection frozen, ${name}, is noticed and given up, and the session goes on`, async (t) => {
    const { session, observer, proxy } = await sessionBehindProxy(t);
    const { sessionId } = session;
    await session.ensure('/frozen');
    await session.create('/frozen/own', nothing, 'ephemeral');
    const told: Children[] = [];
    session.watchChildren('/frozen', (children) => told.push(children));
    await eventually(() => told.length === 1, { deadlineMs });

    proxy.freeze(...directions);
    const frozenAt = performance.now();
    const call = session.setData('/frozen', nothing, 0);
    await t.rejects(
      call,
      { code: 'UNREACHABLE', mayHaveHappened: true },
      'a write under way may have happened',
    );
    const noticedMs = performance.now() - frozenAt;
    t.ok(noticedMs > 0.2 * patientTimeoutMs, `not before silence means something: ${noticedMs} ms`);
    t.ok(noticedMs < 0.75 * patientTimeoutMs, `before the lease is over: ${noticedMs} ms`);
    t.notOk(session.isConnected, 'it knows that it is not connected');
    await t.rejects(
      session.getData('/'),
      { code: 'UNREACHABLE', mayHaveHappened: false },
      'a read never has',
    );
    await observer.create('/frozen/other', nothing, 'ephemeral');

    proxy.thaw();
    await withDeadline(session.connectedOrEnded(), deadlineMs, 'the reconnect');
    t.equal(session.sessionId, sessionId, 'the same session');
    t.ok(await session.getData('/frozen/own'), 'with its ephemeral znode');
    await eventually(() => told.at(-1)?.names.includes('other'), {
      deadlineMs,
      what: 'the change that happened while frozen',
    });
    await session.remove('/frozen/own');
    await observer.remove('/frozen/other');
    await session.remove('/frozen');
  });
}

t.test('a reply cut in the middle leaves nothing behind for the next connection', async (t) => {
  const { session, proxy, faults } = await sessionBehindProxy(t);
  const { sessionId } = session;
  const data = Buffer.alloc(1_000, 'd');
  await session.create('/cut', data, 'ephemeral');
  let half = 0;
  proxy.intercept.toClient = (chunk, link) => {
    if (chunk.length < data.length) return chunk;
    half = chunk.length / 2;
    // The half must have reached the client before the connection ends: the next chunk, a ping's answer, ends it.
    proxy.intercept.toClient = () => {
      proxy.intercept.toClient = undefined;
      link.cut();
      return undefined;
    };
    return chunk.subarray(0, half);
  };
  const call = session.getData('/cut');
  session.children('/').catch(() => undefined);
  await t.rejects(call, { code: 'UNREACHABLE', mayHaveHappened: false }, 'a read never has');
  t.ok(half > 0, 'half of the reply was passed on');
  await withDeadline(session.connectedOrEnded(), deadlineMs, 'the reconnect');
  t.equal(session.sessionId, sessionId);
  t.equal((await session.getData('/cut'))?.data.length, data.length, 'the next reply is understood');
  t.equal(proxy.accepted, 2, 'with the first new connection');
  faults.reply = undefined;
});

t.test(
  'an answer that the client library does not understand costs the connection, not the process',
  async (t) => {
    const { session, proxy, faults } = await sessionBehindProxy(t);
    const { sessionId } = session;
    const sessionMoved = -118;
    let spoiled = 0;
    faults.reply = (_opcode, { bytes }) => {
      spoiled += 1;
      faults.reply = undefined;
      const changed = Buffer.from(bytes);
      changed.writeInt32BE(sessionMoved, errorCodeOffset);
      return changed;
    };
    await t.rejects(session.getData('/'), { code: 'UNREACHABLE' }, 'an unknown error code');
    await withDeadline(session.connectedOrEnded(), deadlineMs, 'the reconnect');
    proxy.intercept.toClient = () => {
      spoiled += 1;
      proxy.intercept.toClient = undefined;
      return Buffer.alloc(100, 0xff);
    };
    await t.rejects(session.getData('/'), { code: 'UNREACHABLE' }, 'garbage');
    await withDeadline(session.connectedOrEnded(), deadlineMs, 'the reconnect');
    t.equal(spoiled, 2, 'both were sent');
    t.equal(session.sessionId, sessionId, 'the session goes on');
    t.ok(await session.getData('/'));
  },
);

const lostAnswers: Record<string, { requests: number[]; replies: number[] }> = {
  'the answer to create twice': { requests: [], replies: [opcodes.create, opcodes.transaction] },
  'the answers to create and to all that follows': {
    requests: [],
    replies: [opcodes.create, opcodes.transaction, opcodes.getChildren],
  },
  'the request first, then the answer': {
    requests: [opcodes.create],
    replies: [opcodes.create, opcodes.getChildren],
  },
};
for (const [name, lost] of Object.entries(lostAnswers)) {
  t.test(`one znode, although the network loses ${name}`, async (t) => {
    const { session, observer, faults } = await sessionBehindProxy(t);
    await session.ensure('/once');
    const earlier = await session.createEphemeralSequential('/once/n', nothing);
    const foreign = await observer.createEphemeralSequential('/once/n', nothing);
    const requests = [...lost.requests];
    const replies = [...lost.replies];
    const loseNext = (list: number[], opcode: number) => {
      if (list[0] !== opcode) return 'pass';
      list.shift();
      return 'cut';
    };
    faults.request = (opcode) => loseNext(requests, opcode);
    faults.reply = (opcode) => (requests.length > 0 ? 'pass' : loseNext(replies, opcode));

    const own = await withDeadline(
      session.createEphemeralSequential('/once/n', nothing),
      deadlineMs,
      'create',
    );
    t.same([requests, replies], [[], []], 'all of it was lost');
    const names = (await observer.children('/once'))?.names.map((child) => `/once/${child}`);
    t.same(names, [earlier, foreign, own].toSorted(), 'exactly one more znode, and that is the one returned');
    t.equal((await observer.getData(own))?.owner, session.sessionId, 'it belongs to the session');
    for (const path of [earlier, own]) await session.remove(path);
    await observer.remove(foreign);
  });
}

t.test('close ends the search for what an unanswered create became', async (t) => {
  const { session, observer, faults } = await sessionBehindProxy(t);
  await session.ensure('/closing');
  let closing: Promise<void> | undefined;
  faults.reply = (opcode) => {
    if (opcode === opcodes.transaction) closing ??= session.close();
    return opcode === opcodes.create ? 'cut' : 'pass';
  };
  const created = session.createEphemeralSequential('/closing/n', nothing);
  await t.rejects(withDeadline(created, deadlineMs, 'create'), { code: 'UNREACHABLE' });
  t.ok(closing, 'it was searching');
  await closing;
  t.same((await observer.children('/closing'))?.names, [], 'and what it made goes with the session');
});

t.test('a session that expires: everything rejects, and stays so', async (t) => {
  const { session, observer, proxy, faults } = await sessionBehindProxy(t, { sessionTimeoutMs });
  await session.ensure('/expiry');
  const own = await session.createEphemeralSequential('/expiry/n', nothing);
  let told = 0;
  session.watchChildren('/expiry', () => {
    told += 1;
  });
  await eventually(() => told === 1, { deadlineMs });
  let lost = 0;
  faults.reply = () => {
    // Everything is held back from now on, the answers to come included.
    lost += 1;
    proxy.freeze('toServer', 'toClient');
    return 'cut';
  };
  const reads = Array.from({ length: 20 }, () => session.getData('/'));
  const writes = Array.from({ length: 20 }, () => session.transaction([{ op: 'check', path: '/' }]));
  const create = session.createEphemeralSequential('/expiry/n', nothing);
  const outcomes = Promise.allSettled([...reads, ...writes, create]);
  await eventually(async () => (await observer.getData(own)) === undefined, {
    deadlineMs,
    what: 'ZooKeeper to drop the znode',
  });
  t.ok(lost >= 1, 'calls were under way');
  faults.reply = undefined;
  proxy.thaw();
  t.match(await withDeadline(session.ended, deadlineMs, 'the end'), { reason: 'expired' });
  const settled = await withDeadline(outcomes, deadlineMs, 'all calls');
  t.ok(
    settled.every(({ status }) => status === 'rejected'),
    'every call under way rejects',
  );
  const errors = settled.map((outcome) => (outcome.status === 'rejected' ? outcome.reason : undefined));
  t.ok(errors.slice(0, 20).every((error) => error instanceof TableError && !error.mayHaveHappened));
  t.ok(errors.slice(20, 40).every((error) => error instanceof TableError && error.mayHaveHappened));
  await t.rejects(
    session.getData('/'),
    { code: 'UNREACHABLE', message: /ended/ },
    'later calls reject at once',
  );
  await observer.create('/expiry/late', nothing, 'ephemeral');
  t.equal(told, 1, 'a watch tells nothing after the end');
  t.same((await observer.children('/expiry'))?.names, ['late'], 'nothing that was under way happens later');
  t.ok((await timed(() => session.close())) < 100, 'closing an expired session is nothing');
  await observer.remove('/expiry/late');
});

t.test(
  'close while the link is frozen takes less than a second and leaves the znodes to the time-out',
  async (t) => {
    const { session, observer, proxy } = await sessionBehindProxy(t, { sessionTimeoutMs });
    await session.create('/left', nothing, 'ephemeral');
    for (const state of ['connected', 'disconnected']) {
      const doomed = state === 'connected' ? session : await openSession(t, proxy.address);
      proxy.freeze('toServer', 'toClient');
      if (state === 'disconnected') await eventually(() => !doomed.isConnected, { deadlineMs });
      const elapsedMs = await timed(() => doomed.close());
      t.ok(elapsedMs < 1_000, `${state}: ${elapsedMs} ms`);
      proxy.cut();
      proxy.thaw();
    }
    const start = performance.now();
    await eventually(async () => (await observer.getData('/left')) === undefined, { deadlineMs });
    t.ok(performance.now() - start < 2 * sessionTimeoutMs, 'the znode goes when the session times out');
  },
);

t.test('close goes through when the connection comes back in time', async (t) => {
  const { session, observer, proxy } = await sessionBehindProxy(t);
  await session.create('/back', nothing, 'ephemeral');
  proxy.freeze('toServer', 'toClient');
  proxy.cut();
  await eventually(() => !session.isConnected, { deadlineMs });
  const closing = timed(() => session.close());
  proxy.thaw();
  const elapsedMs = await closing;
  t.equal(await observer.getData('/back'), undefined, 'its znode is gone at once');
  t.ok(elapsedMs < 1_000, `${elapsedMs} ms`);
});

t.test('a lost connection is replaced again and again, with one socket at a time', async (t) => {
  const { session, proxy } = await sessionBehindProxy(t);
  const { sessionId } = session;
  let told = 0;
  session.watchChildren('/', () => {
    told += 1;
  });
  await eventually(() => told === 1, { deadlineMs });
  for (let round = 0; round < 20; round += 1) {
    proxy.cut();
    await eventually(() => proxy.accepted > round + 1 && session.isConnected, { deadlineMs });
  }
  t.equal(session.sessionId, sessionId, 'the same session after 20 cuts');
  t.equal(proxy.accepted, 21, 'one connection a cut');
  await passed(performance.now(), sessionTimeoutMs);
  t.ok(session.isConnected, 'and no forgotten timer of an earlier socket ends the last one');
  t.equal(proxy.accepted, 21);
  t.equal(told, 1, 'a watch does not tell again what it has told');
});
