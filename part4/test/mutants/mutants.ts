import type { ScriptName } from './scripts.ts';

/** A fault that somebody could build into the core, one a trap. */
export interface Mutant {
  readonly name: string;
  /** The script that finds it, or how many seeds of the simulator it takes at most. */
  readonly caughtBy: ScriptName | { readonly seedsMax: number };
  /** What is broken, for a person. */
  readonly trap: string;
  /** The file in `src/core`. */
  readonly file: string;
  /** What stands there once ... */
  readonly find: string;
  /** ... and what the mutant has in its place. */
  readonly replace: string;
}

export const mutants: readonly Mutant[] = [
  {
    name: 'acknowledge-before-the-tail',
    caughtBy: { seedsMax: 20 },
    trap: 'the head answers COMMITTED as soon as it has numbered the write',
    file: 'write-path.ts',
    find: 'if (name.seq < history.stable) return',
    replace: 'return',
  },
  {
    name: 'stable-when-executed-here',
    caughtBy: { seedsMax: 40 },
    trap: 'every server takes what it has executed itself for executed everywhere',
    file: 'chain-core.ts',
    find: 'if (isMember ? this.isTail : !isInChain) this.#raiseStable',
    replace: 'this.#raiseStable',
  },
  {
    name: 'resend-nothing',
    caughtBy: { seedsMax: 60 },
    trap: 'a new link begins with what comes next, not with what the next server lacks',
    file: 'downstream.ts',
    find: 'next: welcome.received',
    replace: 'next: history.executed',
  },
  {
    name: 'take-twice',
    caughtBy: 'a resend brings some updates a second time',
    trap: 'what a resend brings a second time is taken a second time',
    file: 'inbound.ts',
    find: 'updates.filter((update) => update.seq >= history.received)',
    replace: '[...updates]',
  },
  {
    name: 'execute-a-repeat',
    caughtBy: { seedsMax: 40 },
    trap: 'a repeated write is a new write',
    file: 'write-path.ts',
    find: "write.client === '' ? undefined : this.#earlier(write)",
    replace: '[this.#earlier(write)].find(() => false)',
  },
  {
    name: 'forward-before-executing',
    caughtBy: { seedsMax: 40 },
    trap: 'a server sends on what it has received and not yet executed',
    file: 'downstream.ts',
    find: `    while (state.next < history.executed) {
      const { updates, bytes } = history.log.slice(state.next, history.executed, batch);`,
    replace: `    while (state.next < history.received) {
      const { updates, bytes } = history.log.slice(state.next, history.received, batch);`,
  },
  {
    name: 'serve-before-handover',
    caughtBy: { seedsMax: 40 },
    trap: 'a new server answers reads as soon as it is the last in the chain',
    file: 'chain-core.ts',
    find: `    if (!place.isMember) {
      return { code: 'NOT_READY', detail: 'this server has not been handed`,
    replace: `    if (place.isOver) {
      return { code: 'NOT_READY', detail: 'this server has not been handed`,
  },
  {
    name: 'member-before-handover',
    caughtBy: { seedsMax: 60 },
    trap: 'a new server puts itself into the record before it has been handed the chain',
    file: 'membership.ts',
    find: "if (isMember || !situation.isHandedOver || leaving !== 'no')",
    replace: "if (isMember || leaving !== 'no')",
  },
  {
    name: 'hand-over-too-early',
    caughtBy: { seedsMax: 400 },
    trap: 'HANDOVER names less than what has been answered',
    file: 'downstream.ts',
    find: "message: { type: 'handover', seq }",
    replace: "message: { type: 'handover', seq: Math.min(seq, 0) }",
  },
  {
    name: 'hand-over-what-was-told',
    caughtBy: 'a new server enters while clients read what the core has not been told of',
    trap: 'HANDOVER names what the table has told, which may have been read further',
    file: 'downstream.ts',
    find: 'const { received: seq } =',
    replace: 'const { executed: seq } =',
  },
  {
    name: 'enter-uninvited',
    caughtBy: { seedsMax: 100 },
    trap: 'a waiting server enters the chain before it has caught up',
    file: 'membership.ts',
    find: 'hasMembers ? situation.isInvited',
    replace: 'hasMembers ? true',
  },
  {
    name: 'ignore-the-lease',
    caughtBy: { seedsMax: 40 },
    trap: 'head and tail go on however long ago ZooKeeper has answered',
    file: 'place.ts',
    find: 'return this.#session?.lease.validAt(now) ?? false;',
    replace: 'return this.#session !== undefined || now < 0;',
  },
  {
    name: 'lease-too-long',
    caughtBy: { seedsMax: 40 },
    trap: 'a lease lasts longer than the session',
    file: 'lease.ts',
    find: 'const leaseShare = 0.75;',
    replace: 'const leaseShare = 2.5;',
  },
  {
    name: 'foreign-epoch',
    caughtBy: 'updates of an epoch that is over',
    trap: 'updates of an epoch that is over are taken',
    file: 'inbound.ts',
    find: 'if (update.epoch < epoch)',
    replace: 'if (update.epoch < 0)',
  },
  {
    name: 'foreign-sender',
    caughtBy: { seedsMax: 400 },
    trap: 'updates are taken from whoever says HELLO, not from the predecessor alone',
    file: 'upstream.ts',
    find: 'if (id !== hello.id || waiting !== hello.waiting) {',
    replace: 'if (id === undefined) {',
  },
  {
    name: 'snapshot-without-sessions',
    caughtBy: 'a repeat reaches a head that got the state by a snapshot',
    trap: 'a snapshot leaves out what the clients’ requests have become',
    file: 'history.ts',
    find: 'sessions: this.#sessions.records',
    replace: 'sessions: this.#sessions.records.map((record) => ({ ...record, outcomes: [] }))',
  },
  {
    name: 'snapshot-without-wiping',
    caughtBy: { seedsMax: 40 },
    trap: 'a snapshot is put on top of what the receiver holds',
    file: 'inbound.ts',
    find: "    this.#context.emit({ type: 'wipe', seq });\n",
    replace: '',
  },
  {
    name: 'invited-with-chunks-under-way',
    caughtBy: 'an invitation comes before the last chunk is in the table',
    trap: 'a copy counts as whole although some of its entries are not in the table yet',
    file: 'inbound.ts',
    find: 'this.#chunksLoaded === this.#chunksReceived',
    replace: 'this.#chunksLoaded <= this.#chunksReceived',
  },
  {
    name: 'histories-not-compared',
    caughtBy: 'a waiting server has as many updates, of another head',
    trap: 'a link goes on from a number, whoever numbered what lies below it',
    file: 'downstream.ts',
    find: 'if (received > 0 && history.epochOf(received - 1) !== lastEpoch) {',
    replace: 'if (received < 0) {',
  },
  {
    name: 'half-a-copy-goes-on',
    caughtBy: 'a waiting server has half a copy',
    trap: 'a snapshot that was broken off is continued with updates',
    file: 'downstream.ts',
    find: "if (!whole) return 'its state is not whole';",
    replace: '',
  },
  {
    name: 'verify-by-number-alone',
    caughtBy: 'verify asks about a write whose place another head has taken',
    trap: 'verify does not look at who numbered the write',
    file: 'history.ts',
    find: "if (settled && owner !== name.epoch) return 'lost';",
    replace: '',
  },
  {
    name: 'act-on-a-view-not-adopted',
    caughtBy: { seedsMax: 150 },
    trap: 'a server acts on a view before the record is that view’s',
    file: 'membership.ts',
    find: `    return { type: 'pending', id, change: { type: 'record', id, record: shrunk(record, view), version } };`,
    replace: `    return { type: 'adopt', id, record, change: { type: 'record', id, record: shrunk(record, view), version } };`,
  },
  {
    name: 'dead-member-in-the-record',
    caughtBy: { seedsMax: 40 },
    trap: 'who is not in the view stays in the record',
    file: 'membership-record.ts',
    find: 'const members = presentMembers(record, view);',
    replace: 'const { members } = record;',
  },
  {
    name: 'begun-by-anyone',
    caughtBy: { seedsMax: 600 },
    trap: 'a chain that is empty is begun by a server that the record does not name',
    file: 'membership.ts',
    find: 'if (held !== undefined && isIn(record, member)) return',
    replace: 'if (held !== undefined) return',
  },
  {
    name: 'found-beside-the-old-chain',
    caughtBy: { seedsMax: 600 },
    trap: 'a server that was being let in when ZooKeeper lost its data founds another chain before the members are back',
    file: 'membership.ts',
    find: 'holders.length === 0 && (!hasHeardOfChain || mayGiveUp)',
    replace: 'holders.length === 0',
  },
  {
    name: 'foreign-chain',
    caughtBy: 'ZooKeeper knows another chain than this server holds',
    trap: 'a server that holds another chain’s data takes a place in the one that ZooKeeper knows',
    file: 'membership.ts',
    find: 'return record.chain !== held.chain && record.chain !== newChain;',
    replace: "return record.chain !== held.chain && newChain === '';",
  },
  {
    name: 'epoch-by-number-alone',
    caughtBy: 'ZooKeeper begins to count anew',
    trap: 'after ZooKeeper has lost its data epochs begin again',
    file: 'place.ts',
    find: 'return record.epochBase + id;',
    replace: 'return Math.min(record.epochBase, 0) + id;',
  },
  {
    name: 'own-epoch-for-all',
    caughtBy: 'a new head is asked about a write of the old one',
    trap: 'a new head names under its own epoch what another has numbered',
    file: 'write-path.ts',
    find: 'const { epoch } = history.log.at(seq);',
    replace: 'const epoch = this.#context.place.adopted === undefined ? 0 : this.#context.place.epoch;',
  },
  {
    name: 'answered-requests-again',
    caughtBy: 'a request that has been answered arrives once more',
    trap: 'a request that the client has the answer of is executed once more when it arrives late',
    file: 'sessions.ts',
    find: "if (request < session.firstIncomplete) return { type: 'answered' };",
    replace: '',
  },
  {
    name: 'answer-while-leaving',
    caughtBy: 'a tail is asked while its znode is being removed',
    trap: 'a tail that is leaving answers until its znode is gone',
    file: 'chain-core.ts',
    find: "if (place.leaving() === 'drained') {",
    replace: 'if (place.isOver) {',
  },
  {
    name: 'refused-where-nobody-knows',
    caughtBy: 'a head loses its session with writes under way',
    trap: 'a head that is out of the chain says of its writes under way that they did not happen',
    file: 'write-path.ts',
    find: "this.#reply(token, { type: 'unknown', detail });",
    replace: "this.#reply(token, { type: 'refused', code: 'BAD_REQUEST', detail });",
  },
  {
    name: 'last-member-leaves',
    caughtBy: 'the last member leaves while another server is being let in',
    trap: 'the only server that has everything leaves although another is about to have it',
    file: 'place.ts',
    find: "return this.#isLastWithHeirs() ? 'draining' : 'drained';",
    replace: "return 'drained';",
  },
];
