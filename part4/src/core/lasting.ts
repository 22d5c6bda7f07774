import type { ChainState } from './chain-state.ts';
import { newState } from './chain-state.ts';
import type { History } from './history.ts';
import type { ChainId, MembershipRecord } from './membership-record.ts';
import type { Memory } from './membership-state.ts';

/**
 * What must outlive the process of a server with a disk, besides the updates: the host of a core writes it to the disk
 * whenever an event has changed it, and carries out that event's effects only then.
 */
export interface Lasting {
  readonly chain: ChainId | undefined;
  readonly isWhole: boolean;
  readonly record: MembershipRecord | undefined;
  readonly successor: Memory['pendingSuccessor'];
  readonly newChain: ChainId;
}

export function lastingIn({ history, memory }: ChainState): Lasting {
  const { chain, isWhole } = history;
  const { lastRecord: record, pendingSuccessor: successor, newChain } = memory;
  return { chain, isWhole, record, successor, newChain };
}

export function isSameLasting(one: Lasting, other: Lasting): boolean {
  return (
    one.chain === other.chain &&
    one.isWhole === other.isWhole &&
    one.record === other.record &&
    one.successor === other.successor &&
    one.newChain === other.newChain
  );
}

/**
 * The state of a server that starts with what was on its disk: as if it had lost its session with ZooKeeper. A state that was
 * not copied completely is worth nothing.
 */
export function restoredState(
  history: History,
  { isWhole, record, successor, newChain }: Lasting,
): ChainState {
  const state = newState(newChain);
  if (!isWhole) return state;
  state.history = history;
  state.memory.lastRecord = record;
  state.memory.pendingSuccessor = successor;
  return state;
}
