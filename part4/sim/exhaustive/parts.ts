import type { ChainCore } from '../../src/core/chain-core.ts';
import type { DirectoryChange } from '../../src/core/directory.ts';
import type { LinkId } from '../../src/core/effects.ts';
import type { ChainMessage } from '../../src/core/messages.ts';
import type { Update, WriteRequest } from '../../src/core/update.ts';
import type { HistoryNode } from '../history-tree.ts';
import type { CoreClass } from '../server.ts';
import { fingerprint, hashOf } from './fingerprint.ts';
import type { ZooKeeperState } from './zookeeper-state.ts';

export interface ExhaustiveOptions {
  readonly Core: CoreClass;
  readonly servers: number;
  readonly writes: number;
  readonly crashes: number;
}

/** Identifies one end of a link: the server's number, and its name for the link. */
export interface EndName {
  readonly server: number;
  readonly link: LinkId;
}

/** One end of a link. Immutable: an event creates a new one. */
export interface End {
  /** Undefined for a waiting dial. */
  readonly peer: EndName | undefined;
  readonly address: string;
  /** A redial, which takes longer than everything else. */
  readonly isLater: boolean;
  /** Messages on their way to this end; undefined means the end of the link. */
  readonly incoming: readonly (ChainMessage | undefined)[];
}

export interface Change {
  readonly change: DirectoryChange;
  readonly isDone: boolean;
}

/** One server of the world, in its state between two steps. */
export class Server {
  readonly name: string;
  readonly core: ChainCore;
  isAlive = true;
  history: HistoryNode;
  toExecute: readonly Update[] = [];
  readonly ends = new Map<LinkId, End>();
  change: Change | undefined;
  /** The last directory that it got; undefined if it must get one, even an unchanged one. */
  seen: ZooKeeperState | undefined;
  #key: string | undefined;

  constructor(name: string, core: ChainCore, history: HistoryNode) {
    this.name = name;
    this.core = core;
    this.history = history;
  }

  copy(): Server {
    const copy = new Server(this.name, this.isAlive ? this.core.copy() : this.core, this.history);
    copy.isAlive = this.isAlive;
    copy.toExecute = this.toExecute;
    for (const [link, end] of this.ends) copy.ends.set(link, end);
    copy.change = this.change;
    copy.seen = this.seen;
    return copy;
  }

  /** Equal for two servers that will behave in the same way. Read it only when the server no longer changes. */
  get key(): string {
    this.#key ??= this.isAlive ? this.#fingerprint() : 'gone';
    return this.#key;
  }

  #fingerprint(): string {
    const { core, toExecute: updates, change, history, ends } = this;
    const own = { state: core.state, updates, change, epoch: history.update?.epoch, seq: history.seq, ends };
    return hashOf(fingerprint(own));
  }
}

/** A client's write. Immutable. `taker`: the number of the server that got it. */
export interface Write {
  readonly request: number;
  readonly state: 'new' | 'under-way' | 'lost' | 'refused' | 'done';
  readonly taker: number | undefined;
}

/** What a world is at one moment. */
export interface WorldState {
  readonly servers: readonly Server[];
  readonly writes: readonly Write[];
  readonly state: ZooKeeperState;
  readonly crashesLeft: number;
  /** The last write that is committed. */
  readonly committed: HistoryNode;
}

export function endOf({ servers }: WorldState, name: EndName | undefined): End | undefined {
  return name === undefined ? undefined : servers[name.server]?.ends.get(name.link);
}

/** Something that can happen next. */
export type Action =
  | { readonly type: 'expire' | 'execute' | 'change' | 'change-over' | 'read'; readonly server: number }
  | { readonly type: 'arrive' | 'dial'; readonly server: number; readonly link: LinkId }
  | { readonly type: 'write'; readonly server: number; readonly request: number }
  | { readonly type: 'crash'; readonly server: number; readonly losesSent: boolean };

export function describeAction(action: Action): string {
  const server = `s${action.server}`;
  switch (action.type) {
    case 'arrive':
    case 'dial':
      return `${server} ${action.type} ${action.link}`;
    case 'write':
      return `write ${action.request} to ${server}`;
    case 'crash':
      return `${server} crashes${action.losesSent ? ', what it sent is lost' : ''}`;
    default:
      return `${server} ${action.type}`;
  }
}

export function sessionOf(id: number): string {
  return id.toString(16).padStart(16, '0');
}

/** The client session of all writes of a search. */
export const client = 'c'.repeat(32);

/** Begins that session. */
export const openRequest: WriteRequest = {
  client,
  request: 0,
  firstIncomplete: 0,
  op: 'open',
  key: '',
  data: new Uint8Array(0),
};
