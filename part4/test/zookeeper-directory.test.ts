import { TableError } from '@tablelab/shared';
import { eventually, startZooKeeper } from '@tablelab/shared/testing';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { nodeClock } from '../src/adapters/node/node-clock.ts';
import {
  joiningFromBytes,
  joiningToBytes,
  recordFromBytes,
  recordToBytes,
} from '../src/adapters/zookeeper/chain-json.ts';
import { ChainSession, type SessionEvent } from '../src/adapters/zookeeper/chain-session.ts';
import type { Directory, DirectoryChange } from '../src/core/directory.ts';
import type { MembershipRecord } from '../src/core/membership-record.ts';
import type { CoordinationSession } from '../src/ports.ts';
import { deadlineMs, openObserver, openSession, testTimeoutMs } from './support/zookeeper-sessions.ts';

t.setTimeout(testTimeoutMs);
const zookeeper = await startZooKeeper();
t.teardown(() => zookeeper.stop());

const name = fc.stringMatching(/^[0-9a-f]{16}$/);
const record: MembershipRecord = {
  chain: 'c'.repeat(16),
  epochBase: 0,
  serial: 7,
  view: 1,
  members: [{ id: 0, member: 'a'.repeat(16) }],
  capacityBytes: 1_000_000,
};

t.test('the record, and the data of a joining server: as JSON and back', async (t) => {
  const records = fc.record({
    chain: name,
    epochBase: fc.nat(),
    serial: fc.maxSafeNat(),
    view: fc.nat(),
    members: fc.array(fc.record({ id: fc.integer({ min: -1 }), member: name }), { minLength: 1 }),
    capacityBytes: fc.maxSafeNat(),
  });
  const recovery = fc.record({ from: fc.option(name), members: fc.array(name) });
  fc.assert(
    fc.property(records, recovery, (one, two) => {
      const ordered = { ...one, recovery: two };
      t.same(recordFromBytes(recordToBytes(ordered)), ordered);
    }),
  );
  fc.assert(fc.property(records, (one) => t.same(recordFromBytes(recordToBytes(one)), one)));
  const joining = fc.record({
    address: fc.constantFrom('127.0.0.1:1', '[::1]:65535', 'host.example.org:2181'),
    member: name,
    state: fc.option(
      fc.record({
        chain: name,
        serial: fc.nat(),
        members: fc.array(name),
        received: fc.maxSafeNat(),
        nextEpoch: fc.nat(),
        capacityBytes: fc.maxSafeNat(),
      }),
    ),
  });
  fc.assert(fc.property(joining, (one) => t.same(joiningFromBytes(joiningToBytes(one)), one)));
  t.equal(recordFromBytes(new Uint8Array(0)), undefined, 'no data is no record');
});

t.test('data that is not a record, or not a joining server, is refused', async (t) => {
  const refused = (what: string, read: (data: Uint8Array) => unknown, value: unknown, message: RegExp) => {
    const data = value instanceof Uint8Array ? value : Buffer.from(JSON.stringify(value));
    t.throws(() => read(data), { name: 'TableError', code: 'BAD_REQUEST', message }, what);
  };
  refused('text', recordFromBytes, Buffer.from('127.0.0.1:1'), /no JSON/);
  refused('bytes that are no text', recordFromBytes, Uint8Array.of(0x22, 0xff, 0x22), /no JSON/);
  for (const value of [null, 1, 'a', [], true]) refused(`${value}`, recordFromBytes, value, /record/);
  for (const [field, value] of [
    ['chain', 'C'.repeat(16)],
    ['chain', 'c'.repeat(15)],
    ['chain', 7],
    ['epochBase', -1],
    ['serial', 1.5],
    ['serial', '7'],
    ['view', undefined],
    ['members', []],
    ['members', {}],
    ['members', [{ id: 0 }]],
    ['members', [{ id: -2, member: 'a'.repeat(16) }]],
    ['members', [null]],
    ['members', undefined],
    ['recovery', { from: 'c'.repeat(16) }],
  ] as const) {
    refused(`${field}: ${JSON.stringify(value)}`, recordFromBytes, { ...record, [field]: value }, /record/);
  }
  const joining = { address: '127.0.0.1:1', member: 'a'.repeat(16), state: null };
  for (const [field, value] of [
    ['address', '127.0.0.1'],
    ['member', 'me'],
    ['state', undefined],
    ['state', { chain: 'c'.repeat(16), serial: 0 }],
    ['state', { chain: 'c'.repeat(16), serial: 0, members: ['me'] }],
  ] as const) {
    refused(
      `${field}: ${JSON.stringify(value)}`,
      joiningFromBytes,
      { ...joining, [field]: value },
      /joining server/,
    );
  }
});

