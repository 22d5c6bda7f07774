/** The head decides in one place whether a write is admitted (part4/README.md, "Rules"). */

import { logicalEntryBytes } from '@tablelab/shared';
import { cases } from '@tablelab/shared/testing';
import t from 'tap';
import { noEntry, type TableEntry } from '../src/core/condition.ts';
import { defaultChainLimits } from '../src/core/limits.ts';
import type { WriteRequest } from '../src/core/update.ts';
import { CoreScript, helloFrom, put, write } from './support/core-script.ts';

const data = new Uint8Array(100);
const entryBytes = logicalEntryBytes(1, data.length);

/** What the table has under the key of a write. */
const entryOf = (bytes: number, isExpected = false): TableEntry => ({ bytes, isExpected });

/** A chain of one that may hold three entries. */
function aloneWithRoomForThree(): CoreScript {
  const head = new CoreScript(0);
  head.directory({ view: [0], capacity: 3 * entryBytes });
  return head;
}

t.test(
  'a write for which the table has no room is refused with FULL once that is certain (part4/README.md#chain-capacity)',
  async (t) => {
    const head = aloneWithRoomForThree();
    const refusal = (key: string, replaced = 0) =>
      head.core.writeRefusal({ ...write, key, data }, entryOf(replaced), head.now)?.code;
    for (const key of ['a', 'b', 'c']) {
      t.equal(refusal(key), undefined);
      head.write({ key, data });
    }
    t.equal(refusal('d'), 'BUSY', 'what is not executed may leave room yet');
    head.executed(2, 2 * entryBytes);
    t.equal(refusal('d'), 'BUSY');
    head.executed(3, 3 * entryBytes);
    t.equal(refusal('d'), 'FULL');
    t.equal(refusal('c', entryBytes), undefined, 'a value may be replaced by one of the same size');
    t.match(head.write({ key: 'd', data }), [/^reply 4 refused the table has no room/]);
    t.match(head.write({ key: 'c', data }, 'committed', entryBytes), [/^execute 0:3 put c=/]);
  },
);

t.test('in a full table a del has room, and makes room (part4/README.md#chain-capacity)', async (t) => {
  const head = aloneWithRoomForThree();
  for (const key of ['a', 'b', 'c']) head.write({ key, data });
  head.executed(3, 3 * entryBytes);
  t.match(head.write({ op: 'del', key: 'a' }), [/^execute 0:3 del a/]);
  t.match(
    head.write({ op: 'open', client: 'c'.repeat(32), key: '' }),
    [/^execute 0:4 open/],
    'so has an open',
  );
  t.equal(head.core.writeRefusal({ ...write, data }, noEntry, head.now)?.code, 'BUSY', 'not executed yet');
  head.executed(5, 2 * entryBytes);
  t.equal(head.core.writeRefusal({ ...write, data }, noEntry, head.now), undefined);
});

t.test(
  'a repeat needs no room: it gets the answer of the first attempt (part4/README.md#chain-capacity)',
  async (t) => {
    const head = aloneWithRoomForThree();
    const client = 'c'.repeat(32);
    head.write({ op: 'open', client, key: '' });
    const first = { client, request: 1, firstIncomplete: 1, key: 'a', data };
    head.write(first, 'assigned');
    for (const key of ['b', 'c']) head.write({ key, data });
    head.executed(4, 3 * entryBytes);
    t.equal(head.core.writeRefusal({ ...write, ...first, request: 2 }, noEntry, head.now)?.code, 'FULL');
    t.equal(head.core.writeRefusal({ ...write, ...first }, noEntry, head.now), undefined);
    t.same(head.write(first, 'assigned'), ['reply 5 assigned 0:1']);
  },
);

t.test('a different write under the number of an earlier one is refused, not answered', async (t) => {
  const head = aloneWithRoomForThree();
  const client = 'c'.repeat(32);
  head.write({ op: 'open', client, key: '' });
  const first = { client, request: 1, firstIncomplete: 1, key: 'a', data };
  head.write(first, 'assigned');
  for (const other of [
    { key: 'b' },
    { data: data.map(() => 1) },
    { op: 'del', data: data.slice(0, 0) } as const,
  ]) {
    t.equal(head.core.writeRefusal({ ...write, ...first, ...other }, noEntry, head.now)?.code, 'BAD_REQUEST');
    t.match(head.write({ ...first, ...other }), [/refused request 1 was sent before, with another write/]);
  }
});

