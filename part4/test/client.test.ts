import { noBytes, noText } from '@tablelab/part1/testing';
import { Ack, ContentType, ErrorNumber, type Message, type MessageFields, Opcode } from '@tablelab/part2';
import { must } from '@tablelab/shared';
import { cases, eventually, startZooKeeper } from '@tablelab/shared/testing';
import t, { type Test } from 'tap';
import { FaultProxy } from '../chaos/fault-proxy.ts';
import { nodeClock } from '../src/adapters/node/node-clock.ts';
import { ChainDirectory } from '../src/adapters/zookeeper/chain-directory.ts';
import { recordToBytes } from '../src/adapters/zookeeper/chain-json.ts';
import { type ZooKeeperSession, zooKeeperService } from '../src/adapters/zookeeper/zookeeper-session.ts';
import { ChainTable } from '../src/client/chain-table.ts';
import type { ChainTableOptions } from '../src/client/chain-table-options.ts';
import type { ClientRequest } from '../src/client/core/client-effects.ts';
import { ViewSource } from '../src/client/view-source.ts';
import { answerOf, messageOf } from '../src/client/wire.ts';
import type { View } from '../src/core/view.ts';
import { nameFields } from '../src/write-name.ts';
import { answering, startNetworkServer } from './support/answering-server.ts';
import {
  deadlineMs,
  openObserver,
  openResources,
  passed,
  testTimeoutMs,
} from './support/zookeeper-sessions.ts';

t.setTimeout(testTimeoutMs);

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

// ---- the wire ----

const emptyMessage: Message = {
  opcode: Opcode.OP_BAD,
  c_type: ContentType.CT_BAD,
  key: '',
  data: new Uint8Array(0),
  result: 0,
  keys: [],
  epoch: 0,
  client: '',
  request: 0,
  first_incomplete: 0,
  ack: Ack.ASSIGNED,
  error: 0,
  detail: '',
  found: false,
  sequence: 0,
  from: 0,
  limit: 0,
  next: 0,
  server: '',
  expected: new Uint8Array(0),
  outcome: 0,
};

t.test('requests as messages, and the results in their replies', async (t) => {
  const write = { client: '00000000000000ab', request: 7, firstIncomplete: 5 };
  const identity = { client: '00000000000000ab', request: 7, first_incomplete: 5, ack: Ack.COMMITTED };
  const named = nameFields({ epoch: 3, number: 9 });
  const name = { epoch: 3, number: 9 };
  const none = new Uint8Array(0);
  const cases: [ClientRequest, MessageFields, Partial<Message>, object][] = [
    [
      { op: 'open', key: '', data: none, client: '', request: 0, firstIncomplete: 0 },
      { opcode: Opcode.OP_OPEN, c_type: ContentType.CT_NONE, ack: Ack.COMMITTED },
      { ...named, client: 'ab' },
      { type: 'written', name, client: 'ab' },
    ],
    [
      { op: 'put', key: 'k', data: bytes('v'), ...write },
      { opcode: Opcode.OP_PUT, c_type: ContentType.CT_ENTRY, key: 'k', data: bytes('v'), ...identity },
      named,
      { type: 'written', name, client: '' },
    ],
    [
      { op: 'del', key: 'k', data: none, ...write },
      { opcode: Opcode.OP_DEL, c_type: ContentType.CT_KEY, key: 'k', ...identity },
      named,
      { type: 'written', name, client: '' },
    ],
    [
      { op: 'get', key: 'k' },
      { opcode: Opcode.OP_GET, c_type: ContentType.CT_KEY, key: 'k' },
      { c_type: ContentType.CT_VALUE, data: none, found: true },
      { type: 'value', value: none },
    ],
    [
      { op: 'size' },
      { opcode: Opcode.OP_SIZE, c_type: ContentType.CT_NONE },
      { c_type: ContentType.CT_RESULT, result: 4 },
      { type: 'size', size: 4 },
    ],
    [
      { op: 'keys' },
      { opcode: Opcode.OP_GETKEYS, c_type: ContentType.CT_NONE },
      { c_type: ContentType.CT_KEYS, keys: ['a'] },
      { type: 'keys', keys: ['a'] },
    ],
    [
      { op: 'verify', name },
      { opcode: Opcode.OP_VERIFY, ...nameFields(name) },
      { c_type: ContentType.CT_RESULT, result: 1 },
      { type: 'verified', executed: true },
    ],
  ];
  for (const [request, message, reply, answer] of cases) {
    t.same(messageOf(request), message, request.op);
    const received = (fields: Partial<Message>) => ({
      ...emptyMessage,
      opcode: message.opcode + 1,
      ...fields,
    });
    t.match(answerOf(request, received(reply)), answer, request.op);
    t.match(
      answerOf(request, received({ c_type: ContentType.CT_BAD })),
      { type: 'error', code: 'INTERNAL', mayHaveHappened: true },
      `${request.op}: a reply that does not fit says nothing`,
    );
    for (const [code, mayHaveHappened] of [
      ['NOT_HEAD', false],
      ['UNCERTAIN', true],
    ] as const) {
      const error = { opcode: Opcode.OP_ERROR, error: ErrorNumber[code], detail: 'why' };
      t.same(answerOf(request, received(error)), { type: 'error', code, detail: 'why', mayHaveHappened });
    }
  }
  const open = cases.map(([request]) => request).find(({ op }) => op === 'open');
  for (const fields of [{ ...named, epoch: 0, client: 'ab' }, named]) {
    const reply = { ...emptyMessage, opcode: Opcode.OP_OPEN + 1, ...fields };
    t.match(answerOf(must(open, 'it is among the cases'), reply), { code: 'INTERNAL' });
  }
});

