import type { ChainCore } from '../src/core/chain-core.ts';
import type { DirectoryChange } from '../src/core/directory.ts';
import type { LinkId } from '../src/core/effects.ts';
import type { ChainMessage } from '../src/core/messages.ts';
import type { Update, WriteRequest } from '../src/core/update.ts';
import type { HistoryNode } from './history-tree.ts';
import type { CoreClass } from './server.ts';
import type { ZooKeeperState } from './zookeeper-state.ts';

/** What the world of the exhaustive search consists of. */

export interface Server {
  readonly name: string;
  readonly core: ChainCore;
  isAlive: boolean;
  history: HistoryNode;
  readonly toExecute: Update[];
  readonly ends: Map<LinkId, End>;
  change: { readonly change: DirectoryChange; isDone: boolean } | undefined;
  /** The last directory that it was given; undefined: it needs one, whatever it says. */
  seen: ZooKeeperState | undefined;
}

/** One end of a link. A dial that waits has no peer yet. */
export interface End {
  readonly owner: Server;
  readonly link: LinkId;
  readonly address: string;
  /** It is dialled again: that takes longer than everything else. */
  readonly isLater: boolean;
  peer: End | undefined;
  isOpen: boolean;
  /** On their way to this end; undefined stands for the end of the link. */
  readonly incoming: (ChainMessage | undefined)[];
}

export interface Write {
  readonly request: number;
  state: 'new' | 'under-way' | 'lost' | 'refused' | 'done';
}

export interface ExhaustiveOptions {
  readonly Core: CoreClass;
  readonly servers: number;
  readonly writes: number;
  readonly crashes: number;
}

/** Something that can happen next. */
export interface Action {
  readonly name: string;
  readonly act: () => void;
}

/** A hash of texts in their order, 64 bits: two of them by chance the same would hide a state. */
export class Hash {
  #low = 0x811c9dc5;
  #high = 0x01234567;

  get text(): string {
    return `${this.#low.toString(36)}.${this.#high.toString(36)}`;
  }

  add(text: string): void {
    let [low, high] = [this.#low, this.#high];
    for (let i = 0; i < text.length; i += 1) {
      const code = text.charCodeAt(i);
      low = Math.imul(low ^ code, 0x01000193) >>> 0;
      high = (Math.imul(high, 0x5bd1e995) + code) >>> 0;
    }
    this.#low = Math.imul(low ^ 0x1f, 0x01000193) >>> 0;
    this.#high = (Math.imul(high, 0x5bd1e995) + 0x1f) >>> 0;
  }
}

export function newEnd(owner: Server, link: LinkId, address: string, isLater = false): End {
  return { owner, link, address, isLater, peer: undefined, isOpen: true, incoming: [] };
}

export function sessionOf(id: number): string {
  return id.toString(16).padStart(16, '0');
}

/** Begins the one session that all writes of a search belong to. */
export const openRequest: WriteRequest = {
  client: '',
  request: 0,
  firstIncomplete: 0,
  op: 'open',
  key: '',
  data: new Uint8Array(0),
};
