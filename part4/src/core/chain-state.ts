import type { DiskRoom } from './disk-room.ts';
import { copyHistory, type History, newHistory } from './history.ts';
import { copyInbound, type Inbound, newInbound } from './inbound.ts';
import type { ChainId } from './membership-record.ts';
import {
  copyMembership,
  copyMemory,
  type MembershipState,
  type Memory,
  newMemory,
} from './membership-state.ts';
import { copyOutbound, newOutbound, type Outbound } from './outbound.ts';
import { copyWaiters, newWaiters, type Waiters } from './writes.ts';

/**
 * The whole state of a server in the chain: numbers, texts, bytes, arrays, maps and plain objects, fit for
 * `structuredClone`. Only {@link ChainCore.handle} changes it. Copies may share immutable parts (updates, views,
 * records).
 */
export interface ChainState {
  /** Its place in the chain. */
  membership: MembershipState;
  /** What it remembers of the chain across sessions. */
  memory: Memory;
  /** The part of the chain's history that it holds. */
  history: History;
  /** Where updates come from. */
  inbound: Inbound;
  /** Where updates go. */
  outbound: Outbound;
  /** Clients' writes that are answered once they are stable. */
  waiters: Waiters;
  room: DiskRoom;
}

export function newState(newChain: ChainId): ChainState {
  return {
    membership: { type: 'offline' },
    memory: newMemory(newChain),
    history: newHistory(),
    inbound: newInbound(),
    outbound: newOutbound(),
    waiters: newWaiters(),
    room: 'enough',
  };
}

export function copyState(state: ChainState): ChainState {
  return {
    membership: copyMembership(state.membership),
    memory: copyMemory(state.memory),
    history: copyHistory(state.history),
    inbound: copyInbound(state.inbound),
    outbound: copyOutbound(state.outbound),
    waiters: copyWaiters(state.waiters),
    room: state.room,
  };
}