// ---- ZooKeeper ----

const nothing = new Uint8Array(0);
const zookeeper = await startZooKeeper({ tickTimeMs: 200 });
t.teardown(() => zookeeper.stop());

/** Puts a server at the end of the chain; gives its znode's path. */
async function addServer(session: ZooKeeperSession, address: string): Promise<string> {
  const path = await session.create('/chain/node', bytes(address), 'ephemeral-sequential');
  return must(path, 'its number is a new one');
}

/** An observer of `/chain`, which has no servers at first. */
async function openEmptyChain(t: Test): Promise<ZooKeeperSession> {
  const observer = await openObserver(t, zookeeper.address);
  await observer.ensure('/chain');
  for (const name of (await observer.children('/chain'))?.names ?? [])
    await observer.remove(`/chain/${name}`);
  return observer;
}

/** The views that a client follows, as the addresses of their servers; resolves with the first one. */
async function followViews(t: Test): Promise<string[][]> {
  const told: string[][] = [];
  const source = await ViewSource.open({
    coordination: zooKeeperService({
      servers: zookeeper.address,
      sessionTimeoutMs: 4_000,
      connectDeadlineMs: deadlineMs,
    }),
    clock: nodeClock,
    onView: ({ servers }) => told.push(servers.map(({ address }) => address)),
    log: () => undefined,
  });
  t.teardown(() => source.close());
  await eventually(() => told.length === 1, { deadlineMs });
  return told;
}

async function connectTable(t: Test, options: Partial<ChainTableOptions> = {}): Promise<ChainTable> {
  const table = await ChainTable.connect({ zookeeper: zookeeper.address, deadlineMs, ...options });
  t.teardown(() => table.disconnect());
  return table;
}

