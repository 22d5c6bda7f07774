/** Golden scripts for the protocol core of one server. The leaf modules are tested in core-leaves.test.ts. */
import t from 'tap';
import { noEntry } from '../src/core/condition.ts';
import { capacityBytes, chain, heldState, helloFrom, put, sessionOf, write } from './support/core-script.ts';
import { RuleScript } from './support/rule-script.ts';

t.test(
  'golden script: a server founds a chain and accepts its first write (part4/README.md#chain-committed)',
  async (t) => {
    const server = new RuleScript(0);
    const { member, address } = { member: 'member-0', address: 'host:0' };
    t.same(server.directory({ view: [], members: [], version: 0, serial: 0 }), [
      `change {"type":"join","data":{"address":"${address}","member":"${member}","state":null}}`,
    ]);
    t.same(server.on({ type: 'change-over' }), []);
    t.same(server.directory({ view: [], members: [], joining: [-7], version: 0, serial: 0 }), [
      `change {"type":"enter","joining":7,"address":"${address}"}`,
    ]);
    t.same(server.on({ type: 'change-over' }), []);
    t.match(server.write(), ['reply 1 refused NOT_READY']);
    t.same(server.directory({ view: [0], members: [], serial: 0 }), [
      `change {"type":"record","id":0,"record":{"chain":"${chain}","epochBase":0,"serial":0,"capacityBytes":${capacityBytes},"view":1,"members":[{"id":0,"member":"${member}"}]},"version":0}`,
      'heartbeats id 0',
    ]);
    t.same(server.on({ type: 'change-over' }), []);
    t.same(server.directory({ view: [0] }), []);
    t.same(server.write(), ['execute 0:0 put k=']);
    t.same(
      server.write({}, 'assigned'),
      ['execute 0:1 put k=', 'reply 3 assigned 0:1'],
      'nothing is committed yet',
    );
    t.same(server.executed(2), ['reply 2 committed 0:0'], 'head and tail in one: executed is committed');
  },
);

t.test(
  'golden script: the middle of three executes, then forwards (part4/README.md#chain-order)',
  async (t) => {
    const server = new RuleScript(1);
    t.same(server.directory({ view: [0, 1, 2] }), [
      'dial link to-1 address host:2 delayMs 0',
      'heartbeats id 1',
    ]);
    const hello = helloFrom(0);
    t.same(server.message('up', hello), [
      'up welcome received 0 lastEpoch undefined whole true stable 0 member true',
    ]);
    t.same(server.on({ type: 'link-up', link: 'to-1' }), [
      `to-1 hello id 1 session ${sessionOf(1)} viewVersion 1 chain ${chain} joining false`,
    ]);
    const welcome = { received: 0, lastEpoch: undefined, whole: true, stable: 0, member: true };
    t.same(server.message('to-1', { type: 'welcome', ...welcome }), []);
    t.same(server.message('up', { type: 'updates', updates: [put(0, 0), put(1, 0)] }), [
      'execute 0:0 put k=',
      'execute 0:1 put k=',
    ]);
    t.same(server.executed(1), ['to-1 updates 0:0']);
    t.same(server.executed(2), ['to-1 updates 0:1']);
  },
);

t.test(
  'golden script: over a new link the successor gets the updates that it lacks (part4/README.md#chain-resend)',
  async (t) => {
    const server = new RuleScript(1);
    server.directory({ view: [0, 1, 2] });
    server.message('up', helloFrom(0));
    server.message('up', { type: 'updates', updates: [put(0, 0), put(1, 0), put(2, 0)] });
    server.executed(3);
    server.on({ type: 'link-up', link: 'to-1' });
    const welcome = { received: 1, lastEpoch: 0, whole: true, stable: 1, member: true };
    t.same(server.message('to-1', { type: 'welcome', ...welcome }), [
      'to-1 updates 0:1',
      'to-1 updates 0:2',
      'up ack stable 1',
    ]);
    t.same(server.on({ type: 'link-down', link: 'to-1', detail: 'broken' }), [
      'dial link to-2 address host:2 delayMs 50',
    ]);
    server.on({ type: 'link-up', link: 'to-2' });
    t.same(server.message('to-2', { type: 'welcome', ...welcome, received: 2 }), ['to-2 updates 0:2']);
  },
);

