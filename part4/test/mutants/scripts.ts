import { assert, must } from '@tablelab/shared';
import type { ChainCore } from '../../src/core/chain-core.ts';
import type { Directory, JoiningServer } from '../../src/core/directory.ts';
import type { WriteName } from '../../src/core/update.ts';
import {
  afterRecovery,
  aloneWithWrites,
  capacityBytes,
  chain,
  changesOf,
  directoryOf,
  executedBy,
  memberBehind,
  memberOf,
  messagesOf,
  now,
  open,
  own,
  put,
  recordOf,
  repliesOf,
  Server,
  same,
  sessionName,
  timeoutMs,
  viewOf,
  waitingBehind,
} from './scripted-server.ts';

/**
 * Situations that seeds of the simulator reach too rarely, as scripts for one core. Each script brings the core into
 * the situation, and throws if the outcome is wrong. They pass for the correct core, and catch the mutants that name
 * them.
 */
export const scripts = {
  'a resend brings some updates a second time': (Core) => {
    const server = memberBehind(Core, 0);
    server.updates([put(0, 0), put(1, 0)]);
    const effects = server.updates([put(1, 0), put(2, 0)]);
    same(executedBy(effects), ['0:2'], 'only what is new is executed');
    assert(!effects.some(({ type }) => type === 'close'), 'and the link goes on');
  },

  'updates of an epoch that is over': (Core) => {
    const server = memberBehind(Core, 3);
    server.updates([put(0, 3)]);
    const effects = server.updates([put(1, 2)]);
    same(executedBy(effects), [], 'they are not executed');
    assert(
      effects.some(({ type }) => type === 'close'),
      'and the link is broken',
    );
  },

  'an invitation comes before the last chunk is in the table': (Core) => {
    const server = waitingBehind(Core);
    server.message({
      type: 'snapshot',
      seq: 5,
      epochs: [{ epoch: 0, seq: 0 }],
      sessions: [],
      sessionsSeq: 5,
    });
    server.message({ type: 'chunk', entries: new Uint8Array(3) });
    same(changesOf(server.message({ type: 'invite', seq: 5 })), [], 'it has to wait for that');
    same(
      changesOf(server.handle({ type: 'loaded', chunks: 1, tableBytes: 0 })),
      ['enter'],
      'and enters then',
    );
  },

  'a joining server has half a copy': (Core) => {
    const tail = aloneWithWrites(Core);
    const { effects } = tail.admit({ received: 0, lastEpoch: undefined, whole: false });
    assert(
      messagesOf(effects).some(({ type }) => type === 'snapshot'),
      'it gets another snapshot',
    );
  },

  'a joining server has as many updates, of another head': (Core) => {
    const tail = aloneWithWrites(Core);
    const { effects } = tail.admit({ received: 1, lastEpoch: 77, whole: true });
    assert(
      messagesOf(effects).some(({ type }) => type === 'snapshot'),
      'it gets a snapshot, not updates',
    );
  },

  'a repeat reaches a head that got the state by a snapshot': (Core) => {
    const tail = aloneWithWrites(Core);
    const { effects } = tail.admit({ received: 0, lastEpoch: undefined, whole: false });
    const snapshot = must(
      messagesOf(effects).find(({ type }) => type === 'snapshot'),
      'it is sent',
    );
    const server = waitingBehind(Core);
    server.message(snapshot);
    server.message({ type: 'chunk', entries: new Uint8Array(0) });
    server.handle({ type: 'loaded', chunks: 1, tableBytes: 0 });
    server.message({ type: 'invite', seq: 2 });
    server.handle({ type: 'change-over' });
    server.becomes(7, [7]);
    same(
      server.write({ client: sessionName, request: 1 }, 'assigned'),
      [{ type: 'assigned', name: { epoch: 4, seq: 1 }, isApplied: true }],
      'it gets the name that the first attempt got',
    );
  },

  'verify asks about a write whose place another head has taken': (Core) => {
    const server = memberBehind(Core, 2);
    server.updates([put(0, 0), put(1, 2)]);
    server.handle({ type: 'executed', executed: 2, tableBytes: 0 });
    const asked = (name: WriteName) => {
      return server.core.verify({ epoch: name.epoch, number: server.core.operationNumber(name) });
    };
    same(asked({ epoch: 0, seq: 1 }), 'lost', 'it will never be executed');
    same(asked({ epoch: 1, seq: 0 }), 'lost', 'a head that numbered nothing that is left');
    const number = server.core.operationNumber({ epoch: 0, seq: 1 });
    same(server.core.verify({ epoch: undefined, number }), 'lost', 'its number is no other write’s');
    same(asked({ epoch: 2, seq: 1 }), 'executed', 'the other one has been');
  },

  'ZooKeeper knows another chain than this server holds': (Core) => {
    const server = aloneWithWrites(Core);
    server.handle({ type: 'session-ended', detail: 'expired' });
    server.handle({ type: 'session-started', session: own, timeoutMs });
    const members = [memberOf(-1)];
    const state = { chain, serial: 1, members, received: 2, nextEpoch: 5, capacityBytes };
    const joining: JoiningServer = { id: 3, session: own, address: 'own:1', member: memberOf(-1), state };
    const record = { ...recordOf([0]), chain: 'f'.repeat(16) };
    const inView = (ids: readonly number[], more: Partial<Directory>) => {
      const directory = { ...directoryOf(ids, 1), record, ...more };
      return server.handle({ type: 'directory', directory });
    };
    same(changesOf(inView([0, 1], {})), ['withdraw'], 'it takes no place in that chain');
    server.handle({ type: 'change-over' });
    const effects = inView([0], {});
    const change = effects.find(({ type }) => type === 'change-directory');
    same(
      change?.type === 'change-directory' && change.change,
      { type: 'join', data: { ...joining, id: undefined, session: undefined } },
      'it waits with what it holds',
    );
    server.handle({ type: 'change-over' });
    same(inView([0], { joining: [joining] }), [], 'as long as the other chain is there');
    same(
      server.core.readRefusal(now)?.detail.includes(`holds the data of chain ${chain}`),
      true,
      'and says why',
    );
    same(
      changesOf(inView([], { joining: [joining], record: undefined })),
      ['enter'],
      'and goes on when it is gone',
    );
  },

  'a new head is asked about a write of the old one': (Core) => {
    const server = memberBehind(Core, 0);
    const dial = must(
      server.becomes(1, [0, 1, 2]).find((effect) => effect.type === 'dial'),
      'the next server is dialled',
    );
    server.updates([open(0, 0), { ...put(1, 0), client: sessionName, request: 1 }]);
    server.handle({ type: 'executed', executed: 2, tableBytes: 0 });
    server.becomes(1, [1, 2]);
    server.handle({ type: 'link-up', link: dial.link });
    const welcome = { received: 2, lastEpoch: 0, whole: true, stable: 0, member: true };
    server.handle({ type: 'message', link: dial.link, message: { type: 'welcome', ...welcome } });
    same(server.write({ client: sessionName, request: 1, key: 'k1' }, 'committed'), [], 'not everywhere yet');
    const effects = server.handle({ type: 'message', link: dial.link, message: { type: 'ack', stable: 2 } });
    same(
      repliesOf(effects),
      [{ type: 'committed', name: { epoch: 0, seq: 1 }, isApplied: true, client: '' }],
      'it is named after the head that numbered it',
    );
  },

  'a request that has been answered arrives once more': (Core) => {
    const server = aloneWithWrites(Core);
    server.write({ client: sessionName, request: 2, firstIncomplete: 2 }, 'assigned');
    const effects = server.effectsOfWrite(
      { client: sessionName, request: 1, firstIncomplete: 1 },
      'assigned',
    );
    same(executedBy(effects), [], 'it is not executed again');
    same(repliesOf(effects)[0]?.type, 'refused', 'and refused');
  },

  'another write comes under the number of an earlier one': (Core) => {
    const server = aloneWithWrites(Core);
    const effects = server.effectsOfWrite({ client: sessionName, request: 1, key: 'other' }, 'assigned');
    same(repliesOf(effects)[0]?.type, 'refused', 'it has no name, and is not executed');
  },

  'a head loses its session with writes under way': (Core) => {
    const server = memberBehind(Core, 0);
    server.becomes(1, [1, 2]);
    same(server.write({}, 'committed'), [], 'it waits for the next server');
    const effects = server.handle({ type: 'session-ended', detail: 'expired' });
    same(repliesOf(effects)[0]?.type, 'unknown', 'nobody knows what becomes of it');
  },

  'ZooKeeper begins to count anew': (Core) => {
    const server = memberBehind(Core, 9);
    server.updates([put(0, 9)]);
    server.handle({ type: 'executed', executed: 1, tableBytes: 0 });
    server.becomes(0, [0], { epochBase: 10 });
    same(
      server.write({}, 'assigned'),
      [{ type: 'assigned', name: { epoch: 10, seq: 1 }, isApplied: true }],
      'epochs go on rising',
    );
  },

  'ZooKeeper has lost its data, and the only member goes on': (Core) => {
    const server = aloneWithWrites(Core);
    server.handle({ type: 'session-ended', detail: 'expired' });
    server.handle({ type: 'session-started', session: own, timeoutMs });
    server.handle({ type: 'heartbeat', session: own, sentAt: now });
    const nothing: Directory = { joining: [], view: viewOf([], 0), record: undefined, recordVersion: 0 };
    const join = server
      .handle({ type: 'directory', directory: nothing })
      .find(({ type }) => type === 'change-directory');
    assert(join?.type === 'change-directory' && join.change.type === 'join', 'it says what it holds');
    server.handle({ type: 'change-over' });
    const alone: Directory = { ...nothing, joining: [{ ...join.change.data, id: 0, session: own }] };
    same(
      changesOf(server.handle({ type: 'directory', directory: alone })),
      ['enter'],
      'nobody else holds anything',
    );
    server.handle({ type: 'change-over' });
    const entered: Directory = { ...nothing, view: viewOf([0], 1, 0) };
    const written = server.handle({ type: 'directory', directory: entered });
    const change = written.find((effect) => effect.type === 'change-directory')?.change;
    same(change?.type === 'record' && change.record.epochBase, 5, 'epochs go on above 4, the last one');
  },

  'the last member leaves while another server is being let in': (Core) => {
    const server = aloneWithWrites(Core);
    const { link } = server.admit({ received: 2, lastEpoch: 4, whole: true });
    same(changesOf(server.handle({ type: 'leave' })), [], 'it stays until that one has everything');
    const session = 'b'.repeat(16);
    const view = viewOf([4, 5], 2, 4);
    const servers = view.servers.map((entry) => (entry.id === 5 ? { ...entry, session } : entry));
    const record = { ...recordOf([4], 4), view: 2 };
    const directory = { joining: [], view: { ...view, servers }, record, recordVersion: 2 };
    same(changesOf(server.handle({ type: 'directory', directory })), [], 'nor when it has entered');
    const effects = server.handle({ type: 'message', link, message: { type: 'ack', stable: 2 } });
    same(changesOf(effects), ['withdraw'], 'but when it speaks as a member');
  },

  'a tail is asked while its znode is being removed': (Core) => {
    const server = memberBehind(Core, 0);
    same(server.core.readRefusal(now), undefined, 'it has answered');
    same(changesOf(server.handle({ type: 'leave' })), ['withdraw'], 'it leaves');
    assert(
      server.core.readRefusal(now) !== undefined,
      'and answers no more: another tail may be there already',
    );
  },

  'a new server enters while clients read what the core has not been told of': (Core) => {
    const tail = aloneWithWrites(Core);
    tail.admit({ received: 2, lastEpoch: 4, whole: true });
    tail.write({ client: sessionName, request: 2, firstIncomplete: 1 }, 'assigned');
    const view = viewOf([4, 9], 2, 4);
    const servers = view.servers.map((server) =>
      server.id === 9 ? { ...server, session: 'b'.repeat(16) } : server,
    );
    const effects = tail.handle({
      type: 'directory',
      directory: {
        joining: [],
        view: { ...view, servers },
        record: { ...recordOf([4], 4), view: 2 },
        recordVersion: 2,
      },
    });
    const handover = must(
      messagesOf(effects).find((message) => message.type === 'handover'),
      'it is handed over to',
    );
    same(handover.seq, 3, 'the table may have executed all that it was given, and a client may have read it');
  },

  'the last member leaves with data': (Core) => {
    const server = aloneWithWrites(Core);
    server.handle({ type: 'executed', executed: 2, tableBytes: 100 });
    same(changesOf(server.handle({ type: 'leave' })), ['withdraw'], 'nobody is there to wait for');
    server.handle({ type: 'change-over' });
    const directory = { ...directoryOf([], 4), record: recordOf([4], 4) };
    const effects = server.handle({ type: 'directory', directory });
    same(
      effects.filter(({ type }) => type === 'left'),
      [{ type: 'left', lastCopy: { chain, bytes: 100, isSure: true } }],
      'it says what goes with it',
    );
  },

  'the record of a chain that is served is emptied': (Core) => {
    const server = aloneWithWrites(Core);
    server.becomes(4, [4, 5]);
    const directory = { ...directoryOf([4, 5], 4), record: undefined, recordVersion: 2 };
    const effects = server.handle({ type: 'directory', directory });
    same(changesOf(effects), ['record'], 'its first member writes it again, and stays');
    same(server.core.id, 4, 'and acts on its view meanwhile');
  },

  'an empty server sees servers in the chain, and no record': (Core) => {
    const server = new Server(Core);
    const joining: JoiningServer = {
      id: 3,
      session: own,
      address: 'own:1',
      member: memberOf(-1),
      state: null,
    };
    // ZooKeeper has lost its data: the record was never written in what it has now.
    const directory = { ...directoryOf([4]), record: undefined, recordVersion: 0, joining: [joining] };
    same(changesOf(server.handle({ type: 'directory', directory })), [], 'it begins nothing beside them');
  },

  'an operator lets the chain go on with the data of some servers': (Core) => {
    const chosen = afterRecovery(Core, [memberOf(-1)]);
    same(chosen, ['withdraw'], 'one of them tells the others that what it holds is of the new chain');
    same(afterRecovery(Core, [memberOf(2)]), [], 'another one keeps what it holds, and has no part in it');
  },
} satisfies Record<string, (Core: typeof ChainCore) => void>;

export type ScriptName = keyof typeof scripts;