t.test('in a full table values are overwritten one after the other, and many at once', async (t) => {
  const head = aloneWithRoomForThree();
  for (const key of ['a', 'b', 'c']) head.write({ key, data });
  head.executed(3, 3 * entryBytes);
  for (const key of ['a', 'b', 'c']) {
    t.equal(head.core.writeRefusal({ ...write, key, data }, entryOf(entryBytes), head.now), undefined, key);
  }
  head.write({ key: 'a', data }, 'committed', entryBytes);
  t.match(head.core.writeRefusal({ ...write, key: 'b', data }, entryOf(entryBytes), head.now), {
    code: 'BUSY',
    mayWait: true,
  });
  t.equal(
    head.core.writeRefusal({ ...write, key: 'b', data: new Uint8Array(0) }, entryOf(entryBytes), head.now)
      ?.code,
    'BUSY',
    'what the first one leaves is not known yet',
  );
  head.executed(4, 3 * entryBytes);
  t.equal(head.core.writeRefusal({ ...write, key: 'b', data }, entryOf(entryBytes), head.now), undefined);
});

t.test('while updates are not executed, an overwrite of another key counts what it replaces', async (t) => {
  const head = new CoreScript(0);
  head.directory({ view: [0], capacity: 4 * entryBytes });
  for (const key of ['a', 'b']) head.write({ key, data });
  head.executed(2, 2 * entryBytes);
  head.write({ key: 'c', data });
  head.write({ key: 'd', data });
  const overwrite = (key: string) =>
    head.core.writeRefusal({ ...write, key, data }, entryOf(entryBytes), head.now);
  t.equal(overwrite('a'), undefined, 'a value that no update under way changes');
  t.match(overwrite('c'), { code: 'BUSY', mayWait: true }, 'one that an update under way changes');
});

t.test('a client with too many requests without an answer is refused at once', async (t) => {
  const head = new CoreScript(0, { limits: { outcomesPerSessionMax: 2 } as never });
  head.directory({ view: [0] });
  const client = 'c'.repeat(32);
  head.write({ op: 'open', client, key: '' });
  head.executed(1);
  for (const request of [1, 2]) head.write({ client, request, firstIncomplete: 1 });
  head.executed(3);
  const refusal = head.core.writeRefusal(
    { ...write, client, request: 3, firstIncomplete: 1 },
    noEntry,
    head.now,
  );
  t.match(refusal, { code: 'BUSY', detail: /unanswered/ });
  t.not(refusal?.mayWait, true);
  t.equal(head.core.writeRefusal(write, noEntry, head.now), undefined, 'another client’s write has room');
  t.equal(
    head.core.writeRefusal({ ...write, client, request: 3, firstIncomplete: 3 }, noEntry, head.now),
    undefined,
    'so has one that says which answers the client has',
  );
});

t.test('keys count by their bytes in UTF-8 (part4/README.md#chain-capacity)', async (t) => {
  for (const key of ['k', 'é', '€', '𝄞', 'aé€𝄞']) {
    const bytes = logicalEntryBytes(Buffer.byteLength(key), 0);
    for (const [capacity, code] of [
      [bytes, undefined],
      [bytes - 1, 'FULL'],
    ] as const) {
      const head = new CoreScript(0);
      head.directory({ view: [0], capacity });
      t.equal(
        head.core.writeRefusal({ ...write, key }, noEntry, head.now)?.code,
        code,
        `${key} in ${capacity}`,
      );
    }
  }
});

