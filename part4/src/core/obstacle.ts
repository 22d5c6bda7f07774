import { unreachable } from '@tablelab/shared';
import type { ChainState } from './chain-state.ts';
import { receivedBy, stableIn } from './history.ts';
import { type Adopted, type MembershipState, notInChain } from './membership-state.ts';
import { predecessorOf, type ServerEntry, successorOf, tailOf } from './view.ts';

/**
 * What this server is waiting for, as a text for an operator; undefined if it waits for nothing. Short waits are normal. If
 * the text stays the same for long, the chain does not make progress, and the text names the cause.
 */
export function obstacleIn(state: ChainState): string | undefined {
  const { membership } = state;
  switch (membership.type) {
    case 'offline':
      return 'this server has no session with ZooKeeper';
    case 'joining':
      return obstacleOutside(state, membership);
    case 'pending':
      return `this server is number ${membership.id} of the chain, and waits until the membership record belongs to the present view, which only a member can write`;
    case 'adopted':
      return obstacleInside(state, membership);
    case 'over':
      return undefined;
    default:
      return unreachable(membership);
  }
}

function obstacleOutside(
  { inbound }: ChainState,
  { session, reason }: Extract<MembershipState, { type: 'joining' }>,
): string | undefined {
  const { directory } = session;
  if (directory === undefined) return 'this server cannot read or change the chain’s znodes in ZooKeeper';
  if (reason !== notInChain) return reason;
  const tail = tailOf(directory.view);
  // If no server is in the chain, the ones that wait for its data have logged a warning.
  if (tail === undefined) return undefined;
  if (inbound.upstream.current === undefined)
    return `${nameOf(tail)}, the tail, has not admitted this server yet`;
  return `this server has loaded ${inbound.chunksLoaded} chunks of the table from ${nameOf(tail)}, the tail`;
}

function obstacleInside({ history, inbound, outbound }: ChainState, adopted: Adopted): string | undefined {
  const { view, id, isMember, isTail } = adopted;
  const next = successorOf(view, id);
  if (next !== undefined && outbound.successor.state.type !== 'open') {
    return `${nameOf(next)}, the next one, cannot be reached: no write is COMMITTED, and perhaps no read answered`;
  }
  const previous = predecessorOf(view, id);
  if (previous !== undefined && inbound.upstream.current === undefined) {
    return `${nameOf(previous)}, the one before this server, does not connect to it`;
  }
  if (!isMember && previous !== undefined) {
    return `${nameOf(previous)}, the one before this server, has not handed the chain over to it`;
  }
  const stable = stableIn(history);
  const tail = tailOf(view);
  if (isTail || tail === undefined || stable === receivedBy(history)) return undefined;
  return `${nameOf(tail)}, the tail, has not confirmed update ${stable}`;
}

function nameOf({ id, address }: ServerEntry): string {
  return `server ${id} at ${address}`;
}
