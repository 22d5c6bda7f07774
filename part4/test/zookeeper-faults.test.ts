import { must, TableError } from '@tablelab/shared';
import { eventually, startZooKeeper, withDeadline } from '@tablelab/shared/testing';
import t, { type Test } from 'tap';
import { type Direction, FaultProxy, type ProxyLink } from '../chaos/fault-proxy.ts';
import type { SessionOptions, ZooKeeperSession } from '../src/adapters/zookeeper/zookeeper-session.ts';
import type { Children } from '../src/ports.ts';
import { LeaseKeeper } from './support/lease-keeper.ts';
import {
  type Deciders,
  errorCodeOffset,
  interfere,
  opcodes,
  sessionIdOffset,
} from './support/zookeeper-frames.ts';
import {
  createNumbered,
  deadlineMs,
  openObserver,
  openSession,
  passed,
  patientTimeoutMs,
  sessionTimeoutMs,
  testTimeoutMs,
  timed,
  watchChildren,
} from './support/zookeeper-sessions.ts';

t.setTimeout(testTimeoutMs);
const zookeeper = await startZooKeeper();
t.teardown(() => zookeeper.stop());
const nothing = new Uint8Array(0);

/** A session whose connection goes through a proxy, and another one without faults. */
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
  t.test(`a connection frozen, ${name}, is detected and given up, and the session continues`, async (t) => {
    const { session, observer, proxy } = await sessionBehindProxy(t);
    const { sessionId } = session;
    await session.ensure('/frozen');
    await session.create('/frozen/own', nothing, 'ephemeral');
    const told: Children[] = [];
    watchChildren(session, '/frozen', (children) => told.push(children));
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

t.test('a partial reply has no effect on the next connection', async (t) => {
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
  'an answer that the client library does not understand ends the connection, not the process',
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

/** The fate of the session's transactions, in order; the changes `join` and `enter` come first. */
const lostAnswers: Record<string, ('request' | 'reply' | 'none')[]> = {
  'the answer to the first change, and to the write after it': ['reply', 'reply'],
  'the answers to the first change and to all that follows': Array(6).fill('reply'),
  'the first change itself, then the answer to its repetition': ['request', 'reply'],
  'the answer to the second change, twice': ['none', 'reply', 'reply'],
};
for (const [name, fates] of Object.entries(lostAnswers)) {
  t.test(`one znode, although the network loses ${name}`, async (t) => {
    const { observer, proxy, faults } = await sessionBehindProxy(t);
    const left = [...fates];
    const meets = (opcode: number, fate: string) => {
      if (opcode !== opcodes.transaction || left[0] !== fate) return false;
      left.shift();
      return true;
    };
    faults.request = (opcode) => (meets(opcode, 'request') ? 'cut' : 'pass');
    faults.reply = (opcode) => (!meets(opcode, 'none') && meets(opcode, 'reply') ? 'cut' : 'pass');
    const paths = { chain: '/once', joining: '/once-joining' };
    const before = (await observer.children(paths.chain))?.version ?? 0;
    const keeper = await LeaseKeeper.openFor(t, {
      servers: proxy.address,
      address: '127.0.0.1:7001',
      sessionTimeoutMs: patientTimeoutMs,
      paths,
    });
    await eventually(() => keeper.id !== undefined, { deadlineMs, what: 'its place in the chain' });
    t.same(left, [], 'all of it was lost');
    t.equal(keeper.sessions.length, 1, 'in one session');
    const { names, version } = must(await observer.children(paths.chain), 'servers make it');
    t.same(
      names.map((child) => Number(child.slice(4))),
      [keeper.id],
      'one znode in the chain',
    );
    t.equal(version, before + 1, 'there was no other');
    t.same((await observer.children(paths.joining))?.names, [], 'and none waits');
    await keeper.close();
    await eventually(async () => (await observer.children(paths.chain))?.names.length === 0, { deadlineMs });
  });
}

t.test('an expired session: all calls reject, also later ones', async (t) => {
  const { session, observer, proxy, faults } = await sessionBehindProxy(t, { sessionTimeoutMs });
  await session.ensure('/expiry');
  const own = await createNumbered(session, '/expiry/n', nothing);
  let told = 0;
  watchChildren(session, '/expiry', () => {
    told += 1;
  });
  await eventually(() => told === 1, { deadlineMs });
  let lost = 0;
  faults.reply = () => {
    // Everything is held from now on, including later answers.
    lost += 1;
    proxy.freeze('toServer', 'toClient');
    return 'cut';
  };
  const reads = Array.from({ length: 20 }, () => session.getData('/'));
  const writes = Array.from({ length: 20 }, () => session.transaction([{ op: 'check', path: '/' }]));
  const create = createNumbered(session, '/expiry/n', nothing);
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

/** ZooKeeper treats each reconnect through this proxy as a new client, and answers with a new session. */
function forgetSessions(proxy: FaultProxy): void {
  const known = new WeakSet<ProxyLink>();
  proxy.intercept.toServer = (chunk, link) => {
    if (known.has(link)) return chunk;
    known.add(link);
    const changed = Buffer.from(chunk);
    changed.fill(0, sessionIdOffset, sessionIdOffset + 8);
    return changed;
  };
}

t.test('a reconnect that is answered with another session ends this one', async (t) => {
  const { session, observer, proxy } = await sessionBehindProxy(t);
  const { sessionId } = session;
  await session.create('/former', nothing, 'ephemeral');
  let connected = 0;
  session.onConnected(() => {
    connected += 1;
  });
  forgetSessions(proxy);
  proxy.cut();
  const end = await withDeadline(session.ended, deadlineMs, 'the end');
  t.match(end, { reason: 'expired', detail: /another session/ });
  t.equal(session.sessionId, sessionId, 'it is known by its own name still');
  t.equal(connected, 0, 'nobody takes the connection for one of this session');
  await t.rejects(session.getData('/'), { code: 'UNREACHABLE', message: /ended/ });
  await observer.remove('/former');
});

t.test(
  'a server whose reconnect is answered with another session joins again, and leaves no znodes behind',
  async (t) => {
    const { observer, proxy } = await sessionBehindProxy(t);
    const paths = { chain: '/forgetful', joining: '/forgetful-joining' };
    const keeper = await LeaseKeeper.openFor(t, {
      servers: proxy.address,
      address: '127.0.0.1:7001',
      sessionTimeoutMs,
      paths,
    });
    await eventually(() => keeper.id !== undefined, { deadlineMs, what: 'its place in the chain' });
    const before = keeper.id;
    const joins = async () => (await observer.children(paths.joining))?.version ?? 0;
    const joinsBefore = await joins();
    forgetSessions(proxy);
    proxy.cut();
    await eventually(() => keeper.id !== undefined && keeper.id !== before, {
      deadlineMs,
      what: 'another place',
    });
    t.equal(keeper.sessions.length, 2, 'in another session');
    t.ok((await joins()) - joinsBefore <= 4, 'one znode came and went, or two');
    t.same((await observer.children(paths.joining))?.names, [], 'none waits');
    await eventually(async () => (await observer.children(paths.chain))?.names.length === 1, {
      deadlineMs,
      what: 'the old place to go with its session',
    });
  },
);

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

t.test('close succeeds if the connection returns in time', async (t) => {
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

t.test('a lost connection is replaced repeatedly, with one socket at a time', async (t) => {
  const { session, proxy } = await sessionBehindProxy(t);
  const { sessionId } = session;
  let told = 0;
  watchChildren(session, '/', () => {
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
  t.equal(told, 1, 'a watch does not repeat a report');
});