t.test(
  'updates that come again are dropped; a gap or an update of an earlier epoch breaks the link (part4/README.md#chain-resend)',
  async (t) => {
    const following = () => {
      const server = new RuleScript(1);
      server.directory({ view: [0, 1] });
      server.message('up', helloFrom(0));
      server.message('up', { type: 'updates', updates: [put(0, 1), put(1, 2)] });
      return server;
    };
    const again = following();
    t.same(again.message('up', { type: 'updates', updates: [put(0, 1), put(1, 2), put(2, 2)] }), [
      'execute 2:2 put k=',
    ]);
    t.same(again.message('up', { type: 'updates', updates: [put(1, 2), put(2, 2)] }), []);
    for (const update of [put(3, 2), put(2, 1)]) {
      const server = following();
      t.same(server.message('up', { type: 'updates', updates: [update] }), ['close link up']);
    }
    const redialled = following();
    t.same(
      redialled.message('newer', helloFrom(0)),
      ['close link up', 'newer welcome received 2 lastEpoch 2 whole true stable 0 member true'],
      'the sender dials again only when its link is broken, also if it looks open here',
    );
  },
);

t.test(
  'an ACK for an update that was never sent breaks the link, which is dialled again (part4/README.md#chain-resend)',
  async (t) => {
    const server = new RuleScript(0);
    server.directory({ view: [0, 1] });
    server.on({ type: 'link-up', link: 'to-1' });
    const welcome = { received: 0, lastEpoch: undefined, whole: true, stable: 0, member: true };
    server.message('to-1', { type: 'welcome', ...welcome });
    server.write();
    server.executed(1);
    t.same(server.message('to-1', { type: 'ack', stable: 9 }), [
      'close link to-1',
      'dial link to-2 address host:1 delayMs 50',
    ]);
    t.equal(server.core.stable, 0, 'and counts for nothing');
    server.on({ type: 'link-up', link: 'to-2' });
    t.same(server.message('to-2', { type: 'welcome', ...welcome }), ['to-2 updates 0:0'], 'what it lacks');
  },
);

t.test('updates are taken from the present predecessor only (part4/README.md#chain-resend)', async (t) => {
  const server = new RuleScript(2);
  const updatesOver = (link: string, seq: number) =>
    server.message(link, { type: 'updates', updates: [put(seq, 0)] }).filter((line) => /^execute/.test(line));
  server.directory({ view: [0, 1, 2] });
  server.message('up', helloFrom(1));
  t.same(updatesOver('up', 0), ['execute 0:0 put k=']);
  server.message('other', helloFrom(0));
  t.same(updatesOver('other', 1), [], 'another server of the chain');
  server.message('early', helloFrom(0, { viewVersion: 2 }));
  const welcome = server.directory({ view: [0, 2], version: 2, serial: 2 });
  t.ok(
    welcome.some((line) => /welcome received 1 /.test(line)),
    'then its HELLO is answered',
  );
  t.same(updatesOver('early', 1), ['execute 0:1 put k=']);
  t.same(updatesOver('up', 2), [], 'the old predecessor');
});

t.test(
  'a write is answered COMMITTED when the ACK of the tail has come back to the head (part4/README.md#chain-committed)',
  async (t) => {
    const welcome = { received: 0, lastEpoch: undefined, whole: true, stable: 0, member: true } as const;
    const servers = [0, 1, 2].map((own) => {
      const server = new RuleScript(own);
      server.directory({ view: [0, 1, 2] });
      if (own > 0) server.message('up', helloFrom(own - 1));
      if (own === 2) return server;
      server.on({ type: 'link-up', link: 'to-1' });
      server.message('to-1', { type: 'welcome', ...welcome });
      return server;
    });
    const [head, middle, tail] = servers as [RuleScript, RuleScript, RuleScript];
    head.write();
    t.same(head.executed(1), ['to-1 updates 0:0']);
    for (const server of [middle, tail]) server.message('up', { type: 'updates', updates: [put(0, 0)] });
    t.same(middle.executed(1), ['to-1 updates 0:0'], 'executed, and not known to the tail');
    t.same(tail.executed(1), ['up ack stable 1']);
    t.same(middle.message('to-1', { type: 'ack', stable: 1 }), ['up ack stable 1']);
    t.same(head.message('to-1', { type: 'ack', stable: 1 }), ['reply 1 committed 0:0']);
  },
);

