import { readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import type { TableError } from '@tablelab/shared';
import { eventually, pauseProcess, startZooKeeper, withDeadline } from '@tablelab/shared/testing';
import zookeeperClient from 'node-zookeeper-client';
import t, { type Test } from 'tap';
import { isAddress, parseZooKeeperAddress } from '../src/adapters/zookeeper/server-addresses.ts';
import { ZooKeeperSession } from '../src/adapters/zookeeper/zookeeper-session.ts';
import type { Children } from '../src/ports.ts';
import {
  createNumbered,
  deadlineMs,
  openObserver,
  openResources,
  openSession,
  patientTimeoutMs,
  sessionTimeoutMs,
  testTimeoutMs,
  timed,
  watchChildren,
} from './support/zookeeper-sessions.ts';

t.setTimeout(testTimeoutMs);
const zookeeper = await startZooKeeper();
t.teardown(() => zookeeper.stop());
const { address } = zookeeper;
const nothing = new Uint8Array(0);
const closeMaxMs = 1_000;

/** A server that accepts connections and never answers. */
async function silentServer(t: Test): Promise<{ address: string; accepted: () => number }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.resume());
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const bound = server.address();
  return {
    address: `127.0.0.1:${bound !== null && typeof bound === 'object' ? bound.port : 0}`,
    accepted: () => sockets.size,
  };
}

t.test('the client library is the version whose faults are known', async (t) => {
  const manifest = (folder: string) =>
    JSON.parse(readFileSync(new URL(`${folder}/package.json`, import.meta.url), 'utf8'));
  t.equal(
    manifest('..').dependencies['node-zookeeper-client'],
    '1.1.3',
    'its version is pinned exactly: the wrapper reaches into its internals',
  );
  t.equal(manifest('../../node_modules/node-zookeeper-client').version, '1.1.3', 'and that one is installed');
  const client = zookeeperClient.createClient(address, { sessionTimeout: 1_000, spinDelay: 0, retries: 0 });
  const manager = client.connectionManager as unknown as Record<string, unknown>;
  for (const name of ['findNextServer', 'onSocketData', 'onSocketError', 'onSocketClosed']) {
    t.type(manager[name], 'function', `the wrapper replaces ${name}`);
  }
  for (const name of ['connectTimeoutHandler', 'pendingBuffer', 'packetQueue', 'pingTimeout', 'servers']) {
    t.ok(name in manager, `the wrapper reads or sets ${name}`);
  }
  t.ok(Array.isArray(client.connectionManager.packetQueue.queue), 'the wrapper empties packetQueue.queue');
  t.equal(
    client.transaction().check('/a', 0).ops[0]?.version,
    -1,
    'the trap: version 0 becomes "any version"',
  );
});

t.test('an address is host:port', async (t) => {
  for (const good of ['127.0.0.1:1', 'localhost:65535', 'zoo-1.example.org:2181'])
    t.ok(isAddress(good), good);
  for (const bad of [
    '',
    'a',
    ':1',
    'a:',
    'a:0',
    'a:65536',
    'a:1x',
    'a b:1',
    'a:1,b:2',
    'a:1/chain',
    'a:b:1',
  ]) {
    t.notOk(isAddress(bad), `no address: "${bad}"`);
    const opened = openSession(t, `127.0.0.1:1,${bad}`);
    if (bad !== 'a:1,b:2' && bad !== 'a:1/chain')
      await t.rejects(opened, { code: 'BAD_REQUEST' }, `refused at once: "${bad}"`);
    else opened.catch(() => undefined);
  }
});

t.test('an address may end with a path, below which all znodes lie', async (t) => {
  for (const bad of ['/a', 'a:1/', 'a:1//b', 'a:1/b/', 'a:1/b c', 'a:1/b,c:1']) {
    t.throws(() => parseZooKeeperAddress(bad), { code: 'BAD_REQUEST' }, bad);
  }
  t.same(parseZooKeeperAddress('a:1,b:2/c/d'), { servers: ['a:1', 'b:2'], root: '/c/d' });
  t.same(parseZooKeeperAddress('a:1'), { servers: ['a:1'], root: '' });
  const below = await openSession(t, `${address}/course/group-1`);
  const all = await openSession(t, address);
  await below.ensure('/table');
  await below.ensure('/table');
  t.ok(await all.getData('/course/group-1/table'), 'the path of the address is made, too');
  t.equal(
    await below.create('/table/node', Buffer.from('1'), 'ephemeral-sequential'),
    '/table/node0000000000',
  );
  const changed = Promise.withResolvers<void>();
  t.match(await below.children('/table', changed.resolve), { names: ['node0000000000'] });
  const made = await below.transaction([
    { op: 'check', path: '/table/node0000000000' },
    { op: 'create', path: '/table/other', data: Buffer.from('2'), mode: 'persistent' },
  ]);
  t.match(made, { committed: true, paths: [undefined, '/table/other'] });
  await withDeadline(changed.promise, deadlineMs, 'the watch');
  t.equal(await below.setData('/table', Buffer.from('3'), 0), 1);
  t.same((await all.children('/course/group-1/table'))?.names, ['node0000000000', 'other']);
  await below.remove('/table/other');
  t.same(await below.exists('/table/other', () => undefined), false);
  t.match(await below.transaction([{ op: 'check', path: '/' }]), { committed: true }, 'the barrier');
});

