import type { ChainCore } from '../core/chain-core.ts';
import { noLease } from '../core/lease.ts';
import { adoptedIn } from '../core/membership-state.ts';

/** What a server is in the chain. `alone`: head and tail; `joining`: not a member, also while it has no session with ZooKeeper. */
export const roles = ['head', 'middle', 'tail', 'alone', 'joining'] as const;

export type Role = (typeof roles)[number];

export function roleOf({ isMember, isHead, isTail }: ChainCore): Role {
  if (!isMember) return 'joining';
  if (isHead) return isTail ? 'alone' : 'head';
  return isTail ? 'tail' : 'middle';
}

/** How long the server may still act as head or tail without another heartbeat, in milliseconds. `now`: the clock of its leases. */
export function leaseLeftMs({ state }: ChainCore, now: number): number {
  return Math.max(0, (adoptedIn(state.membership)?.session.leaseUntil ?? noLease) - now);
}
