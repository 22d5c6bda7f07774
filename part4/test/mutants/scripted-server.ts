import { assert, must } from '@tablelab/shared';
import type { ChainCore } from '../../src/core/chain-core.ts';
import { noEntry } from '../../src/core/condition.ts';
import type { Directory, JoiningServer } from '../../src/core/directory.ts';
import type { ChainEffect, ChainEvent, WriteReply } from '../../src/core/effects.ts';
import { type MembershipRecord, notEntered } from '../../src/core/membership-record.ts';
import type { ChainMessage } from '../../src/core/messages.ts';
import type { Update, WriteRequest } from '../../src/core/update.ts';
import type { ServerEntry } from '../../src/core/view.ts';

export const own = 'a'.repeat(16);
export const chain = 'c'.repeat(16);
export const capacityBytes = 1_000_000;
export const timeoutMs = 1e9;
export const now = 1;

/** One core that scripts control. */
export class Server {
  readonly core: ChainCore;
  #tokens = 0;
  #version = 10;

  constructor(Core: typeof ChainCore) {
    this.core = new Core({
      address: 'own:1',
      member: memberOf(-1),
      newChain: chain,
      onTotalLoss: 'wait',
      totalLossGraceMs: 1_000,
      capacityBytes,
    });
    this.handle({ type: 'session-started', session: own, timeoutMs });
    this.handle({ type: 'heartbeat', session: own, sentAt: now });
  }

  handle(event: ChainEvent): ChainEffect[] {
    this.core.handle(event, now);
    return this.core.takeEffects();
  }

  /** Over the link from the predecessor, or the tail. */
  message(message: ChainMessage): ChainEffect[] {
    return this.handle({ type: 'message', link: 'up', message });
  }

  updates(updates: readonly Update[]): ChainEffect[] {
    return this.message({ type: 'updates', updates });
  }