t.test('znodes are made, read, written and removed', async (t) => {
  const session = await openSession(t, address, { sessionTimeoutMs: patientTimeoutMs });
  t.match(session.sessionId, /^[0-9a-f]{16}$/, 'a session has an id');
  t.equal(session.sessionTimeoutMs, patientTimeoutMs, 'the time-out asked for was granted');
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
  t.equal(await session.create('/znode', bytes, 'persistent'), '/znode');
  t.equal(await session.create('/znode', bytes, 'persistent'), undefined, 'it exists already');
  const made = await session.getData('/znode');
  t.same([...(made?.data ?? [])], [...bytes], 'data is arbitrary bytes');
  t.match(made, { version: 0, owner: '0000000000000000' });
  t.equal(await session.setData('/znode', nothing, 0), 1, 'version 0 is compared like any other');
  t.equal(await session.setData('/znode', bytes, 0), undefined, 'a version that differs writes nothing');
  t.equal(await session.setData('/absent', bytes, 0), undefined);
  t.match(await session.getData('/znode'), { data: { length: 0 }, version: 1 });
  t.equal(await session.create('/znode/own', nothing, 'ephemeral'), '/znode/own');
  t.equal((await session.getData('/znode/own'))?.owner, session.sessionId);
  await t.rejects(session.remove('/znode'), { code: 'BAD_REQUEST', message: /not-empty/ });
  await t.rejects(session.create('/absent/a', nothing, 'persistent'), { message: /absent/ });
  await t.rejects(session.create('no-path', nothing, 'persistent'), { code: 'BAD_REQUEST' });
  await session.remove('/znode/own');
  await session.remove('/znode');
  await session.remove('/znode');
  t.equal(await session.getData('/znode'), undefined);
  t.equal(await session.children('/znode'), undefined);
  await session.ensure('/ensured');
  await session.ensure('/ensured');
  const paths = [await createNumbered(session, '/ensured/n', nothing), '', ''];
  paths[1] = await createNumbered(session, '/ensured/n', nothing);
  t.same(paths.slice(0, 2), ['/ensured/n0000000000', '/ensured/n0000000001']);
  t.same(await session.children('/ensured'), { names: ['n0000000000', 'n0000000001'], version: 2 });
});

t.test('a transaction does all or nothing, and compares version 0', async (t) => {
  const session = await openObserver(t, address);
  await session.create('/record', nothing, 'persistent');
  t.same(
    await session.transaction([
      { op: 'check', path: '/record', version: 0 },
      { op: 'create', path: '/record/n', data: nothing, mode: 'ephemeral-sequential' },
      { op: 'setData', path: '/record', data: Buffer.from('one'), version: 0 },
    ]),
    { committed: true, paths: [undefined, '/record/n0000000000', undefined] },
  );
  t.same(
    await session.transaction([
      { op: 'remove', path: '/record/n0000000000' },
      { op: 'setData', path: '/record', data: Buffer.from('two'), version: 0 },
      { op: 'check', path: '/' },
    ]),
    { committed: false, refused: 1, refusal: 'version-differs' },
    'a step of version 0 is refused once the znode has been set',
  );
  t.same((await session.children('/record'))?.names, ['n0000000000'], 'and the step before was not done');
  t.match(await session.transaction([{ op: 'check', path: '/absent' }]), { refused: 0, refusal: 'absent' });
  t.match(await session.transaction([{ op: 'create', path: '/record', data: nothing, mode: 'persistent' }]), {
    refusal: 'exists',
  });
});