t.test('a HELLO of another chain does not replace the present link', async (t) => {
  const server = new RuleScript(1);
  server.directory({ view: [0, 1] });
  const hello = helloFrom(0);
  server.message('up', hello);
  t.same(server.message('stranger', { ...hello, chain: 'f'.repeat(16) }), ['close link stranger']);
  t.same(server.message('up', { type: 'updates', updates: [put(0, 0)] }), ['execute 0:0 put k=']);
});

t.test(
  'a server that keeps another chain’s data is not admitted, and the last member does not wait for it',
  async (t) => {
    const tail = new RuleScript(4);
    tail.directory({ view: [4] });
    const held = heldState({ chain: 'f'.repeat(16), members: ['another'] });
    t.same(tail.directory({ view: [4], joining: [3], held }), [], 'it is not dialled');
    t.match(tail.on({ type: 'leave' }), [/withdraw/]);
  },
);

t.test(
  'with start-empty, a server first gives the servers with the data time to return (part4/README.md#member-total-loss)',
  async (t) => {
    const newChain = 'feed'.repeat(4);
    const options = { onTotalLoss: 'start-empty', totalLossGraceMs: 1_000, newChain } as const;
    const none = { view: [], joining: [-7] };
    const server = new RuleScript(5, options);
    t.same(server.directory({ ...none, members: [4] }), ['wake delayMs 2500']);
    server.now = 2_499;
    t.same(server.on({ type: 'wake' }), [], 'less than 2.5 session time-outs');
    // ZooKeeper loses its data as well: those who have the chain's may take until they have given up their sessions.
    server.now = 2_500;
    t.same(server.directory({ ...none, members: [] }), ['wake delayMs 11000']);
    server.now = 13_499;
    t.same(server.on({ type: 'wake' }), [], 'less than 11 of them');
    server.now = 13_500;
    t.match(server.on({ type: 'wake' }), [/enter/]);
    // What became of the chain while it was not looking, or between two looks, is not known.
    const blind = new RuleScript(5, options);
    blind.directory({ ...none, members: [4] });
    blind.now = 2_000;
    t.same(
      blind.directory({ ...none, members: [4], serial: 3 }),
      ['wake delayMs 2500'],
      'the chain was back',
    );
    blind.now = 4_000;
    blind.on({ type: 'session-ended', detail: 'expired' });
    blind.on({ type: 'session-started', session: sessionOf(5), timeoutMs: 1_000 });
    blind.now = 4_600;
    t.same(blind.directory({ ...none, members: [4], serial: 3 }), ['wake delayMs 2500'], 'another session');
    const patient = new RuleScript(5, { ...options, totalLossGraceMs: 4_000 });
    t.same(patient.directory({ ...none, members: [4] }), ['wake delayMs 4000'], 'or what it was told');
  },
);

t.test(
  'golden script: a tail admits a new server with a snapshot, and sends HANDOVER (part4/README.md#join-waits)',
  async (t) => {
    const tail = new RuleScript(4, { limits: { windowUpdatesMax: 0 } as never });
    tail.directory({ view: [4] });
    tail.write({ op: 'open', key: '', client: 'c'.repeat(32) });
    tail.write();
    tail.executed(2);
    t.same(tail.directory({ view: [4], joining: [3] }), ['dial link to-1 address host:103 delayMs 0']);
    t.same(tail.on({ type: 'link-up', link: 'to-1' }), [
      `to-1 hello id 4 session ${sessionOf(4)} viewVersion 1 chain ${chain} joining true`,
    ]);
    const welcome = { received: 0, lastEpoch: undefined, whole: true, stable: 0, member: false };
    t.same(tail.message('to-1', { type: 'welcome', ...welcome }), [
      'read-chunk link to-1 cursor 0',
      'to-1 snapshot from 2, 1 sessions as of 2',
    ]);
    t.same(tail.write(), ['execute 4:2 put k='], 'it goes on meanwhile');
    t.same(tail.executed(3), ['reply 3 committed 4:2', 'to-1 updates 4:2']);
    const entries = new Uint8Array(3);
    t.same(tail.on({ type: 'chunk', link: 'to-1', entries, executed: 3, next: undefined }), [
      'to-1 chunk of 3 bytes',
      'to-1 invite seq 3',
    ]);
    t.same(tail.message('to-1', { type: 'progress', executed: 3, chunks: 1 }), []);
    t.equal(tail.core.readRefusal(tail.now), undefined, 'it answers reads until it sees the new view');
    const entered = { view: [4, 103], members: [4], version: 2, recordView: 2, serial: 2 };
    t.same(tail.directory(entered), ['to-1 handover seq 3']);
    t.match(tail.core.readRefusal(tail.now), { code: 'NOT_TAIL' });
  },
);