/** A chain session on the test's own chain; its reports are recorded. */
async function openChain(t: Test, own: string) {
  const session = await openSession(t, zookeeper.address);
  const events: SessionEvent[] = [];
  const warnings: string[] = [];
  const paths = { chain: `/${own}`, joining: `/${own}-joining` };
  const chain = new ChainSession(session, {
    paths,
    emit: (event) => events.push(event),
    clock: nodeClock,
    log: (line, level) => level === 'warn' && warnings.push(line),
  });
  t.teardown(() => chain.stop());
  const last = (): Directory | undefined => {
    const event = events.at(-1);
    return event?.type === 'directory' ? event.directory : undefined;
  };
  const told = (check: (directory: Directory) => boolean) =>
    eventually(
      () => {
        const directory = last();
        return directory !== undefined && check(directory) && directory;
      },
      { deadlineMs, what: 'a directory' },
    );
  /** Carries out a change and resolves with the first directory reported after it. */
  const change = async (one: DirectoryChange): Promise<Directory> => {
    const overs = () => events.filter(({ type }) => type === 'change-over').length;
    const before = overs();
    void chain.change(one);
    await eventually(() => overs() > before && last(), { deadlineMs, what: 'the change' });
    const at = events.findLastIndex(({ type }) => type === 'change-over');
    const event = events[at + 1];
    if (event?.type !== 'directory') throw new Error(`a ${event?.type} after a change`);
    return event.directory;
  };
  return { session, chain, events, warnings, paths, told, change };
}

t.test('the changes: join, enter, record, withdraw; each is done completely or not at all', async (t) => {
  const { session, paths, told, change } = await openChain(t, 'changes');
  t.same(await told(() => true), {
    joining: [],
    view: { version: 0, servers: [] },
    record: undefined,
    recordVersion: 0,
  });
  t.equal((await session.getData(paths.chain))?.owner, '0000000000000000', 'the chain is a normal znode');
  const data = { address: '127.0.0.1:1', member: 'a'.repeat(16), state: null };
  const own = { session: session.sessionId, address: '127.0.0.1:1' };
  t.same((await change({ type: 'join', data })).joining, [{ ...data, id: 0, session: own.session }]);
  const absent = await change({ type: 'enter', joining: 5, address: '127.0.0.1:1' });
  t.same(
    [absent.joining.length, absent.view.servers],
    [1, []],
    'a server that is not joining does not enter',
  );

  const entered = await change({ type: 'enter', joining: 0, address: '127.0.0.1:1' });
  t.same(entered.joining, []);
  t.same(entered.view, { version: 1, servers: [{ ...own, id: 0 }] });
  t.equal(
    Buffer.from((await session.getData(`${paths.chain}/node0000000000`))?.data ?? []).toString(),
    '127.0.0.1:1',
    'its data are the address alone, as in the assignment',
  );

  const foreign = await change({ type: 'record', id: 3, record, version: 0 });
  t.equal(foreign.record, undefined, 'no record without the own znode');
  const written = await change({ type: 'record', id: 0, record, version: 0 });
  t.same([written.record, written.recordVersion], [record, 1]);
  const stale = await change({ type: 'record', id: 0, record: { ...record, serial: 8 }, version: 0 });
  t.same([stale.record, stale.recordVersion], [record, 1], 'version 0 is compared, too');

  const gone = await change({ type: 'withdraw', id: 0, inChain: true });
  t.same([gone.view.servers, gone.view.version, gone.record], [[], 2, record]);
  const again = await change({ type: 'join', data });
  t.same(
    again.joining.map(({ id }) => id),
    [1],
    'a new number',
  );
  t.same((await change({ type: 'withdraw', id: 1, inChain: false })).joining, []);
});

t.test('changes by others are reported, and malformed data is left out', async (t) => {
  const { paths, told } = await openChain(t, 'others');
  await told(() => true);
  const other = await openObserver(t, zookeeper.address);
  const joining = { address: '127.0.0.1:2', member: 'b'.repeat(16), state: null };
  for (const data of [Buffer.from('nonsense'), joiningToBytes(joining)]) {
    await other.create(`${paths.joining}/node`, data, 'ephemeral-sequential');
  }
  await other.create(`${paths.chain}/node`, Buffer.from('127.0.0.1:3'), 'ephemeral-sequential');
  await other.setData(paths.chain, recordToBytes(record), 0);
  const directory = await told(
    (one) => one.record !== undefined && one.view.version === 1 && one.joining.length === 1,
  );
  t.same(directory.joining, [{ ...joining, id: 1, session: other.sessionId }]);
  t.match(directory.view.servers, [{ id: 0, address: '127.0.0.1:3', session: other.sessionId }]);
  await other.remove(`${paths.joining}/node0000000001`);
  await told((one) => one.joining.length === 0);
  await other.remove(`${paths.joining}/node0000000000`);
  await other.remove(paths.joining);
  await eventually(() => other.getData(paths.joining), { deadlineMs, what: 'the parent to be made again' });
  await other.create(`${paths.joining}/node`, joiningToBytes(joining), 'ephemeral-sequential');
  await told((one) => one.joining.length === 1);
});

