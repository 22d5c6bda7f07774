/** Separate tests of the core's leaf modules, as tables: the place in the chain, sessions, the log. */
import t from 'tap';
import {
  applyToSessions,
  type ClientSessions,
  copySessions,
  lookUpRequest,
  newSessions,
  sessionRecords,
} from '../src/core/client-sessions.ts';
import { appendUpdate, newHistory, noteExecuted, snapshotOf } from '../src/core/history.ts';
import { defaultChainLimits } from '../src/core/limits.ts';
import { decide, type Situation } from '../src/core/membership.ts';
import type { Update } from '../src/core/update.ts';
import {
  appendToLog,
  findUpdate,
  logEnd,
  newLog,
  settleLog,
  sliceOfLog,
  updateAt,
} from '../src/core/update-log.ts';
import {
  capacityBytes,
  chain,
  directoryOf,
  heldState,
  memberOf,
  type Picture,
  put,
  recordOf,
  sessionOf,
} from './support/core-script.ts';

// ---- the place in the chain: a table ----

const own = 5;

function situationOf(picture: Picture, more: Partial<Situation> = {}): Situation {
  return {
    directory: directoryOf(picture, own),
    session: sessionOf(own),
    member: memberOf(own),
    address: `host:${own}`,
    held: undefined,
    standing: undefined,
    hasHeardOfChain: false,
    isInvited: false,
    isHandedOver: false,
    isRefused: false,
    leaving: 'no',
    mayGiveUp: false,
    newChain: 'feed000000000000',
    nextEpoch: 0,
    capacityBytes,
    heldCapacityBytes: undefined,
    ...more,
  };
}

const held = heldState({ members: [memberOf(own)] });
const heldWithAnother = heldState({ members: [memberOf(own), memberOf(101)] });
const newerElsewhere = heldState({ serial: 2, members: [memberOf(own), memberOf(101)] });