t.test(
  'golden script: a new server copies, enters, and answers after the HANDOVER (part4/README.md#join-handover)',
  async (t) => {
    const server = new RuleScript(5);
    server.directory({ view: [4], joining: [-7] });
    t.same(server.message('up', helloFrom(4, { joining: true })), [
      'up welcome received 0 lastEpoch undefined whole true stable 0 member false',
    ]);
    const snapshot = { seq: 2, epochs: [{ epoch: 4, seq: 0 }], sessions: [], sessionsSeq: 2 };
    t.same(server.message('up', { type: 'snapshot', ...snapshot }), [
      'up progress executed 2 chunks 0',
      'wipe seq 2',
    ]);
    t.same(server.message('up', { type: 'chunk', entries: new Uint8Array(9) }), ['load 9 bytes']);
    t.same(server.message('up', { type: 'invite', seq: 2 }), []);
    t.same(server.on({ type: 'loaded', chunks: 1, tableBytes: 0 }), [
      'change {"type":"enter","joining":7,"address":"host:5"}',
      'up progress executed 2 chunks 1',
    ]);
    server.on({ type: 'change-over' });
    t.same(server.directory({ view: [4, 5], members: [4] }), ['heartbeats id 5']);
    t.match(
      server.core.readRefusal(server.now),
      { code: 'NOT_READY' },
      'it is the tail of the view, and no member',
    );
    t.match(server.message('up', { type: 'handover', seq: 2 }), [/^change {"type":"record"/]);
    t.match(server.core.readRefusal(server.now), { code: 'NOT_READY' });
    server.on({ type: 'change-over' });
    server.directory({ view: [4, 5], serial: 2 });
    t.equal(server.core.readRefusal(server.now), undefined);
  },
);

t.test(
  'golden script: a leaving head waits until all servers have the writes that it accepted',
  async (t) => {
    const head = new RuleScript(0);
    head.directory({ view: [0, 1] });
    head.on({ type: 'link-up', link: 'to-1' });
    head.message('to-1', {
      type: 'welcome',
      received: 0,
      lastEpoch: undefined,
      whole: true,
      stable: 0,
      member: true,
    });
    head.write();
    head.executed(1);
    t.same(head.on({ type: 'leave' }), []);
    t.same(head.write(), ['reply 2 refused SHUTTING_DOWN']);
    t.same(head.message('to-1', { type: 'ack', stable: 1 }), [
      'change {"type":"withdraw","id":0,"inChain":true}',
      'reply 1 committed 0:0',
    ]);
    head.on({ type: 'change-over' });
    const effects = head.directory({ view: [1], members: [0, 1], version: 2, recordView: 1 });
    t.ok(effects.includes('left lastCopy undefined'));
    t.same(head.write(), ['reply 3 refused SHUTTING_DOWN'], 'every write has its answer');
  },
);

t.test(
  'golden script: a repeat gets the answer of the first attempt (part4/README.md#once-repeat)',
  async (t) => {
    const head = new RuleScript(0);
    head.directory({ view: [0] });
    const client = 'c'.repeat(32);
    head.write({ op: 'open', key: '', client });
    head.executed(1);
    const request = { client, request: 1, firstIncomplete: 1 };
    t.same(head.write(request), [`execute 0:1 put k= (${client}/1)`]);
    t.same(head.write(request), [], 'it is not executed again');
    t.same(head.executed(2), ['reply 2 committed 0:1', 'reply 3 committed 0:1']);
    t.same(head.write(request), ['reply 4 committed 0:1']);
    t.same(head.write({ ...request, client: 'f'.repeat(32) }), ['reply 5 refused LOST']);
  },
);

t.test(
  'golden script: another write under the number of an earlier one is refused (part4/README.md#once-repeat)',
  async (t) => {
    const head = new RuleScript(0);
    head.directory({ view: [0] });
    const client = 'c'.repeat(32);
    head.write({ op: 'open', key: '', client });
    head.executed(1);
    const first = { client, request: 1, firstIncomplete: 1 };
    head.write(first);
    for (const other of [{ key: 'other' }, { data: Uint8Array.of(1) }, { op: 'del' } as const]) {
      t.match(head.write({ ...first, ...other }), [/^reply \d refused BAD_REQUEST$/], 'and not executed');
    }
    t.same(head.executed(2), ['reply 2 committed 0:1']);
    t.same(head.write(first), ['reply 6 committed 0:1'], 'a repeat still gets its answer');
  },
);

t.test(
  'a repeat is answered with the first outcome, whatever is there by then (part4/README.md#outcome-once)',
  async (t) => {
    const head = new RuleScript(0);
    head.directory({ view: [0] });
    const present = { bytes: 100, isExpected: false };
    const client = 'c'.repeat(32);
    head.write({ op: 'open', client, key: '' });
    const request = (number: number) => ({ client, request: number, firstIncomplete: 1 });
    const ifAbsent = { op: 'putIfAbsent', ...request(1) } as const;
    const del = { op: 'del', ...request(2) } as const;
    head.write(ifAbsent, 'committed', present.bytes);
    head.write(del, 'committed', present.bytes);
    head.executed(head.core.received);
    const replies: unknown[] = [];
    for (const write of [ifAbsent, del]) {
      for (const entry of [noEntry, present]) {
        head.core.handle(
          {
            type: 'write',
            token: 9,
            write: { key: 'k', data: new Uint8Array(0), ...write },
            entry,
            ack: 'committed',
          },
          head.now,
        );
        replies.push(...head.core.takeEffects().map((effect) => 'reply' in effect && effect.reply));
      }
    }
    t.match(replies, [{ isApplied: false }, { isApplied: false }, { isApplied: true }, { isApplied: true }]);
  },
);

t.test(
  'golden script: of too many sessions, the one that is idle longest is forgotten (part4/README.md#once-forget)',
  async (t) => {
    const head = new RuleScript(0, { limits: { sessionsMax: 2 } });
    head.directory({ view: [0] });
    const [first = '', second = '', third = ''] = ['a', 'b', 'c'].map((digit) => digit.repeat(32));
    const request = (client: string) => ({ client, request: 1, firstIncomplete: 1 });
    for (const client of [first, second]) head.write({ op: 'open', key: '', client });
    head.write(request(first));
    head.executed(3);
    head.write({ op: 'open', key: '', client: third });
    head.executed(4);
    t.same(head.write(request(second)), ['reply 5 refused LOST'], 'it is not executed');
    t.same(head.write(request(first)), ['reply 6 committed 0:2'], 'the session that was used stays');
  },
);

t.test(
  'golden script: a new head first executes the old head’s updates (part4/README.md#chain-new-head)',
  async (t) => {
    const server = new RuleScript(1);
    server.directory({ view: [0, 1] });
    server.message('up', helloFrom(0));
    server.message('up', { type: 'updates', updates: [put(0, 0), put(1, 0)] });
    server.executed(1);
    server.directory({ view: [1], members: [1], version: 2, serial: 2 });
    t.same(server.write(), ['reply 1 refused NOT_READY']);
    server.executed(2);
    t.same(server.write(), ['execute 1:2 put k=']);
  },
);

t.test(
  'golden script: a HELLO of a newer view waits for that view, one from another server is rejected',
  async (t) => {
    const server = new RuleScript(2);
    server.directory({ view: [0, 1, 2] });
    t.same(server.message('a', helloFrom(0)), ['a reject viewVersion 1', 'close link a']);
    t.same(server.message('b', helloFrom(0, { viewVersion: 2 })), ['read-directory']);
    t.same(server.directory({ view: [0, 2], version: 2, serial: 2 }), [
      'b welcome received 0 lastEpoch undefined whole true stable 0 member true',
    ]);
    t.same(
      server.message('d', helloFrom(0, { session: sessionOf(7), viewVersion: 2 })).at(0),
      'close link d',
      'the number and the view may be of before ZooKeeper lost its data: the session is not',
    );
    t.same(server.message('c', helloFrom(0, { viewVersion: 9 })), ['read-directory']);
    t.same(server.directory({ view: [0, 2], version: 2, serial: 2 }), [
      'c reject viewVersion 2',
      'close link c',
    ]);
  },
);

t.test('golden script: a server whose state does not match joins again, a member stops', async (t) => {
  const refuse = { type: 'refuse', detail: 'it has more' } as const;
  const server = new RuleScript(5);
  server.directory({ view: [4, 5], members: [4] });
  server.message('up', helloFrom(4));
  t.same(server.message('up', refuse), [
    'change {"type":"withdraw","id":5,"inChain":true}',
    'up progress executed 0 chunks 0',
  ]);
  const member = new RuleScript(5);
  member.directory({ view: [4, 5] });
  member.message('up', helloFrom(4));
  t.ok(member.message('up', refuse).includes('stop'));
});

t.test(
  'golden script: an invalid message from the successor breaks the link, and is ignored (part4/README.md#trust-network)',
  async (t) => {
    const nonsense = [
      { type: 'ack', stable: 9 },
      { type: 'handover', seq: 0 },
      { type: 'welcome', received: 0, lastEpoch: undefined, whole: true, stable: 0, member: true },
    ] as const;
    for (const message of nonsense) {
      const server = new RuleScript(0);
      server.directory({ view: [0, 1] });
      server.on({ type: 'link-up', link: 'to-1' });
      server.message('to-1', nonsense[2]);
      const [close, dial] = server.message('to-1', message);
      t.match(close, /^close link to-1/);
      t.match(dial, /^dial link to-2/);
      t.equal(server.core.stable, 0);
    }
  },
);

t.test(
  'the lease: a server acts for three quarters of its session’s time-out after a heartbeat (part4/README.md#lease-serve)',
  async (t) => {
    const server = new RuleScript(0);
    server.directory({ view: [0] });
    const serves = (now: number) =>
      [server.core.readRefusal(now), server.core.writeRefusal(write, noEntry, now)].map((no) => no?.code);
    t.same(serves(749), [undefined, undefined]);
    t.same(serves(750), ['NOT_READY', 'NOT_READY']);
    server.now = 760;
    t.same(server.write(), ['reply 1 refused NOT_READY']);
    server.on({ type: 'heartbeat', session: sessionOf(0), sentAt: 700 });
    t.same(serves(1_449), [undefined, undefined]);
    server.on({ type: 'heartbeat', session: sessionOf(0), sentAt: 600 });
    t.same(serves(1_449), [undefined, undefined], 'an older one takes nothing away');
    server.on({ type: 'heartbeat', session: sessionOf(9), sentAt: 760 });
    t.same(serves(1_450), ['NOT_READY', 'NOT_READY'], 'one of another session does not count');
  },
);

t.test(
  'a server that is not the tail names the tail while its lease is valid (part4/README.md#lease-serve)',
  async (t) => {
    const middle = new RuleScript(1);
    middle.directory({ view: [0, 1, 2] });
    t.match(middle.core.readRefusal(749), { code: 'NOT_TAIL', detail: /host:2/ });
    t.match(middle.core.readRefusal(750), { code: 'NOT_READY' });
  },
);

t.test(
  'a full log refuses writes with BUSY until the chain has caught up (part4/README.md#chain-limits)',
  async (t) => {
    const head = new RuleScript(0, { limits: { logUpdatesMax: 2 } as never });
    head.directory({ view: [0] });
    head.write();
    head.write();
    t.match(head.core.writeRefusal(write, noEntry, head.now), { code: 'BUSY' });
    t.same(head.write(), ['reply 3 refused BUSY']);
    head.executed(1);
    t.equal(head.core.writeRefusal(write, noEntry, head.now), undefined);
  },
);

// ---- bugs found by the simulator ----