t.test('without a chain, calls wait for one, and the client creates none', async (t) => {
  const observer = await openObserver(t, zookeeper.address);
  const { handler, requests } = answering();
  const { address } = await startNetworkServer(t, handler);
  const impatient = await connectTable(t, { deadlineMs: 300 });
  const timeout = { code: 'TIMEOUT', message: 'no answer within 300 ms: there is no server in the chain' };
  await t.rejects(impatient.put('a', nothing), { ...timeout, mayHaveHappened: false });
  t.equal(await observer.getData('/chain'), undefined, 'the client has not made it');

  const table = await connectTable(t);
  const value = bytes('as it was');
  const expected = bytes('as it was');
  const waiting = Promise.all([table.size(), table.put('a', value), table.putIfEquals('b', expected, value)]);
  value.fill(0);
  expected.fill(0);
  await observer.ensure('/chain');
  await t.rejects(impatient.size(), timeout, 'an empty chain is none either');
  await addServer(observer, address);
  t.match(await waiting, [0, { epoch: 0 }, { applied: true }]);
  const [written, conditional] = ['a', 'b'].map((name) => requests.find(({ key }) => key === name));
  for (const sent of [written?.data, conditional?.data, conditional?.expected]) {
    t.equal(Buffer.from(sent ?? []).toString(), 'as it was', 'the bytes are those of the time of the call');
  }
  await addServer(observer, 'no address');
  await observer.create('/chain/other', bytes('127.0.0.1:1'), 'ephemeral');
  t.equal(await impatient.size(), 0, 'other znodes are left out');
});

t.test('ZooKeeper out of reach: the old view serves; a new session brings the new one', async (t) => {
  const observer = await openEmptyChain(t);
  const old = await startNetworkServer(t, answering().handler);
  const path = await addServer(observer, old.address);
  const proxy = await FaultProxy.start(zookeeper);
  t.teardown(() => proxy.close());
  const sessionTimeoutMs = 1_000;
  const log: string[] = [];
  const table = await connectTable(t, {
    zookeeper: proxy.address,
    sessionTimeoutMs,
    log: (message) => log.push(message),
  });
  t.equal(await table.size(), 0);

  proxy.freeze('toServer', 'toClient');
  const frozenAt = performance.now();
  const young = await startNetworkServer(t, answering().handler);
  await observer.remove(path);
  await addServer(observer, young.address);
  await passed(frozenAt, 3 * sessionTimeoutMs);
  t.equal(await table.size(), 0);
  t.equal(young.server.connections, 0, 'the old server answers, as far as this client knows');
  await old.server.close({ deadlineMs: 0 });
  const waiting = table.size();
  proxy.thaw();
  t.equal(await waiting, 0);
  t.equal(young.server.connections, 1);
  t.match(log.join('\n'), /the session has ended: no connection for 1000 ms; opening another/);
});

t.test('if the chain’s znode is removed, the last view remains until there is another one', async (t) => {
  const observer = await openEmptyChain(t);
  const old = await addServer(observer, '127.0.0.1:1');
  const told = await followViews(t);
  const steps = [old, '/chain'].map((path) => ({ op: 'remove', path }) as const);
  const seen: View[] = [];
  await new ChainDirectory(observer, { clock: nodeClock }).watch((view) => seen.push(view));
  t.match(await observer.transaction(steps), { committed: true });
  // Another session has seen it by now; this one sees it with its next read at the latest.
  await eventually(() => seen.at(-1)?.version === -1, { deadlineMs });
  await observer.transaction([
    { op: 'create', path: '/chain', data: nothing, mode: 'persistent' },
    { op: 'create', path: '/chain/node', data: bytes('127.0.0.1:2'), mode: 'ephemeral-sequential' },
  ]);
  await eventually(() => told.at(-1)?.includes('127.0.0.1:2'), { deadlineMs });
  t.same(told, [['127.0.0.1:1'], ['127.0.0.1:2']]);
});

