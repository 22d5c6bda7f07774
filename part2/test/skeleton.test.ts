import type { KeyValueTable } from '@tablelab/part1';
import { Table } from '@tablelab/part1';
import { syncTest } from '@tablelab/part1/testing';
import {
  ContentType,
  decodeMessage,
  ErrorNumber,
  encodeMessage,
  FrameDecoder,
  type Message,
  type MessageFields,
  Opcode,
  Outcome,
  RemoteTable,
  requests,
  results,
  Skeleton,
} from '@tablelab/part2';
import { cases } from '@tablelab/shared/testing';
import t from 'tap';

const { OP_BAD, OP_SIZE, OP_DEL, OP_GET, OP_PUT, OP_GETKEYS, OP_VERIFY, OP_ERROR } = Opcode;
const { OP_HAS, OP_SCAN, OP_PUTIFABSENT, OP_PUTIFEQUALS } = Opcode;
const { CT_NONE, CT_KEY, CT_VALUE, CT_ENTRY, CT_KEYS, CT_RESULT } = ContentType;

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** The reply as it arrives at the other side. */
function received(message: MessageFields): Message {
  const [payload] = new FrameDecoder().push(encodeMessage(message));
  return decodeMessage(payload ?? new Uint8Array(0));
}

function setUp() {
  const table = new Table(3);
  const skeleton = new Skeleton(table);
  return { table, invoke: (request: MessageFields) => skeleton.invoke(received(request)) };
}

syncTest(t, 'put stores, and answers OP_PUT+1 without content (part2/README.md#message-put)', (t) => {
  const { table, invoke } = setUp();
  const put = (data: Uint8Array) => invoke({ opcode: OP_PUT, c_type: CT_ENTRY, key: 'k', data });
  t.same(put(bytesOf('one')), { opcode: OP_PUT + 1, c_type: CT_NONE });
  t.same(put(bytesOf('two')), { opcode: OP_PUT + 1, c_type: CT_NONE });
  t.equal(Buffer.from(table.get('k') ?? []).toString(), 'two', 'a second put replaces');
  t.same(invoke({ opcode: OP_PUT, c_type: CT_ENTRY, key: '' }), { opcode: OP_PUT + 1, c_type: CT_NONE });
  t.same(table.get(''), new Uint8Array(0), 'the empty key and the empty value are a key and a value');
});

syncTest(
  t,
  'get returns the value; found distinguishes an absent key (part2/README.md#message-get, part2/README.md#message-found)',
  (t) => {
    const { table, invoke } = setUp();
    table.put('k', bytesOf('v'));
    table.put('empty', new Uint8Array(0));
    const get = (key: string) => invoke({ opcode: OP_GET, c_type: CT_KEY, key });
    t.same(get('k'), { opcode: OP_GET + 1, c_type: CT_VALUE, data: bytesOf('v'), found: true });
    t.same(get('empty'), { opcode: OP_GET + 1, c_type: CT_VALUE, data: new Uint8Array(0), found: true });
    t.same(
      received(get('none')),
      received({ opcode: OP_GET + 1, c_type: CT_VALUE }),
      'an absent key is no error',
    );
  },
);

syncTest(t, 'del removes; an absent key is OP_ERROR (part2/README.md#message-del)', (t) => {
  const { table, invoke } = setUp();
  table.put('k', bytesOf('v'));
  const del = () => invoke({ opcode: OP_DEL, c_type: CT_KEY, key: 'k' });
  t.same(del(), { opcode: OP_DEL + 1, c_type: CT_NONE });
  t.equal(table.size, 0);
  t.match(del(), { opcode: OP_ERROR, c_type: CT_NONE, error: ErrorNumber.KEY_ABSENT });
});

syncTest(t, 'a put on condition says whether it was met (part2/README.md#message-put-if)', (t) => {
  const { table, invoke } = setUp();
  const entry = (opcode: number, data: string, expected?: string) =>
    invoke({
      opcode,
      c_type: CT_ENTRY,
      key: 'k',
      data: bytesOf(data),
      ...(expected === undefined ? {} : { expected: bytesOf(expected) }),
    });
  const value = () => Buffer.from(table.get('k') ?? []).toString();
  const applied = (opcode: number) => ({ opcode: opcode + 1, c_type: CT_NONE, outcome: Outcome.APPLIED });
  const notApplied = (opcode: number) => ({ ...applied(opcode), outcome: Outcome.NOT_APPLIED });
  t.same(entry(OP_PUTIFEQUALS, 'one', ''), notApplied(OP_PUTIFEQUALS), 'an absent key has no value');
  t.equal(table.size, 0);
  t.same(entry(OP_PUTIFABSENT, 'one'), applied(OP_PUTIFABSENT));
  t.same(entry(OP_PUTIFABSENT, 'two'), notApplied(OP_PUTIFABSENT));
  t.equal(value(), 'one');
  t.same(entry(OP_PUTIFEQUALS, 'two', 'other'), notApplied(OP_PUTIFEQUALS));
  t.same(entry(OP_PUTIFEQUALS, 'two'), notApplied(OP_PUTIFEQUALS), 'without the field: the empty value');
  t.equal(value(), 'one');
  t.same(entry(OP_PUTIFEQUALS, 'two', 'one'), applied(OP_PUTIFEQUALS));
  t.equal(value(), 'two');
  for (const opcode of [OP_PUTIFABSENT, OP_PUTIFEQUALS]) {
    t.match(invoke({ opcode, c_type: CT_KEY, key: 'k' }), { error: ErrorNumber.BAD_REQUEST }, 'without data');
    t.match(
      invoke({ opcode, c_type: CT_ENTRY, key: 'a\0' }),
      { error: ErrorNumber.BAD_REQUEST },
      'a bad key',
    );
  }
});