  /** Its number becomes `id`, among `ids`, and all of those are members. */
  becomes(id: number, ids: readonly number[], record: Partial<MembershipRecord> = {}): ChainEffect[] {
    this.#version += 1;
    const view = viewOf(ids, this.#version, id);
    const directory: Directory = {
      joining: [],
      view,
      record: { ...recordOf(ids, id), view: this.#version, ...record },
      recordVersion: 1,
    };
    return this.handle({ type: 'directory', directory });
  }

  effectsOfWrite(write: Partial<WriteRequest>, ack: 'assigned' | 'committed'): ChainEffect[] {
    this.#tokens += 1;
    const full: WriteRequest = { ...noRequest, op: 'put', key: 'k', data: new Uint8Array(0), ...write };
    return this.handle({ type: 'write', token: this.#tokens, write: full, entry: noEntry, ack });
  }

  write(write: Partial<WriteRequest>, ack: 'assigned' | 'committed'): WriteReply[] {
    return repliesOf(this.effectsOfWrite(write, ack));
  }

  /** Admits a joining server with this state. */
  admit(welcome: { received: number; lastEpoch: number | undefined; whole: boolean }): {
    effects: ChainEffect[];
    link: string;
  } {
    const session = 'b'.repeat(16);
    const joining: JoiningServer = { id: 3, session, address: 'new:1', member: memberOf(8), state: null };
    const directory = { ...directoryOf([4], 4), joining: [joining] };
    const dial = must(
      this.handle({ type: 'directory', directory }).find((effect) => effect.type === 'dial'),
      'it is dialled',
    );
    this.handle({ type: 'link-up', link: dial.link });
    const message: ChainMessage = { type: 'welcome', stable: 0, member: false, ...welcome };
    return { effects: this.handle({ type: 'message', link: dial.link, message }), link: dial.link };
  }
}

/** A member with the number 1: the tail, with a link from the head, number 0. */
export function memberBehind(Core: typeof ChainCore, head: number): Server {
  assert(head >= 0, 'the epoch of the updates that follow');
  const server = new Server(Core);
  server.handle({ type: 'directory', directory: directoryOf([0, 1], 1) });
  server.message({
    type: 'hello',
    id: 0,
    session: sessionOfServer(0),
    viewVersion: 1,
    chain,
    joining: false,
  });
  return server;
}

/** A new server with a link from the tail, number 4. */
export function waitingBehind(Core: typeof ChainCore): Server {
  const server = new Server(Core);
  const joining: JoiningServer = { id: 3, session: own, address: 'own:1', member: memberOf(-1), state: null };
  server.handle({ type: 'directory', directory: { ...directoryOf([4]), joining: [joining] } });
  server.message({ type: 'hello', id: 4, session: sessionOfServer(4), viewVersion: 1, chain, joining: true });
  return server;
}

/** The only server of the chain, number 4: it has opened a session and executed that session's request 1. */
export function aloneWithWrites(Core: typeof ChainCore): Server {
  const server = new Server(Core);
  server.handle({ type: 'directory', directory: directoryOf([4], 4) });
  server.write({ op: 'open', key: '', client: sessionName }, 'committed');
  server.write({ client: sessionName, request: 1, firstIncomplete: 1 }, 'assigned');
  server.handle({ type: 'executed', executed: 2, tableBytes: 0 });
  return server;
}

/**
 * The changes of a server with data, waiting under `/chain-joining`, after an operator has chosen `members`, of which
 * server 2 must begin.
 */
export function afterRecovery(Core: typeof ChainCore, members: readonly string[]): string[] {
  const server = aloneWithWrites(Core);
  server.handle({ type: 'session-ended', detail: 'expired' });
  server.handle({ type: 'session-started', session: own, timeoutMs });
  const held = { chain, serial: 1, members: [memberOf(-1)], received: 2, nextEpoch: 5, capacityBytes };
  const joining = { id: 3, session: own, address: 'own:1', member: memberOf(-1), state: held };
  const record: MembershipRecord = {
    ...recordOf([]),
    chain: 'e'.repeat(16),
    members: [{ id: notEntered, member: memberOf(2) }],
    recovery: { from: chain, members },
  };
  const directory = { ...directoryOf([]), joining: [joining], record };
  return changesOf(server.handle({ type: 'directory', directory }));
}

const noRequest = { client: '', request: 0, firstIncomplete: 0 };

function sessionOfServer(id: number): string {
  return id.toString(16).padStart(16, '0');
}

/** The client session that the first write of the chain opens. */
export const sessionName = 'd'.repeat(32);

export function put(seq: number, epoch: number): Update {
  return { ...noRequest, seq, epoch, op: 'put', key: `k${seq}`, data: new Uint8Array(0), isApplied: true };
}

export function open(seq: number, epoch: number): Update {
  return { ...put(seq, epoch), op: 'open', key: '', client: sessionName };
}

/** The member of the server with this number; -1: the own one. */
export function memberOf(id: number): string {
  return `m${id}`;
}

export function viewOf(ids: readonly number[], version: number, ownId?: number): Directory['view'] {
  const servers: ServerEntry[] = ids.map((id) => ({
    id,
    address: `host:${id + 1}`,
    session: id === ownId ? own : sessionOfServer(id),
  }));
  return { version, servers };
}

export function recordOf(ids: readonly number[], ownId?: number): MembershipRecord {
  const members = ids.map((id) => ({ id, member: memberOf(id === ownId ? -1 : id) }));
  return { chain, epochBase: 0, serial: 1, view: 1, members, capacityBytes };
}

export function directoryOf(ids: readonly number[], ownId?: number): Directory {
  return { joining: [], view: viewOf(ids, 1, ownId), record: recordOf(ids, ownId), recordVersion: 1 };
}

export function executedBy(effects: readonly ChainEffect[]): string[] {
  return effects.flatMap((effect) =>
    effect.type === 'execute' ? effect.updates.map(({ epoch, seq }) => `${epoch}:${seq}`) : [],
  );
}

export function repliesOf(effects: readonly ChainEffect[]): WriteReply[] {
  return effects.flatMap((effect) => (effect.type === 'reply' ? [effect.reply] : []));
}

export function messagesOf(effects: readonly ChainEffect[]): ChainMessage[] {
  return effects.flatMap((effect) => (effect.type === 'send' ? [effect.message] : []));
}

export function changesOf(effects: readonly ChainEffect[]): string[] {
  return effects.flatMap((effect) => (effect.type === 'change-directory' ? [effect.change.type] : []));
}

export function same(found: unknown, wanted: unknown, what: string): void {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)];
  assert(a === b, `${what}: ${b}, not ${a}`);
}
