import { describeEffect } from '../../sim/trace.ts';
import { ChainCore, type ChainCoreOptions } from '../../src/core/chain-core.ts';
import type { Directory, HeldState, JoiningServer } from '../../src/core/directory.ts';
import type { ChainEvent } from '../../src/core/effects.ts';
import { type ChainLimits, defaultChainLimits } from '../../src/core/limits.ts';
import { type MembershipRecord, notEntered } from '../../src/core/membership-record.ts';
import type { ChainMessage } from '../../src/core/messages.ts';
import type { Update, WriteRequest } from '../../src/core/update.ts';
import type { Hello } from '../../src/core/upstream.ts';

export const chain = 'c0ffee0000000000';

/** The default capacity of each table. */
export const capacityBytes = 1_000_000;

/** A short form of the chain in ZooKeeper: servers and members by number. */
export interface Picture {
  readonly view: readonly number[];
  /** Default: all of the view. */
  readonly members?: readonly number[];
  /** Numbers under `/chain-joining`; a negative number stands for the server itself. */
  readonly joining?: readonly number[];
  readonly version?: number;
  /** The view that the record belongs to; default: this one. */
  readonly recordView?: number;
  readonly serial?: number;
  /** The record's capacity, in bytes. */
  readonly capacity?: number;
  /** The states of the other waiting servers, and of the server itself. */
  readonly held?: HeldState | null;
  readonly ownHeld?: HeldState | null;
  /** An operator's decision: the server that must begin, and the chain whose data it uses. */
  readonly ordered?: { readonly from: string | null; readonly begins: number };
}

type ScriptOptions = Partial<Omit<ChainCoreOptions, 'limits'>> & { readonly limits?: Partial<ChainLimits> };

/** One core, and its effects, one line each. Its number in the chain is `own`. */
export class CoreScript {
  readonly core: ChainCore;
  readonly own: number;
  now = 0;
  #tokens = 0;

  constructor(own: number, options: ScriptOptions = {}) {
    this.own = own;
    this.core = new ChainCore({
      address: addressOf(own),
      member: memberOf(own),
      newChain: chain,
      onTotalLoss: 'wait',
      totalLossGraceMs: 1_000,
      capacityBytes,
      ...options,
      limits: { ...defaultChainLimits, ...options.limits },
    });
    this.on({ type: 'session-started', session: sessionOf(own), timeoutMs: 1_000 });
    this.on({ type: 'heartbeat', session: sessionOf(own), sentAt: 0 });
  }

  on(event: ChainEvent): string[] {
    this.core.handle(event, this.now);
    return this.core
      .takeEffects()
      .filter(({ type }) => type !== 'log')
      .map(describeEffect);
  }

  directory(picture: Picture): string[] {
    return this.on({ type: 'directory', directory: directoryOf(picture, this.own) });
  }

  message(link: string, message: ChainMessage): string[] {
    return this.on({ type: 'message', link, message });
  }

  write(
    request: Partial<WriteRequest> = {},
    ack: 'assigned' | 'committed' = 'committed',
    replacedBytes = 0,
    isExpected = false,
  ): string[] {
    this.#tokens += 1;
    return this.on({
      type: 'write',
      token: this.#tokens,
      write: { ...write, ...request },
      entry: { bytes: replacedBytes, isExpected },
      ack,
    });
  }

  executed(executed: number, tableBytes = 0): string[] {
    return this.on({ type: 'executed', executed, tableBytes });
  }
}

/** A write that can be admitted. */
export const write: WriteRequest = {
  client: '',
  request: 0,
  firstIncomplete: 0,
  op: 'put',
  key: 'k',
  data: new Uint8Array(0),
};

export function put(seq: number, epoch: number): Update {
  return { ...write, seq, epoch, isApplied: true };
}

/** The HELLO of server `id`, in view 1, to its successor or, as the tail, to a joining server. */
export function helloFrom(id: number, more: Partial<Hello> = {}): Hello {
  return { type: 'hello', id, session: sessionOf(id), viewVersion: 1, chain, joining: false, ...more };
}

/** The state of a server that has been in the chain and has no update yet. */
export function heldState(more: Partial<HeldState>): HeldState {
  return { chain, serial: 1, members: [], received: 0, nextEpoch: 0, capacityBytes, ...more };
}

export function sessionOf(id: number): string {
  return Math.abs(id)
    .toString(16)
    .padStart(16, id < 0 ? 'e' : '0');
}

export function memberOf(id: number): string {
  return `member-${id}`;
}

function addressOf(id: number): string {
  return `host:${id}`;
}

/** `own`: the number that the server has, or would have, in the chain. */
export function directoryOf(picture: Picture, own: number): Directory {
  const {
    view,
    members = view,
    version = 1,
    recordView = version,
    // Without a record: never written, unless a test says otherwise.
    serial = members.length === 0 ? 0 : 1,
    held = null,
    ownHeld = null,
  } = picture;
  const joining = (picture.joining ?? []).map((id): JoiningServer => {
    const who = id < 0 ? own : 100 + id;
    return {
      id: Math.abs(id),
      session: sessionOf(who),
      address: addressOf(who),
      member: memberOf(who),
      state: id < 0 ? ownHeld : held,
    };
  });
  return {
    joining,
    view: { version, servers: view.map((id) => ({ id, address: addressOf(id), session: sessionOf(id) })) },
    record:
      picture.ordered === undefined
        ? members.length === 0
          ? undefined
          : recordOf(members, { serial, view: recordView, capacityBytes: picture.capacity ?? capacityBytes })
        : orderedRecord(picture.ordered, { serial, view: recordView }),
    recordVersion: serial,
  };
}

/** The record that names these servers. */
export function recordOf(members: readonly number[], more: Partial<MembershipRecord> = {}): MembershipRecord {
  const named = members.map((id) => ({ id, member: memberOf(id) }));
  return { chain, epochBase: 0, serial: 1, view: 1, members: named, capacityBytes, ...more };
}

function orderedRecord(
  { from, begins }: NonNullable<Picture['ordered']>,
  more: Partial<MembershipRecord>,
): MembershipRecord {
  const members = [{ id: notEntered, member: memberOf(begins) }];
  return { ...recordOf([]), ...more, members, recovery: { from, members: [memberOf(begins)] } };
}