t.test('an idle session stays open, also if a callback throws', async (t) => {
  const idleTimeoutMs = 2 * sessionTimeoutMs;
  const logged: string[] = [];
  const session = await openSession(t, address, {
    sessionTimeoutMs: idleTimeoutMs,
    log: (message) => logged.push(message),
  });
  const other = await openObserver(t, address);
  await session.ensure('/throwing');
  const seen: number[] = [];
  const throwing = ({ names }: Children) => {
    seen.push(names.length);
    throw new Error('thrown by the listener');
  };
  watchChildren(session, '/throwing', throwing, (line) => logged.push(line));
  await eventually(() => seen.length === 1, { deadlineMs });
  const { sessionId } = session;
  let wasDisconnected = false;
  const start = performance.now();
  await eventually(
    () => {
      wasDisconnected ||= !session.isConnected;
      return performance.now() - start > 1.2 * idleTimeoutMs;
    },
    { deadlineMs },
  );
  t.notOk(wasDisconnected, 'pings keep an idle connection from counting as silent');
  await createNumbered(other, '/throwing/n', nothing);
  await eventually(() => seen.length === 2, { deadlineMs, what: 'the change after the throw' });
  t.same(seen, [0, 1], 'a listener that threw is told the next change');
  t.match(
    logged,
    [/a listener .* threw: thrown by/, /a listener .* threw: thrown by/],
    'what it threw is logged',
  );
  t.equal(session.sessionId, sessionId);
});

t.test('a watch reports every lasting change until it is stopped', async (t) => {
  const session = await openObserver(t, address);
  const other = await openObserver(t, address);
  await session.ensure('/watched');
  const told: Children[] = [];
  const watch = watchChildren(session, '/watched', (children) => told.push(children));
  const paths: string[] = [];
  for (let change = 0; change < 20; change += 1) {
    paths.push(await createNumbered(other, '/watched/n', nothing));
  }
  for (const path of paths.slice(5)) await other.remove(path);
  await eventually(() => told.at(-1)?.version === 35, { deadlineMs, what: 'the last of 35 changes' });
  t.same(told.at(-1), await session.children('/watched'), 'the last one told is the state');
  t.same(
    told.map(({ version }) => version),
    told.map(({ version }) => version).toSorted((a, b) => a - b),
    'versions rise',
  );
  watch.stop();
  const count = told.length;
  watchChildren(session, '/watched', (children) => told.push(children)).stop();
  await createNumbered(other, '/watched/n', nothing);
  await session.transaction([{ op: 'check', path: '/watched' }]);
  t.equal(told.length, count, 'a stopped watch tells nothing');
  await session.close();
  watchChildren(session, '/watched', (children) => told.push(children)).stop();
  t.equal(told.length, count, 'nor does one that is set after the end');
});

t.test('an unreachable ZooKeeper: open rejects by its deadline and leaves nothing behind', async (t) => {
  const silent = await silentServer(t);
  const before = openResources();
  for (const servers of ['127.0.0.1:1', silent.address, `127.0.0.1:1,${silent.address}`]) {
    const elapsedMs = await timed(() =>
      t.rejects(
        ZooKeeperSession.open({ servers, sessionTimeoutMs, connectDeadlineMs: 600 }),
        { name: 'TableError', code: 'UNREACHABLE', message: servers, mayHaveHappened: false },
        `the error names the address: ${servers}`,
      ),
    );
    t.ok(elapsedMs > 500 && elapsedMs < 3_000, `by the deadline of 600 ms: ${elapsedMs} ms`);
  }
  t.ok(silent.accepted() >= 2, 'the silent server had been dialled more than once');
  await eventually(() => openResources().length <= before.length, {
    deadlineMs,
    what: 'no timer, no socket',
  });
});

t.test('a silent first host of several is skipped', async (t) => {
  const silent = await silentServer(t);
  for (let round = 0; silent.accepted() === 0; round += 1) {
    t.ok(round < 30, 'the order of the addresses is random');
    const session = await openSession(t, `${silent.address},${address}`);
    t.ok(await session.children('/'), 'connected');
  }
});

t.test('connecting while ZooKeeper boots', async (t) => {
  for (let boot = 1; boot <= 8; boot += 1) {
    zookeeper.kill('SIGKILL');
    await zookeeper.exited;
    const opening = openSession(t, address, { log: (message) => t.comment(message) });
    await zookeeper.restart();
    const elapsedMs = await timed(() => opening);
    t.ok(elapsedMs < sessionTimeoutMs, `boot ${boot}: connected ${elapsedMs} ms after it served`);
    await (await opening).close();
  }
});

