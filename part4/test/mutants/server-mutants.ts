import type { ServerCheckName } from '../support/server-checks.ts';
import type { Seeds } from './caught.ts';
import type { Edit } from './load-mutant.ts';

/**
 * A plausible bug in the adapters, or in a limit. One of its seeds of the simulator catches it or, if the core tolerates the
 * bug, a check.
 */
export type ServerMutant = Edit & {
  /** The bug, for reports. */
  readonly trap: string;
} & (Seeds | { readonly check: ServerCheckName });

const session = 'adapters/zookeeper/chain-session.ts';
const coordination = 'adapters/zookeeper/chain-coordination.ts';
const applier = 'adapters/table-applier.ts';
const writes = 'adapters/pending-writes.ts';
const skeleton = 'adapters/chain-skeleton.ts';
const driver = 'adapters/core-driver.ts';
const codec = 'adapters/links/chain-codec.ts';

export const serverMutants: readonly ServerMutant[] = [
  // ---- coordination ----
  {
    name: 'lease-from-the-answer',
    trap: 'a lease counts from the receipt of the heartbeat’s answer',
    seedsMax: 10,
    file: session,
    find: "this.#emit({ type: 'heartbeat', session: this.#session.sessionId, sentAt });",
    replace: "this.#emit({ type: 'heartbeat', session: this.#session.sessionId, sentAt: clock.now() });",
  },
  {
    name: 'heartbeat-by-a-read',
    trap: 'a heartbeat is a read, which a server of ZooKeeper answers that may be cut off',
    seedsMax: 40,
    file: session,
    find: "const outcome = await this.#session.transaction([{ op: 'check', path }]);",
    replace:
      "const outcome = (await this.#session.getData(path)) ? { committed: true } : { committed: false, refusal: '' };",
  },
  {
    name: 'children-as-text',
    trap: 'the children of /chain are sorted as text',
    seedsMax: 20,
    file: 'adapters/zookeeper/numbered-children.ts',
    find: '.sort((one, other) => one - other)',
    replace: '.sort()',
  },
  {
    name: 'session-ends-unheard',
    trap: 'the core does not hear that a session has ended',
    seedsMax: 20,
    file: coordination,
    find: "emit({ type: 'session-ended', detail });",
    replace: '',
  },
  {
    name: 'one-session-only',
    trap: 'a session that has ended is not followed by another',
    seedsMax: 20,
    file: coordination,
    find: 'this.#reopening = this.#reopen();',
    replace: '',
  },
  {
    name: 'watch-once',
    trap: 'a watch is not left again',
    seedsMax: 40,
    file: session,
    find: 'const servers = await this.#servers.list(changed);',
    replace: 'const servers = await this.#servers.list(undefined);',
  },
  {
    name: 'no-read-after-a-reconnect',
    trap: 'what changed while there was no connection is never read',
    seedsMax: 40,
    file: 'adapters/zookeeper/repeated-read.ts',
    find: 'session.onConnected(this.#changed);',
    replace: '',
  },
  {
    name: 'no-barrier',
    trap: 'a directory that was asked for is read without a write before, from a server of ZooKeeper that may lag behind',
    check: 'a directory that was asked for is no older than that',
    file: session,
    find: "await session.transaction([{ op: 'check', path: '/' }]).catch(",
    replace: 'await Promise.resolve().catch(',
  },
  {
    name: 'no-barrier-after-a-change',
    trap: 'after a change whose answer was lost a server of ZooKeeper is asked that may lag behind',
    check: 'after a change whose answer was lost, a directory shows what became of it',
    file: session,
    find: 'if (!(error instanceof TableError) || error.mayHaveHappened) this.#isBarrierDue = true;',
    replace: '',
  },
  {
    name: 'directory-of-before-the-barrier',
    trap: 'a read that is under way when another is asked for counts as that one',
    check: 'a directory that was being read when another was asked for is not told',
    file: session,
    find: 'if (changesOver === this.#changesOver && !this.#isBarrierDue)',
    replace: 'if (changesOver === this.#changesOver)',
  },
  {
    name: 'directory-of-before-the-change',
    trap: 'what was read before a change was over is told after it',
    check: 'a directory that was being read when a change was over is not told',
    file: session,
    find: 'if (changesOver === this.#changesOver && !this.#isBarrierDue)',
    replace: 'if (changesOver >= 0 && !this.#isBarrierDue)',
  },
  {
    name: 'record-without-the-own-znode',
    trap: 'a server writes the record although its znode is gone',
    check: 'the record is written only while the own znode is there',
    file: session,
    find: "          { op: 'check', path: childPath(chain, change.id) },\n",
    replace: '',
  },

  // ---- the table ----
  {
    name: 'drop-when-the-queue-is-full',
    trap: 'what the table has no room for is left out',
    seedsMax: 40,
    file: applier,
    find: 'if (!isGiven) break;',
    replace: '',
  },
  {
    name: 'never-go-on-when-there-is-room',
    trap: 'what waits for room waits for ever',
    seedsMax: 40,
    file: applier,
    find: 'store.onRoom(() => isCurrent() && this.#giveOn());',
    replace: '',
  },
  {
    name: 'opened-sessions-unexecuted',
    trap: 'an update that changes nothing is not said to be executed',
    seedsMax: 10,
    file: applier,
    find: 'if (this.#given.length === 1) this.#onExecuted(this.#store.executed);',
    replace: '',
  },
  {
    name: 'wipe-nothing',
    trap: 'a server that begins anew keeps its table',
    seedsMax: 60,
    file: applier,
    find: 'if (this.#store !== undefined && this.#store.submitted > 0) this.#renewal = this.#renew(this.#store);',
    replace: '',
  },
  {
    name: 'hear-the-old-table',
    trap: 'what a table tells that was replaced is taken for what the new one has done',
    check: 'a table that was replaced is not heard any more',
    file: applier,
    find: 'const isCurrent = () => this.#store === store;',
    replace: 'const isCurrent = () => store !== undefined;',
  },

  // ---- writes ----
  {
    name: 'time-out-as-a-refusal',
    trap: 'a write that has no answer in time is said not to have happened',
    check: 'a write that is admitted and has no answer in time may have happened',
    file: writes,
    find: 'isAdmitted ? unansweredReply(timeoutMs) : noRoomReply(timeoutMs)',
    replace: 'noRoomReply(timeoutMs)',
  },
  {
    name: 'full-unseen',
    trap: 'what a write replaces in a full table does not count',
    seedsMax: 60,
    file: writes,
    find: '      entry = entryOf(write);',
    replace: '      entry = noEntry;',
  },
  {
    name: 'replaced-twice',
    trap: 'what a write replaces counts twice, and the table holds too much',
    seedsMax: 60,
    file: writes,
    find: '      entry = entryOf(write);',
    replace: '      entry = { ...entryOf(write), bytes: 2 * entryOf(write).bytes };',
  },
  {
    name: 'table-bytes-of-long-ago',
    trap: 'the core is told a size of the table that is none',
    seedsMax: 60,
    file: driver,
    find: 'return this.#applier.store?.logicalBytes ?? 0;',
    replace: 'return 0;',
  },

  // ---- requests ----
  {
    name: 'verify-by-any-server',
    trap: 'verify is answered by any server',
    seedsMax: 60,
    file: skeleton,
    find: '#verify(request: Message): Reply {\n    this.#checkRead();',
    replace: '#verify(request: Message): Reply {',
  },
  {
    name: 'read-by-any-server',
    trap: 'reads are answered by any server',
    seedsMax: 20,
    file: skeleton,
    find: '#readable(): KeyValueTable {\n    this.#checkRead();',
    replace: '#readable(): KeyValueTable {',
  },
  {
    name: 'lease-by-a-timer',
    trap: 'the lease is looked at once in a while, and not at each request',
    seedsMax: 60,
    file: driver,
    find: 'return this.core.readRefusal(this.#options.clock.now());',
    replace: 'return this.core.readRefusal(Math.floor(this.#options.clock.now() / 500) * 500);',
  },
  {
    name: 'committed-when-assigned',
    trap: 'a client that asks for COMMITTED is answered when the write has its name',
    seedsMax: 10,
    file: skeleton,
    find: "request.ack === Ack.COMMITTED ? 'committed' : 'assigned'",
    replace: "request.ack === Ack.COMMITTED ? 'assigned' : 'assigned'",
  },

  // ---- links ----
  {
    name: 'close-unheard',
    trap: 'the core does not hear that a link is down',
    seedsMax: 10,
    file: 'adapters/links/links.ts',
    find: 'this.#listener.down(link, detail);',
    replace: '',
  },
  {
    name: 'epoch-cut-short',
    trap: 'the epoch of an update is read wrongly',
    seedsMax: 20,
    file: 'adapters/links/updates-codec.ts',
    find: 'epoch = reader.uint32();',
    replace: 'epoch = reader.uint32() & 1;',
  },
  {
    name: 'first-incomplete-lost',
    trap: 'an update does not carry which answers are missing',
    seedsMax: 10,
    file: 'adapters/links/updates-codec.ts',
    find: 'firstIncomplete = reader.uint53();',
    replace: 'reader.uint53();',
  },
  {
    name: 'sessions-lost-in-the-codec',
    trap: 'a snapshot comes without the clients’ sessions',
    seedsMax: 20,
    file: codec,
    find: 'sessions: (sessions ?? []).map(sessionFromWire),',
    replace: 'sessions: [],',
  },
  {
    name: 'handover-of-nothing',
    trap: 'a HANDOVER says that nothing was answered before',
    seedsFrom: 250,
    seedsMax: 600,
    file: codec,
    find: "if (handover) return { type: 'handover', seq: safeInteger(handover.seq) };",
    replace: "if (handover) return { type: 'handover', seq: 0 };",
  },
  {
    name: 'dial-at-once',
    trap: 'a neighbour that cannot be reached is dialled again without a pause',
    check: 'a link is dialled after the delay that the core wants, and not sooner',
    file: 'adapters/links/links.ts',
    find: 'this.#clock.after(delayMs, ',
    replace: 'this.#clock.after(Math.min(delayMs, 0), ',
  },
  {
    name: 'always-whole',
    trap: 'a server that has half a copy is taken for one that has all of it',
    check: 'a WELCOME says whether the state of its sender is whole',
    file: codec,
    find: 'whole: welcome.whole ?? false,',
    replace: 'whole: true,',
  },

  // ---- clients ----
  {
    name: 'wake-nobody',
    trap: 'a client’s core is not woken when something is due',
    seedsMax: 50,
    file: 'client/client-driver.ts',
    find: "this.#handle({ type: 'wake' }),",
    replace: 'undefined,',
  },

  // ---- limits ----
  {
    name: 'log-bytes-unlimited',
    trap: 'the bytes of writes under way are not limited',
    seedsMax: 150,
    file: 'core/admission.ts',
    find: ' || history.log.unsettledBytes >= limits.logBytesMax',
    replace: '',
  },
  {
    name: 'lag-bytes-unlimited',
    trap: 'the bytes under way to a server that cannot keep up are not limited',
    seedsMax: 200,
    file: 'core/downstream.ts',
    find: ' || bytesUnderWay > limits.lagBytesMax;',
    replace: ';',
  },
  {
    name: 'lag-updates-unlimited',
    trap: 'the updates under way to a server that cannot keep up are not limited',
    seedsMax: 100,
    file: 'core/downstream.ts',
    find: 'next - executed > limits.lagUpdatesMax || ',
    replace: '',
  },
  {
    name: 'condition-without-a-look',
    trap: 'nobody looks at the table for a write that depends on it',
    seedsMax: 20,
    file: writes,
    find: 'isConditional(write) ? entryOf(write) : noEntry',
    replace: 'noEntry',
  },
  {
    name: 'every-value-is-the-expected-one',
    trap: 'a put on condition replaces any value',
    seedsMax: 20,
    file: driver,
    find: 'store.hasValue(key, expected)',
    replace: '(store.hasValue(key, expected) || true)',
  },
  {
    name: 'unmet-condition-deletes',
    trap: 'a put whose condition was not met reaches the table',
    seedsMax: 20,
    file: applier,
    find: `if (op === 'none') return`,
    replace: `if (update.op === 'open') return`,
  },
  {
    name: 'outcome-lost-on-a-link',
    trap: 'a successor takes every update for applied',
    seedsMax: 20,
    file: 'adapters/links/updates-codec.ts',
    find: 'isApplied = !reader.bool();',
    replace: 'isApplied = !reader.bool() || true;',
  },
  {
    name: 'outcome-lost-in-a-snapshot',
    trap: 'the message that carries the client sessions leaves out what was not applied',
    seedsMax: 200,
    file: codec,
    find: 'if (outcomes.every(({ isApplied }) => isApplied)) return {};',
    replace: 'if (outcomes.every(({ isApplied }) => isApplied || true)) return {};',
  },
  {
    name: 'outcome-not-said',
    trap: 'the reply to a conditional write always says that it was applied',
    seedsMax: 20,
    file: skeleton,
    find: 'outcomeNumber(says ? isApplied : undefined)',
    replace: 'outcomeNumber(says ? isApplied || true : undefined)',
  },
];