t.test(
  'a record that no server has written: reported once, left alone, and used once it is repaired',
  async (t) => {
    const { session, chain, events, warnings, paths, told } = await openChain(t, 'malformed');
    await told(() => true);
    const other = await openObserver(t, zookeeper.address);
    await other.setData(paths.chain, Buffer.from('somebody else’s'), 0);
    await eventually(() => warnings.length > 0, { deadlineMs });
    const count = events.length;
    chain.readDirectory();
    await session.transaction([{ op: 'check', path: '/' }]);
    await session.children(paths.chain);
    t.equal(events.length, count, 'nothing is told that was not read');
    t.match(warnings, [
      /the data of \/malformed are not what a server writes, and have to be repaired: the membership record is no JSON/,
    ]);
    t.equal(warnings.length, 1, 'it is said once');
    await other.setData(paths.chain, recordToBytes({ ...record, members: [{ id: -2, member: 'me' }] }), 1);
    await eventually(() => warnings.length > 1, { deadlineMs });
    t.match(warnings[1], /members\.0\.id: .*; members\.0\.member: not 16 hexadecimal digits/);
    await other.setData(paths.chain, recordToBytes(record), 2);
    t.same((await told((one) => one.record !== undefined)).record, record, 'repaired, it is told');
  },
);

/** A session whose answers the test controls. */
class SlowSession {
  readonly sessionId = 'f'.repeat(16);
  /** The pause before a failed read is repeated. */
  readonly sessionTimeoutMs = 50;
  readonly isConnected = true;
  readonly calls: {
    readonly what: string;
    readonly answer: (value?: unknown) => void;
    readonly fail: (error: Error) => void;
  }[] = [];
  readonly ended = new Promise<never>(() => undefined);
  readonly onConnected = () => undefined;
  readonly transaction = (steps: { op: string; path: string }[]) =>
    this.#call(`write ${steps.map(({ op, path }) => `${op} ${path}`).join()}`);
  readonly children = (path: string) => this.#call(`list ${path}`);
  readonly getData = (path: string) => this.#call(`read ${path}`);

  /** Resolves with the next call of this kind that has no answer. */
  next(what: string) {
    return eventually(
      () => {
        const at = this.calls.findIndex((call) => call.what === what);
        return at >= 0 && this.calls.splice(at, 1)[0];
      },
      { deadlineMs, what: `${what}; there is ${this.calls.map((call) => call.what).join()}` },
    );
  }

  #call(what: string): Promise<unknown> {
    return new Promise((answer, fail) => this.calls.push({ what, answer, fail }));
  }
}

t.test(
  'a directory is reported only if it was read after the change, and after a write if its outcome is unknown',
  async (t) => {
    const session = new SlowSession();
    const events: string[] = [];
    const chain = new ChainSession(session as unknown as CoordinationSession, {
      paths: { chain: '/chain', joining: '/joining' },
      emit: (event) =>
        events.push(event.type === 'directory' ? `version ${event.directory.recordVersion}` : event.type),
      clock: nodeClock,
      log: () => undefined,
    });
    const none = { names: [], version: 0 };
    const readAll = async (version: number, before: () => unknown = () => undefined) => {
      (await session.next('list /joining')).answer(none);
      (await session.next('list /chain')).answer(none);
      const last = await session.next('read /chain');
      await before();
      last.answer({ data: new Uint8Array(0), version, owner: '' });
    };
    const withdraw = { type: 'withdraw', id: 0, inChain: true } as const;
    const write = 'write remove /chain/node0000000000';

    await readAll(1);
    await eventually(() => events.length === 1, { deadlineMs });
    chain.readDirectory();
    (await session.next('write check /')).answer({ committed: true });
    // The change is begun and over while a directory is being read: that one shows what was before.
    await readAll(2, async () => {
      void chain.change(withdraw);
      (await session.next(write)).answer({ committed: true });
      await eventually(() => events.includes('change-over'), { deadlineMs });
    });
    await readAll(3);
    await eventually(() => events.length === 3, { deadlineMs });
    t.same(events, ['version 1', 'change-over', 'version 3']);

    // The outcome of this change is unknown: only a write on the new connection shows that it can no longer take
    // effect.
    events.length = 0;
    void chain.change(withdraw);
    (await session.next(write)).fail(new TableError('UNREACHABLE', 'lost', { mayHaveHappened: true }));
    (await session.next('write check /')).fail(
      new TableError('UNREACHABLE', 'lost', { mayHaveHappened: true }),
    );
    (await session.next('write check /')).answer({ committed: true });
    await readAll(4);
    await eventually(() => events.length === 2, { deadlineMs });
    t.same(events, ['change-over', 'version 4']);

    // One that is known not to have happened needs none.
    void chain.change(withdraw);
    (await session.next(write)).answer({ committed: false, refused: 0, refusal: 'absent' });
    await readAll(5);
    await eventually(() => events.length === 4, { deadlineMs });
    chain.stop();
  },
);