t.test('ZooKeeper restarts: same session, same znode, the watch fires', async (t) => {
  const session = await openSession(t, address, { sessionTimeoutMs: patientTimeoutMs });
  await session.ensure('/restart');
  const path = await createNumbered(session, '/restart/n', nothing);
  const told: number[] = [];
  watchChildren(session, '/restart', ({ names }) => told.push(names.length));
  await eventually(() => told.length === 1, { deadlineMs });
  const { sessionId } = session;
  zookeeper.kill('SIGKILL');
  await eventually(() => !session.isConnected, { deadlineMs });
  const refused = session.getData(path);
  await t.rejects(
    refused,
    { code: 'UNREACHABLE', mayHaveHappened: false },
    'a call without a connection rejects',
  );
  await t.rejects(
    session.create('/x', nothing, 'persistent'),
    { code: 'UNREACHABLE', mayHaveHappened: false },
    'a write has not happened',
  );
  await zookeeper.restart();
  await withDeadline(session.connectedOrEnded(), deadlineMs, 'the reconnect');
  t.equal(session.sessionId, sessionId, 'the session goes on');
  t.equal((await session.getData(path))?.owner, sessionId, 'with its znode');
  const other = await openObserver(t, address);
  await createNumbered(other, '/restart/n', nothing);
  await eventually(() => told.at(-1) === 2, { deadlineMs, what: 'the watch to fire after the restart' });
});

t.test('close takes less than a second in every state, and ends the session for good', async (t) => {
  const before = openResources();
  const states: Record<string, (session: ZooKeeperSession) => Promise<void> | void> = {
    connected: () => undefined,
    'frozen server': () => pauseProcess(zookeeper.pid),
    'with calls under way': (session) => {
      for (let call = 0; call < 50; call += 1) session.getData('/').catch(() => undefined);
    },
    'closed already': (session) => session.close(),
    'closing already': (session) => void session.close(),
    disconnected: async (session) => {
      zookeeper.kill('SIGKILL');
      await eventually(() => !session.isConnected, { deadlineMs });
    },
  };
  for (const [state, reach] of Object.entries(states)) {
    // Long, so that the deadlines of close end it, and not the watchdog for silent connections.
    const session = await openObserver(t, address);
    watchChildren(session, '/', () => undefined);
    // Without the znode there is a retry due, and its timer must not outlive the session.
    watchChildren(session, '/absent', () => undefined);
    await session.getData('/');
    await reach(session);
    const pending = session.getData('/').then(
      () => undefined,
      (error) => error,
    );
    const elapsedMs = await timed(() => session.close());
    zookeeper.kill('SIGCONT');
    t.ok(elapsedMs < closeMaxMs, `${state}: ${elapsedMs} ms`);
    t.match(await session.ended, { reason: 'closed' }, `${state}: ended because it was closed`);
    t.notOk(session.isConnected, `${state}: not connected`);
    await withDeadline(pending, deadlineMs, `${state}: the call under way`);
    await t.rejects(
      session.getData('/'),
      { code: 'UNREACHABLE', message: /ended/ },
      `${state}: calls reject`,
    );
  }
  await eventually(() => openResources().length <= before.length, {
    deadlineMs,
    what: 'no timer, no socket',
  });
  await zookeeper.restart();
});

t.test("close removes the session's ephemeral znodes at once", async (t) => {
  const observer = await openObserver(t, address);
  const session = await openObserver(t, address);
  await session.create('/mine', nothing, 'ephemeral');
  await session.close();
  t.equal(await observer.getData('/mine'), undefined, 'nobody has to wait for the session to time out');
});

t.test('a call has a deadline, and too many are refused', async (t) => {
  const session = await openSession(t, address, { callTimeoutMs: 100, sessionTimeoutMs: patientTimeoutMs });
  await pauseProcess(zookeeper.pid);
  t.teardown(() => zookeeper.kill('SIGCONT'));
  const read = session.getData('/');
  const write = session.create('/late', nothing, 'ephemeral');
  await t.rejects(read, { code: 'TIMEOUT', mayHaveHappened: false }, 'a read that timed out changed nothing');
  await t.rejects(write, { code: 'TIMEOUT', mayHaveHappened: true }, 'a write may happen yet');
  const calls = Array.from({ length: 1_001 }, () =>
    session.getData('/').catch((error: TableError) => error.code),
  );
  t.equal(await calls.at(-1), 'BUSY', 'the 1,001st call under way is refused');
  zookeeper.kill('SIGCONT');
  t.ok((await Promise.all(calls)).slice(0, 1_000).every((code) => code !== 'BUSY'));
});