t.test('a view is followed only once the membership record belongs to it', async (t) => {
  const observer = await openEmptyChain(t);
  await addServer(observer, '127.0.0.1:1');
  const adopt = async () => {
    const { version, names } = must(await observer.children('/chain'), 'the chain');
    const id = Number(must(names[0], 'a server').slice('node'.length));
    const record = {
      chain: 'c'.repeat(16),
      epochBase: 0,
      serial: version,
      view: version,
      capacityBytes: 1_000,
      members: [{ id, member: 'd'.repeat(16) }],
    };
    const data = must(await observer.getData('/chain'), 'the chain');
    await observer.setData('/chain', recordToBytes(record), data.version);
  };
  await adopt();
  const told = await followViews(t);
  const seen: View[] = [];
  await new ChainDirectory(observer, { clock: nodeClock }).watch((view) => seen.push(view));
  await addServer(observer, '127.0.0.1:2');
  await eventually(() => seen.at(-1)?.servers.length === 2, { deadlineMs });
  t.equal(told.length, 1, 'no server acts on the new view yet');
  await adopt();
  await eventually(() => told.length > 1, { deadlineMs });
  t.same(told, [['127.0.0.1:1'], ['127.0.0.1:1', '127.0.0.1:2']]);
  // The other tests have a chain without a record.
  const { version } = must(await observer.getData('/chain'), 'the chain');
  await observer.setData('/chain', nothing, version);
});

t.test('disconnect ends the session, and leaves nothing behind', async (t) => {
  const before = openResources();
  const table = await ChainTable.connect({ zookeeper: zookeeper.address, deadlineMs });
  await table.disconnect();
  await t.rejects(table.size(), { code: 'UNREACHABLE' });
  await eventually(() => openResources().join() === before.join(), { deadlineMs });
});

t.test('an invalid address, and an unreachable ZooKeeper', async (t) => {
  await t.rejects(ChainTable.connect({ zookeeper: 'nowhere' }), { code: 'BAD_REQUEST' });
  const connecting = ChainTable.connect({ zookeeper: '127.0.0.1:1', deadlineMs: 200 });
  await t.rejects(connecting, { code: 'UNREACHABLE', message: /127\.0\.0\.1:1 cannot be reached/ });
  const table = await connectTable(t);
  await t.rejects(table.get('a\0'), { code: 'BAD_REQUEST' });
});

t.test(
  'an invalid key, value or name is refused, and nothing is sent (part4/README.md#client-arguments)',
  async (t) => {
    const observer = await openEmptyChain(t);
    const { handler, requests } = answering();
    const { address } = await startNetworkServer(t, handler);
    await addServer(observer, address);
    const table = await connectTable(t);
    t.equal(await table.size(), 0, 'the client is connected');
    const wrong = { code: 'BAD_REQUEST', mayHaveHappened: false };
    for (const [name, value] of cases(t, noBytes)) {
      await t.rejects(table.put('a', value), { ...wrong, message: /^a value / }, `put ${name}`);
    }
    for (const [name, key] of cases(t, noText)) {
      for (const call of [table.put(key, nothing), table.get(key), table.del(key)] as Promise<unknown>[]) {
        await t.rejects(call, { ...wrong, message: /^a key is a string, not / }, name);
      }
    }
    for (const none of [undefined, null, 7] as never[]) {
      const connecting = ChainTable.connect({ zookeeper: none });
      await t.rejects(connecting, { ...wrong, message: /^zookeeper is a string, not / });
    }
    for (const name of [
      undefined,
      null,
      '1:2',
      7,
      {},
      { number: -1 },
      { number: 0, epoch: 0.5 },
      { number: 1e300 },
    ] as never[]) {
      await t.rejects(table.verify(name), { ...wrong, message: /^a write is named by \{ epoch, number \}/ });
    }
    await table.put('b', nothing);
    t.same(
      requests.map(({ opcode }) => opcode),
      [Opcode.OP_SIZE, Opcode.OP_OPEN, Opcode.OP_PUT],
      'the two good calls, and the session',
    );
  },
);

t.test('an invalid time is a wrong option', async (t) => {
  for (const option of ['deadlineMs', 'attemptTimeoutMs', 'sessionTimeoutMs']) {
    for (const ms of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, '1' as never, null as never]) {
      await t.rejects(ChainTable.connect({ zookeeper: zookeeper.address, [option]: ms }), {
        code: 'BAD_REQUEST',
        message: new RegExp(`^${option} is more than 0`),
      });
    }
  }
});