/** Situation -> decision: the type of the decision, and of its change. */
const decisions: readonly [string, Picture, Partial<Situation>, string][] = [
  ['a new server waits first', { view: [1, 2] }, {}, 'outside join'],
  ['it waits until it is let in', { view: [1, 2], joining: [-7] }, {}, 'outside'],
  ['invited, it enters', { view: [1, 2], joining: [-7] }, { isInvited: true }, 'outside enter'],
  [
    'nobody has founded a chain: anyone enters',
    { view: [], members: [], joining: [-7] },
    {},
    'outside enter',
  ],
  ['the first in an empty chain founds it', { view: [5, 6], members: [] }, {}, 'pending record'],
  [
    'the record was emptied, and all with data are away: an empty server waits',
    { view: [], members: [], joining: [-7], serial: 2 },
    {},
    'outside',
  ],
  [
    'if it has entered already, it makes way',
    { view: [5, 6], members: [], serial: 2 },
    {},
    'pending withdraw',
  ],
  [
    'only after a grace, if it was told to',
    { view: [], members: [], joining: [-7], serial: 2 },
    { mayGiveUp: true },
    'outside enter',
  ],
  ['the second waits for that', { view: [4, 5], members: [] }, {}, 'pending'],
  ['behind a member it waits for the state', { view: [4, 5], members: [4] }, {}, 'adopt'],
  ['handed over, it adds itself', { view: [4, 5], members: [4] }, { isHandedOver: true }, 'adopt record'],
  ['a member acts on its view', { view: [4, 5] }, {}, 'adopt'],
  ['and waits nowhere any more', { view: [4, 5], joining: [-7] }, {}, 'adopt withdraw'],
  ['nor does one that is no member yet', { view: [4, 5], members: [4], joining: [-7] }, {}, 'adopt withdraw'],
  [
    'a view older than the record is not acted on',
    { view: [4, 5], version: 1, recordView: 2 },
    {},
    'pending',
  ],
  [
    'a newer view is adopted first',
    { view: [5], members: [4, 5], version: 2, recordView: 1 },
    {},
    'pending record',
  ],
  [
    'only a member drops others from the record',
    { view: [4, 5], members: [3, 4], version: 2, recordView: 1 },
    {},
    'pending',
  ],
  ['nobody before it has the state: it makes way', { view: [5, 6], members: [6] }, {}, 'pending withdraw'],
  [
    'refused by its predecessor, it comes anew',
    { view: [4, 5], members: [4] },
    { isRefused: true },
    'pending withdraw',
  ],
  ['a member that is refused stays', { view: [4, 5] }, { isRefused: true }, 'adopt'],
  ['leaving, drained: it goes', { view: [4, 5] }, { leaving: 'drained' }, 'pending withdraw'],
  ['leaving, with writes under way: it stays', { view: [4, 5] }, { leaving: 'draining' }, 'adopt'],
  [
    'leaving while it waits: it goes',
    { view: [4], joining: [-7] },
    { leaving: 'drained' },
    'outside withdraw',
  ],
  ['leaving, and gone: that is all', { view: [4] }, { leaving: 'drained' }, 'left'],
  [
    'it is no member of another chain',
    { view: [4], joining: [-7] },
    { held: { ...held, chain: 'other' }, isInvited: true },
    'outside',
  ],
  [
    'nor begins anything in its place',
    { view: [], members: [4], joining: [-7] },
    { held: { ...held, chain: 'other' }, mayGiveUp: true },
    'outside',
  ],
  [
    'having entered it, it leaves it',
    { view: [4, 5], members: [4] },
    { held: { ...held, chain: 'other' } },
    'outside withdraw',
  ],
  [
    'all gone: a member of the record begins',
    { view: [], members: [5], joining: [-7] },
    { held },
    'outside enter',
  ],
  [
    'all gone: who was dropped before does not',
    { view: [], members: [4], joining: [-7] },
    { held },
    'outside',
  ],
  ['nor does an empty server', { view: [], members: [4], joining: [-7] }, {}, 'outside'],
  ['unless it was told to', { view: [], members: [4], joining: [-7] }, { mayGiveUp: true }, 'outside enter'],
  [
    'but never while somebody is back who has all',
    { view: [], members: [104], joining: [-7, 4], held },
    { mayGiveUp: true },
    'outside',
  ],
  [
    'a founder that lost its session at once begins again',
    { view: [], members: [5], joining: [-7] },
    { newChain: chain },
    'outside enter',
  ],
  [
    'ZooKeeper is empty: who was being let in founds no other chain',
    { view: [], members: [], joining: [-7] },
    { hasHeardOfChain: true },
    'outside',
  ],
  [
    'unless it was told to begin without the data',
    { view: [], members: [], joining: [-7] },
    { hasHeardOfChain: true, mayGiveUp: true },
    'outside enter',
  ],
  [
    'ZooKeeper is empty: the only member begins',
    { view: [], members: [], joining: [-7] },
    { held },
    'outside enter',
  ],
  [
    'ZooKeeper is empty: not before all members are back',
    { view: [], members: [], joining: [-7] },
    { held: heldWithAnother },
    'outside',
  ],
  [
    'all are back: the one with the newer record begins',
    { view: [], members: [], joining: [-7, 1], held: heldWithAnother },
    { held: newerElsewhere },
    'outside enter',
  ],
  [
    'and the other one waits for it',
    { view: [], members: [], joining: [-7, 1], held: newerElsewhere },
    { held: heldWithAnother },
    'outside',
  ],
  [
    'an empty server founds nothing beside servers that hold data',
    { view: [], members: [], joining: [-7, 1], held },
    {},
    'outside',
  ],
  [
    'the record was emptied: the first member writes it again',
    { view: [5, 6], members: [] },
    { held, standing: recordOf([5, 6]) },
    'pending record',
  ],
  [
    'the record was emptied: the others wait for the first',
    { view: [4, 5], members: [] },
    { held, standing: recordOf([4, 5]) },
    'pending',
  ],
  [
    'the record was emptied, and an empty server before it has begun nothing yet: it has the data',
    { view: [4, 5], members: [] },
    { held, standing: recordOf([5]) },
    'pending record',
  ],
  [
    'no record: an empty server founds nothing beside servers in the chain',
    { view: [4], members: [], joining: [-7] },
    {},
    'outside',
  ],
  [
    'an operator has chosen it to begin without data',
    { view: [], joining: [-7], ordered: { from: null, begins: own } },
    { hasHeardOfChain: true },
    'outside enter',
  ],
  [
    'an operator has chosen another server to begin without data',
    { view: [], joining: [-7], ordered: { from: null, begins: 4 } },
    { hasHeardOfChain: true },
    'outside',
  ],
  [
    'an empty server does not begin in place of one that an operator has chosen for its data',
    { view: [], joining: [-7], ordered: { from: 'd'.repeat(16), begins: own } },
    {},
    'outside',
  ],
  [
    'an operator has chosen it for its data: its znode tells the others of which chain they are now',
    {
      view: [],
      joining: [-7],
      ordered: { from: 'd'.repeat(16), begins: own },
      ownHeld: { ...held, chain: 'd' },
    },
    { held },
    'outside withdraw',
  ],
  [
    'an operator has chosen it for its data, and its znode says so',
    { view: [], joining: [-7], ordered: { from: 'd'.repeat(16), begins: own }, ownHeld: held },
    { held },
    'outside enter',
  ],
  [
    'what a waiting znode says of a state that is gone is taken back',
    { view: [4], joining: [-7], ownHeld: held },
    {},
    'outside withdraw',
  ],
];