syncTest(t, 'has says whether the key is there (part2/README.md#message-has)', (t) => {
  const { table, invoke } = setUp();
  const has = () => received(invoke({ opcode: OP_HAS, c_type: CT_KEY, key: 'k' }));
  t.match(has(), { opcode: OP_HAS + 1, c_type: CT_RESULT, result: 0 });
  table.put('k', bytesOf(''));
  t.match(has(), { opcode: OP_HAS + 1, c_type: CT_RESULT, result: 1 });
});

syncTest(t, 'size and getkeys return the number of keys and all keys (part2/README.md#message-size)', (t) => {
  const { table, invoke } = setUp();
  t.same(
    received(invoke({ opcode: OP_SIZE, c_type: CT_NONE })),
    received({ opcode: OP_SIZE + 1, c_type: CT_RESULT }),
  );
  t.same(invoke({ opcode: OP_GETKEYS, c_type: CT_NONE }), {
    opcode: OP_GETKEYS + 1,
    c_type: CT_KEYS,
    keys: [],
  });
  for (const key of ['a', 'b c', 'café']) table.put(key, bytesOf('v'));
  t.same(invoke({ opcode: OP_SIZE, c_type: CT_NONE }), { opcode: OP_SIZE + 1, c_type: CT_RESULT, result: 3 });
  const { keys } = invoke({ opcode: OP_GETKEYS, c_type: CT_NONE });
  t.same([...(keys ?? [])].sort(), ['a', 'b c', 'café']);
});

syncTest(
  t,
  'scan returns the keys with a prefix, some in each reply, each once (part2/README.md#message-scan)',
  (t) => {
    const { table, invoke } = setUp();
    const users = Array.from({ length: 2_500 }, (_, index) => `user:${index}`);
    for (const key of [...users, 'other', 'use']) table.put(key, bytesOf('v'));
    for (const limit of cases(t, [0, 7, 1_000_000])) {
      const met: string[] = [];
      let from = 0;
      let replies = 0;
      do {
        const reply = received(invoke({ opcode: OP_SCAN, c_type: CT_KEY, key: 'user:', from, limit }));
        t.match(reply, { opcode: OP_SCAN + 1, c_type: CT_KEYS });
        if (limit > 0) t.ok(reply.keys.length <= limit, `${reply.keys.length} keys, at most ${limit}`);
        met.push(...reply.keys);
        from = reply.next;
        replies += 1;
      } while (from !== 0 && replies < 10_000);
      t.equal(from, 0, 'the scan comes to its end');
      t.same(met.toSorted(), users.toSorted(), `limit ${limit}: each key once`);
    }
    t.match(
      invoke({ opcode: OP_SCAN, c_type: CT_KEY, key: '', from: 12_345_678_901 }),
      { opcode: OP_ERROR, error: ErrorNumber.BAD_REQUEST },
      'there is no such place',
    );
  },
);

syncTest(t, 'an invalid request is answered with OP_ERROR (part2/README.md#message-error)', (t) => {
  const { table, invoke } = setUp();
  const broken: Record<string, MessageFields> = {
    'no opcode': { opcode: OP_BAD, c_type: CT_NONE },
    'unknown opcode': { opcode: 77, c_type: CT_NONE },
    'a reply for a request': { opcode: OP_SIZE + 1, c_type: CT_NONE },
    'verify, which part 3 brings': { opcode: OP_VERIFY, c_type: CT_RESULT, result: 1 },
    'an error for a request': { opcode: OP_ERROR, c_type: CT_NONE },
    'a key with NUL to put': { opcode: OP_PUT, c_type: CT_ENTRY, key: 'a\0b' },
    'a key with NUL to get': { opcode: OP_GET, c_type: CT_KEY, key: 'a\0b' },
    'size with a key': { opcode: OP_SIZE, c_type: CT_KEY },
    'del with an entry': { opcode: OP_DEL, c_type: CT_ENTRY, key: 'k' },
    'get with nothing': { opcode: OP_GET, c_type: CT_NONE },
    'put with a key': { opcode: OP_PUT, c_type: CT_KEY, key: 'k' },
    'put with an expected value': { opcode: OP_PUT, c_type: CT_ENTRY, key: 'k', expected: bytesOf('v') },
    'put if absent with one': {
      opcode: OP_PUTIFABSENT,
      c_type: CT_ENTRY,
      key: 'k',
      expected: bytesOf('v'),
    },
    'del with one': { opcode: OP_DEL, c_type: CT_KEY, key: 'k', expected: bytesOf('v') },
    'getkeys with keys': { opcode: OP_GETKEYS, c_type: CT_KEYS },
  };
  for (const [name, request] of cases(t, Object.entries(broken))) {
    t.match(invoke(request), { opcode: OP_ERROR, c_type: CT_NONE, error: ErrorNumber.BAD_REQUEST }, name);
  }
  t.equal(table.size, 0, 'and nothing was stored');
});

