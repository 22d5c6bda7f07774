/** The core and its links: servers that cannot be reached or admitted, and messages that no server sends. */
import t from 'tap';
import { CoreScript, chain, heldState, helloFrom, sessionOf } from './support/core-script.ts';

const welcome = { type: 'welcome', received: 0, lastEpoch: undefined, whole: true, stable: 0 } as const;

t.test('a joining server that cannot be reached does not keep the others out', async (t) => {
  const tail = new CoreScript(0);
  const dials = (effects: readonly string[]) => effects.filter((effect) => effect.startsWith('dial'));
  t.match(dials(tail.directory({ view: [0], joining: [7, 8] })), [/host:107/]);
  const unreachable = (link: string) => dials(tail.on({ type: 'link-down', link, detail: 'nobody listens' }));
  t.match(unreachable('to-1'), [/host:108/], 'the next one');
  t.match(unreachable('to-2'), [/host:107/], 'and the first one again');
  t.match(unreachable('to-3'), [/host:108/]);
});

t.test('a joining server that has executed more than it was sent is given up', async (t) => {
  const tail = new CoreScript(0);
  tail.directory({ view: [0], joining: [7] });
  tail.on({ type: 'link-up', link: 'to-1' });
  tail.message('to-1', { ...welcome, member: false });
  t.match(tail.message('to-1', { type: 'progress', executed: 5, chunks: 0 }), [/^close link to-1/, /^dial/]);
});

t.test('a snapshot for a server that is in the chain breaks the link, and changes nothing', async (t) => {
  const member = new CoreScript(5);
  member.directory({ view: [4, 5] });
  member.message('up', helloFrom(4));
  const snapshot = { type: 'snapshot', seq: 0, epochs: [], sessions: [], sessionsSeq: 0 } as const;
  t.match(member.message('up', snapshot), [/^close link up/]);
});

t.test('sixteen servers at most wait until this one has read a newer view', async (t) => {
  const server = new CoreScript(5);
  server.directory({ view: [4, 5] });
  const early = (count: number) => server.message(`up-${count}`, helloFrom(4, { viewVersion: 2 }));
  for (let count = 1; count <= 16; count += 1) t.same(early(count), ['read-directory']);
  t.match(early(17), [/^close link up-17 /]);
});

t.test('a server without a chain dials no other server', async (t) => {
  const server = new CoreScript(1);
  t.same(server.directory({ view: [0, 1, 2], members: [0] }), ['heartbeats id 1']);
  const effects = server.message('up', helloFrom(0));
  t.match(effects[0], /^up welcome/);
  t.ok(effects.includes('dial link to-1 address host:2 delayMs 0'), 'now it has something to say');
  t.same(server.on({ type: 'link-up', link: 'to-1' }), [
    `to-1 hello id 1 session ${sessionOf(1)} viewVersion 1 chain ${chain} joining false`,
  ]);
});

t.test('a tail does not dial a joining server while the record names it', async (t) => {
  const tail = new CoreScript(4);
  const members = [103, 4];
  t.same(tail.directory({ view: [4, 103], members: [4, 103], version: 1 }), [
    'heartbeats id 4',
    'dial link to-1 address host:103 delayMs 0',
  ]);
  const alone = new CoreScript(4);
  t.same(alone.directory({ view: [2, 4], members: [2, 4, ...members], joining: [3] }), ['heartbeats id 4']);
  t.same(alone.directory({ view: [2, 4], joining: [3], serial: 2 }), [
    'dial link to-1 address host:103 delayMs 0',
  ]);
});

t.test('a HANDOVER does not apply to a state that is being copied again', async (t) => {
  const server = new CoreScript(5);
  server.directory({ view: [4], joining: [-7] });
  const hello = helloFrom(4, { joining: true });
  server.message('up', hello);
  const entering = server.message('up', { type: 'invite', seq: 0 }).at(-1);
  t.match(entering, /"type":"enter"/, 'an empty chain: it may enter at once');
  server.message('again', hello);
  const snapshot = { seq: 2, epochs: [{ epoch: 4, seq: 0 }], sessions: [], sessionsSeq: 2 };
  server.message('again', { type: 'snapshot', ...snapshot });
  server.message('again', { type: 'chunk', entries: new Uint8Array(9) });
  server.on({ type: 'change-over' });
  server.directory({ view: [4, 5], members: [4] });
  server.message('again', { type: 'invite', seq: 2 });
  t.same(server.message('again', { type: 'handover', seq: 2 }), [], 'the chunk is not in the table yet');
  t.match(server.on({ type: 'loaded', chunks: 1, tableBytes: 0 }).at(-1), /"type":"record"/);
});

t.test('a server that has sent HANDOVER does not begin without its successor', async (t) => {
  const stateAfter = (directories: (tail: CoreScript) => void) => {
    const tail = new CoreScript(4);
    tail.directory({ view: [4], joining: [3] });
    tail.on({ type: 'link-up', link: 'to-1' });
    const welcome = { received: 0, lastEpoch: undefined, whole: true, stable: 0, member: false };
    tail.message('to-1', { type: 'welcome', ...welcome });
    directories(tail);
    tail.on({ type: 'session-ended', detail: 'expired' });
    tail.on({ type: 'session-started', session: sessionOf(4), timeoutMs: 1_000 });
    const [wait = ''] = tail.directory({ view: [], members: [], version: 0, serial: 0 });
    return JSON.parse(wait.slice(wait.indexOf('{'))).data.state;
  };
  const entered = { view: [4, 103], members: [4], version: 2, serial: 2 };
  const members = ['member-4', 'member-103'];
  t.same(
    stateAfter(() => undefined),
    heldState({ members: ['member-4'] }),
    'it has handed nothing over',
  );
  const handed = stateAfter((tail) => t.match(tail.directory(entered), [/handover/]));
  t.same(handed, heldState({ serial: 3, members }), 'the record may name the new server by now');
  const gone = stateAfter((tail) => {
    tail.directory(entered);
    tail.directory({ view: [4], version: 3, serial: 3 });
  });
  t.same(gone, heldState({ serial: 3, members: ['member-4'] }), 'it has read that it does not');
});

t.test('an invalid message from the predecessor breaks the link, but not the server', async (t) => {
  const hello = helloFrom(0);
  const server = new CoreScript(1);
  server.directory({ view: [0, 1] });
  server.message('up', hello);
  t.match(server.message('up', hello), [/^close link up .*second HELLO/]);
  t.match(server.message('up-2', hello), [/welcome/], 'another link takes its place');
  server.message('early', { ...hello, viewVersion: 9 });
  t.doesNotThrow(() => server.message('early', hello), 'a HELLO of a newer view, then one of this view');
  t.match(
    server.message('stranger', { type: 'ack', stable: 1 }),
    [/^close link stranger/],
    'no HELLO at first',
  );

  const joining = new CoreScript(5);
  joining.directory({ view: [0], joining: [-7] });
  joining.message('up', { ...hello, joining: true });
  const snapshot = {
    type: 'snapshot',
    seq: 3,
    epochs: [{ epoch: 0, seq: 0 }],
    sessions: [],
    sessionsSeq: 2,
  } as const;
  t.match(joining.message('up', snapshot), [/^close link up .*not whole/]);
  joining.message('up-2', { ...hello, joining: true });
  t.match(joining.message('up-2', { ...snapshot, epochs: [], sessionsSeq: 3 }), [
    /^close link up-2 .*not whole/,
  ]);
});