for (const [name, picture, more, expected] of decisions) {
  t.test(`membership: ${name}`, async (t) => {
    const decision = decide(situationOf(picture, more));
    const change = 'change' in decision && decision.change !== undefined ? [decision.change.type] : [];
    t.equal([decision.type, ...change].join(' '), expected);
  });
}

t.test('membership: a server that begins with less than all begins another chain', async (t) => {
  const alone = situationOf(
    { view: [5], members: [] },
    { held: heldWithAnother, mayGiveUp: true, nextEpoch: 9 },
  );
  t.match(decide(alone), { change: { record: { chain: 'feed000000000000', epochBase: 9 } } });
  const complete = situationOf({ view: [5], members: [] }, { held, nextEpoch: 9 });
  t.match(decide(complete), { change: { record: { chain, epochBase: 9, serial: 2 } } }, 'its epochs go on');
});

// ---- sessions ----

const sessionLimits = { sessionsMax: 2, outcomesPerSessionMax: 2, outcomesMax: 100 };

function sessionsWith(...updates: Partial<Update>[]): ClientSessions {
  const sessions = newSessions();
  for (const [seq, update] of updates.entries()) {
    applyToSessions(sessions, { ...put(seq, 0), ...update }, sessionLimits);
  }
  return sessions;
}

const lookUp = (sessions: ClientSessions, request: Partial<Update>) =>
  lookUpRequest(sessions, { ...put(0, 0), ...request }, sessionLimits);

const open = (client: string) => ({ op: 'open', client }) as const;

t.test('sessions: the lookup of a request', async (t) => {
  const client = 'session-0';
  const request = (number: number, firstIncomplete = 1) => ({ client, request: number, firstIncomplete });
  const sessions = sessionsWith(open(client), request(1));
  t.same(lookUp(sessions, request(1)), { type: 'known', name: { epoch: 0, seq: 1 }, isApplied: true });
  t.same(lookUp(sessions, request(2)), { type: 'new' });
  t.same(lookUp(sessions, { ...request(1), client: 'other' }), { type: 'no-session' });
  applyToSessions(sessions, { ...put(2, 0), ...request(2, 2) }, sessionLimits);
  t.same(lookUp(sessions, request(1)), { type: 'answered' }, 'the client has said so');
});

t.test(
  'sessions: a different write under the number of an earlier one is detected (part4/README.md#once-repeat)',
  async (t) => {
    const first = {
      client: 'session-0',
      request: 1,
      firstIncomplete: 1,
      key: 'key',
      data: Buffer.from('value'),
    };
    const sessions = sessionsWith(open(first.client), first);
    t.match(lookUp(sessions, { ...first, data: Buffer.from('value') }), { type: 'known' });
    t.match(lookUp(newSessions(sessionRecords(sessions)), first), { type: 'known' }, 'in a copy, too');
    const others: Partial<Update>[] = [
      { op: 'del', data: new Uint8Array(0) },
      { op: 'putIfAbsent' },
      { op: 'putIfEquals', expected: new Uint8Array(0) },
      { op: 'putIfEquals', expected: Buffer.from('old') },
      { key: 'keys' },
      { key: 'kez' },
      ...['', 'valuf', 'vulue', 'value!', 'valu', 'value\0'].map((data) => ({ data: Buffer.from(data) })),
    ];
    const conditional = { ...first, op: 'putIfEquals', expected: Buffer.from('old') } as const;
    const withCondition = sessionsWith(open(first.client), conditional);
    t.match(lookUp(withCondition, conditional), { type: 'known' });
    for (const expected of [new Uint8Array(0), Buffer.from('ol'), Buffer.from('olD')]) {
      t.same(lookUp(withCondition, { ...conditional, expected }), { type: 'another-write' });
    }
    for (const other of others) {
      t.same(lookUp(sessions, { ...first, ...other }), { type: 'another-write' });
      t.same(lookUp(newSessions(sessionRecords(sessions)), { ...first, ...other }), {
        type: 'another-write',
      });
    }
  },
);