t.test('too many updates waiting for the rest of the chain: BUSY, even if the table has room', async (t) => {
  const limits = { logBytesMax: 1_000 } as never;
  const head = new CoreScript(0, { limits });
  head.directory({ view: [0] });
  head.write({ data: new Uint8Array(1_000) });
  t.equal(head.core.writeRefusal(write, noEntry, head.now)?.code, 'BUSY');
  head.executed(1, 1_100);
  t.equal(head.core.writeRefusal(write, noEntry, head.now), undefined);
  const expected = new Uint8Array(1_000);
  head.write({ op: 'putIfEquals', expected, data: new Uint8Array(0) }, 'assigned', 40);
  t.equal(
    head.core.writeRefusal(write, noEntry, head.now)?.code,
    'BUSY',
    'an expected value takes room, too',
  );
});

t.test(
  'a server behind the head accepts every update, however full it is (part4/README.md#chain-capacity-join)',
  async (t) => {
    const server = new CoreScript(1);
    server.directory({ view: [0, 1], capacity: entryBytes });
    server.message('up', helloFrom(0));
    const updates = [put(0, 0), put(1, 0), put(2, 0)].map((update) => ({ ...update, data }));
    t.match(server.message('up', { type: 'updates', updates }), [/^execute 0:0 .* 0:2 /]);
  },
);

t.test(
  'a server that may not be able to hold the chain’s capacity stops, and reports what it needs',
  async (t) => {
    const small = new CoreScript(5, { capacityBytes: 1_000 });
    t.match(small.directory({ view: [4], capacity: 1_001 }), [/^stop .*1001 bytes.*1000.*more memory/]);
    const enough = new CoreScript(5, { capacityBytes: 1_001 });
    t.match(enough.directory({ view: [4], capacity: 1_001 }), [/^change .*"join"/]);
  },
);

t.test('a joining server accepts nothing from a chain whose record it has not read', async (t) => {
  const begun = { view: [0], joining: [-7], capacity: 1_001 } as const;
  const answered = (capacityBytes: number) => {
    const joining = new CoreScript(5, { capacityBytes });
    joining.directory({ view: [0], members: [], serial: 0 });
    joining.on({ type: 'change-over' });
    t.same(joining.message('from-0', helloFrom(0, { joining: true })), ['read-directory']);
    return joining.directory(begun);
  };
  t.match(
    answered(1_000),
    [/^close link from-0/, /^stop .*more memory/],
    'it has too little memory for the chain',
  );
  t.match(answered(1_001), [/^from-0 welcome/]);

  // The record that it has read is that of a view whose members are all gone: whether it may join is not decided by it.
  const late = new CoreScript(5, { capacityBytes: 1_000 });
  late.directory({ view: [2], members: [1], recordView: 0, capacity: 1_001 });
  late.on({ type: 'change-over' });
  t.same(late.message('from-2', helloFrom(2, { joining: true })), ['read-directory']);
});

t.test('if no member is left, a smaller server may begin another chain, with start-empty', async (t) => {
  const newChain = 'feed'.repeat(4);
  const options = { capacityBytes: 1_000, onTotalLoss: 'start-empty', newChain } as const;
  const small = new CoreScript(5, options);
  const none = { view: [], joining: [-7], members: [4], capacity: 5_000 };
  t.same(small.directory(none), ['wake delayMs 2500'], 'it waits for those who have the data');
  small.now = 2_500;
  t.match(small.on({ type: 'wake' }), [/enter/]);
  small.on({ type: 'change-over' });
  t.match(small.directory({ ...none, view: [5], joining: [] }), [
    /heartbeats/,
    /"record".*"capacityBytes":1000/,
  ]);
});

t.test('a chain has the capacity of its founder, and keeps it when ZooKeeper loses the record', async (t) => {
  const founder = new CoreScript(0, { capacityBytes: 5_000 });
  t.match(founder.directory({ view: [0], members: [], serial: 0 }), [
    /heartbeats/,
    /^change .*"record".*"capacityBytes":5000/,
  ]);
  const member = new CoreScript(5, { capacityBytes: 9_000 });
  member.directory({ view: [5], capacity: 5_000 });
  member.on({ type: 'session-ended', detail: 'expired' });
  member.on({ type: 'session-started', session: '0000000000000005', timeoutMs: 1_000 });
  t.match(member.directory({ view: [5], members: [], serial: 0 }), [
    /heartbeats/,
    /^change .*"record".*"capacityBytes":5000/,
  ]);
});