syncTest(
  t,
  'a table that throws causes an INTERNAL error, and the server continues (part2/README.md#message-error)',
  (t) => {
    const table = {
      get size(): number {
        throw new Error('a bug');
      },
    };
    const skeleton = new Skeleton(table as KeyValueTable);
    const reply = skeleton.invoke(received({ opcode: OP_SIZE, c_type: CT_NONE }));
    t.match(reply, { opcode: OP_ERROR, error: ErrorNumber.INTERNAL, detail: 'a bug' });
  },
);

syncTest(t, 'put copies the value out of the message (part2/README.md#values-are-bytes)', (t) => {
  const { table } = setUp();
  const request = received({ opcode: OP_PUT, c_type: CT_ENTRY, key: 'k', data: bytesOf('abc') });
  new Skeleton(table).invoke(request);
  request.data.fill(0);
  t.equal(Buffer.from(table.get('k') ?? []).toString(), 'abc');
});

t.test('stub and skeleton understand each other (part2/README.md#stub)', async (t) => {
  const { table, invoke } = setUp();
  const call = async (request: MessageFields) => received(invoke(request));
  const remote = new RemoteTable({ call, close: async () => undefined });
  await remote.put('k', bytesOf('v'));
  t.same(await remote.get('k'), bytesOf('v'));
  t.equal(await remote.get('none'), undefined);
  t.equal(await remote.size(), 1);
  t.same(await remote.getKeys(), ['k']);
  const iterated: string[] = [];
  for await (const key of remote) iterated.push(key);
  t.same(iterated, ['k']);
  t.equal(await remote.del('k'), true);
  t.equal(await remote.del('k'), false);
  t.equal(table.size, 0);
});

t.test('a call that the server refuses fails with its error (part2/README.md#stub)', async (t) => {
  const call = async () => received({ opcode: OP_ERROR, c_type: CT_NONE, error: ErrorNumber.BUSY });
  const remote = new RemoteTable({ call, close: async () => undefined });
  const refused = { code: 'BUSY', mayHaveHappened: false };
  await t.rejects(remote.put('k', bytesOf('v')), refused);
  await t.rejects(remote.del('k'), refused);
  await t.rejects(remote.get('k'), refused);
  await t.rejects(remote.size(), refused);
  await t.rejects(remote.getKeys(), refused);
});

t.test('the caller owns the value that the stub returns (part2/README.md#values-are-bytes)', async (t) => {
  // All replies use the same bytes, like a connection's receive buffer.
  const memory = Buffer.alloc(1_000);
  const values = ['first', 'second'];
  const call = async () => {
    const data = bytesOf(values.shift() ?? '');
    const frame = encodeMessage({ opcode: OP_GET + 1, c_type: CT_VALUE, data, found: true });
    memory.set(frame);
    const [payload] = new FrameDecoder().push(memory.subarray(0, frame.length));
    return decodeMessage(payload ?? new Uint8Array(0));
  };
  const remote = new RemoteTable({ call, close: async () => undefined });
  const first = await remote.get('k');
  await remote.get('k');
  t.equal(Buffer.from(first ?? []).toString(), 'first', 'the next reply does not change it');
  t.equal(Object.getPrototypeOf(first), Uint8Array.prototype, 'a plain Uint8Array');
});

syncTest(t, 'the stub refuses a bad key before anything is sent (part2/README.md#stub)', (t) => {
  t.throws(() => requests.get('a\0'), { code: 'BAD_REQUEST', mayHaveHappened: false });
  t.throws(() => requests.put('\ud800', bytesOf('v')), { code: 'BAD_REQUEST', mayHaveHappened: false });
  t.throws(() => requests.del('a\0'), { code: 'BAD_REQUEST', mayHaveHappened: false });
});

syncTest(t, 'replies of the original format are understood (part2/README.md#message-found)', (t) => {
  const get = (fields: Partial<Message>) =>
    results.get(received({ opcode: OP_GET + 1, c_type: CT_VALUE, ...fields }));
  t.same(get({ data: bytesOf('v') }), bytesOf('v'), 'a value without found is there');
  t.same(get({ found: true }), new Uint8Array(0));
  t.equal(get({}), undefined, 'no data, not found: absent');
  t.equal(results.del(received({ opcode: OP_ERROR, c_type: CT_NONE })), false, 'an error without a code');
  const failed = received({ opcode: OP_ERROR, c_type: CT_RESULT, result: -1 });
  t.throws(() => results.del(failed), { code: 'INTERNAL' }, 'an error with a code of its own is an error');
  t.throws(() => results.size(received({ opcode: OP_SIZE + 1, c_type: CT_VALUE })), {
    code: 'INTERNAL',
    mayHaveHappened: true,
  });
});