t.test('sessions: a full session accepts only a request that makes room for itself', async (t) => {
  const client = 'session-0';
  const request = (number: number, firstIncomplete: number) => ({ client, request: number, firstIncomplete });
  const sessions = sessionsWith(open(client), request(1, 1), request(2, 1));
  t.same(lookUp(sessions, request(3, 1)), { type: 'too-many' });
  t.same(lookUp(sessions, request(3, 3)), { type: 'new' }, 'request 1 and 2 are answered, it says');
});

t.test(
  'sessions: the session idle longest is forgotten, on every copy (part4/README.md#once-forget)',
  async (t) => {
    const request = { client: 'session-0', request: 1, firstIncomplete: 1 };
    const sessions = sessionsWith(open('session-0'), open('session-1'), request);
    const sent = newSessions(sessionRecords(sessions));
    const copy = copySessions(sessions);
    for (const each of [sessions, sent, copy]) {
      applyToSessions(each, { ...put(3, 0), ...open('session-3') }, sessionLimits);
      t.same([...each.byClient.keys()], ['session-0', 'session-3']);
    }
    t.same(sent, sessions);
    t.same(copy, sessions);
  },
);

// ---- the log ----

t.test('the log keeps unsettled updates, and a window of settled ones', async (t) => {
  const window = { windowUpdatesMax: 2, windowBytesMax: 1_000_000 };
  const log = newLog(10);
  const marks = () => [log.start, log.settled, logEnd(log)];
  for (let seq = 10; seq < 20; seq += 1) appendToLog(log, put(seq, 0));
  t.same(marks(), [10, 10, 20]);
  settleLog(log, 15, window);
  t.same(marks(), [13, 15, 20]);
  t.equal(findUpdate(log, 12), undefined, 'too old');
  t.equal(updateAt(log, 13).seq, 13);
  const { updates } = sliceOfLog(log, 13, 20, { countMax: 3, bytesMax: 1_000_000 });
  t.same(
    updates.map(({ seq }) => seq),
    [13, 14, 15],
  );
  t.same(sliceOfLog(log, 13, 20, { countMax: 9, bytesMax: 1 }).updates.length, 1, 'at least one');
  t.throws(() => appendToLog(log, put(21, 0)), /in order/);
  t.throws(() => settleLog(log, 21, window), /settled/);
  settleLog(log, 20, window);
  t.equal(log.unsettledBytes, 0);
});

t.test('the log releases trimmed updates at once, however large', async (t) => {
  const log = newLog();
  const window = { windowUpdatesMax: 8_192, windowBytesMax: 1_000_000 };
  for (let seq = 0; seq < 300; seq += 1) {
    appendToLog(log, { ...put(seq, 0), data: new Uint8Array(100_000) });
    settleLog(log, seq + 1, window);
    const kept = log.updates.reduce((bytes, update) => bytes + (update?.data.length ?? 0), 0);
    if (kept > 1_100_000) return t.fail(`${kept} bytes are kept after ${seq + 1} updates`);
  }
  t.ok(logEnd(log) - log.start < 11, 'the window is bounded by its bytes');
});

// ---- the history ----

t.test(
  'a snapshot has only the epochs of the updates below it: the later updates bring theirs',
  async (t) => {
    const history = newHistory();
    for (const [seq, epoch] of [0, 0, 0, 1].entries()) {
      appendUpdate(history, put(seq, epoch), defaultChainLimits);
    }
    noteExecuted(history, 2, 0);
    t.match(snapshotOf(history), { seq: 2, epochs: [{ epoch: 0, seq: 0 }] });
    t.equal(snapshotOf(history).epochs.length, 1);
    noteExecuted(history, 3, 0);
    t.equal(snapshotOf(history).epochs.length, 1, 'the first update of epoch 1 is not executed');
    noteExecuted(history, 4, 0);
    t.same(snapshotOf(history).epochs, [
      { epoch: 0, seq: 0 },
      { epoch: 1, seq: 3 },
    ]);
  },
);