t.test(
  'the outcome of a write follows from the updates before, executed or not (part4/README.md#outcome-decided)',
  async (t) => {
    const head = new CoreScript(0);
    head.directory({ view: [0] });
    const old = Buffer.from('old');
    const [present, equal] = [entryOf(40), entryOf(40, true)];
    const outcome = (request: Partial<WriteRequest>, { bytes, isExpected }: TableEntry = noEntry) => {
      const [executed = ''] = head.write({ key: 'k', ...request }, 'assigned', bytes, isExpected);
      return / not applied/.test(executed) ? 'not applied' : 'applied';
    };
    const ifAbsent = { op: 'putIfAbsent', data } as const;
    const ifOld = { op: 'putIfEquals', expected: old, data } as const;
    const ifEmpty = { ...ifOld, expected: new Uint8Array(0) } as const;
    const del = { op: 'del' } as const;
    // With nothing under way, the table says it.
    for (const [request, entry, wanted] of cases(t, [
      [del, noEntry, 'not applied'],
      [ifOld, noEntry, 'not applied'],
      [ifOld, present, 'not applied'],
      [ifOld, equal, 'applied'],
      [ifAbsent, present, 'not applied'],
      [ifAbsent, noEntry, 'applied'],
      [del, present, 'applied'],
    ] as const)) {
      t.equal(outcome(request, entry), wanted, `${request.op} where ${JSON.stringify(entry)}`);
      head.executed(head.core.received);
    }
    // With updates under way, they count, whatever the table has.
    for (const [request, entry, wanted] of cases(t, [
      [{ op: 'put', data: old }, noEntry, 'applied'],
      [ifAbsent, noEntry, 'not applied'],
      [ifOld, noEntry, 'applied'],
      [ifOld, equal, 'not applied'],
      [{ key: 'other', ...del }, noEntry, 'not applied'],
      [del, noEntry, 'applied'],
      [del, present, 'not applied'],
      [ifOld, equal, 'not applied'],
      [ifEmpty, equal, 'not applied'],
      [ifAbsent, present, 'applied'],
      [ifAbsent, noEntry, 'not applied'],
    ] as const)) {
      t.equal(outcome(request, entry), wanted, `${JSON.stringify(request)} where ${JSON.stringify(entry)}`);
    }
  },
);

t.test(
  'a write that changes nothing needs no room, and reserves none (part4/README.md#outcome-decided)',
  async (t) => {
    const head = aloneWithRoomForThree();
    for (const key of ['a', 'b', 'c']) head.write({ key, data });
    head.executed(3, 3 * entryBytes);
    for (let i = 0; i < 5; i += 1) {
      t.match(head.write({ op: 'putIfAbsent', key: 'a', data }, 'assigned', entryBytes), [
        /not applied/,
        /assigned/,
      ]);
    }
    t.equal(head.core.state.history.unexecutedBytes, 0);
    const full = { ...write, op: 'putIfAbsent', key: 'd', data } as const;
    t.equal(head.core.writeRefusal(full, noEntry, head.now)?.code, 'BUSY', 'not all are executed');
    head.executed(8, 3 * entryBytes);
    t.equal(head.core.writeRefusal(full, noEntry, head.now)?.code, 'FULL');
  },
);

t.test('while very many updates are not executed, only a conditional write waits', async (t) => {
  const head = new CoreScript(0);
  head.directory({ view: [0] });
  const { conditionUpdatesMax } = defaultChainLimits;
  for (let i = 0; i <= conditionUpdatesMax; i += 1) head.write({ key: `${i}` }, 'assigned');
  const del = { ...write, op: 'del' } as const;
  t.match(head.core.writeRefusal(del, noEntry, head.now), { code: 'BUSY', mayWait: true });
  t.equal(head.core.writeRefusal(write, noEntry, head.now), undefined);
  head.executed(1);
  t.equal(head.core.writeRefusal(del, noEntry, head.now), undefined);
});
