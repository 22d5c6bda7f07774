import { assert } from '@tablelab/shared';
import type { JoiningServer } from './directory.ts';
import {
  breakDownstream,
  copyDownstream,
  type Downstream,
  downstreamUp,
  followReceiver,
  handOver,
  hasEntered,
  hasInvited,
  linkOf,
  newDownstream,
  onChunk,
  onProgress,
  onWelcome,
  type Receiver,
  receiverOf,
  redial,
  sentOver,
} from './downstream.ts';
import type { Cursor, LinkId } from './effects.ts';
import { type Adopted, adoptedIn } from './membership-state.ts';
import type { ChainMessage } from './messages.ts';
import type { Step } from './step.ts';
import { type ServerId, successorOf } from './view.ts';

/**
 * The servers that this one sends updates to: its successor and, if this is the tail, one joining server. When that one
 * enters the chain it becomes the successor, over the same link.
 */
export interface Outbound {
  successor: Downstream;
  admission: Downstream;
  /** Those who are to be let in by this server; nobody unless it is the tail and a member. */
  joining: readonly JoiningServer[];
  /** The number of the joining server that could not be reached last: others come first then. */
  unreachedId: ServerId;
  /** The link over which a successor has spoken as a member. */
  memberLink: LinkId | undefined;
  /** Links that have been dialled: their names are never used twice. */
  links: number;
}

const noServer: ServerId = -1;

export function newOutbound(): Outbound {
  return {
    successor: newDownstream({ isJoining: false }),
    admission: newDownstream({ isJoining: true }),
    joining: [],
    unreachedId: noServer,
    memberLink: undefined,
    links: 0,
  };
}

export function copyOutbound(outbound: Outbound): Outbound {
  const { successor, admission } = outbound;
  return { ...outbound, successor: copyDownstream(successor), admission: copyDownstream(admission) };
}

/** The successor is known to be a member: it has everything, and goes on with the chain when this server is gone. */
export function isFollowed({ memberLink, successor }: Outbound): boolean {
  return memberLink !== undefined && memberLink === linkOf(successor);
}

export function isOutboundLink({ successor, admission }: Outbound, link: LinkId): boolean {
  return link === linkOf(successor) || link === linkOf(admission);
}

/** Follows the view. `joining`: those who are to be let in by this server. */
export function followOutbound(step: Step, adopted: Adopted, joining: readonly JoiningServer[]): void {
  const { outbound, history } = step.state;
  assert(
    joining.length === 0 || (adopted.isTail && adopted.isMember),
    'only a tail that is a member lets in',
  );
  outbound.joining = joining;
  // As long as it knows of no chain it has nothing to say: with the record that makes it a member it is here again.
  const isNew = history.chain === undefined;
  const successor = isNew ? undefined : successorOf(adopted.view, adopted.id);
  const { admission } = outbound;
  const isLetIn = successor !== undefined && receiverOf(admission)?.session === successor.session;
  if (isLetIn && hasInvited(admission)) {
    followReceiver(step, outbound.successor, undefined);
    hasEntered(admission);
    outbound.successor = admission;
    outbound.admission = newDownstream({ isJoining: true });
  }
  followReceiver(step, outbound.successor, successor);
  followReceiver(step, outbound.admission, nextToAdmit(outbound));
  assert(!outbound.successor.isJoining && outbound.admission.isJoining, 'each link has its part');
}

export function closeOutbound(step: Step): void {
  const { outbound } = step.state;
  outbound.joining = [];
  followReceiver(step, outbound.successor, undefined);
  followReceiver(step, outbound.admission, undefined);
}

/** Hands over to a successor that waits for it; for a member that is not the tail any more. */
export function handOverToSuccessor(step: Step): Receiver | undefined {
  return handOver(step, step.state.outbound.successor);
}

export function onOutboundChunk(
  step: Step,
  event: { link: LinkId; entries: Uint8Array; next: Cursor | undefined },
): void {
  const { admission } = step.state.outbound;
  if (event.link === linkOf(admission)) onChunk(step, admission, event);
}

export function outboundUp(step: Step, link: LinkId): void {
  const { membership, outbound, history } = step.state;
  const { chain } = history;
  const adopted = adoptedIn(membership);
  if (adopted === undefined || chain === undefined) return;
  const { id, view } = adopted;
  const session = adopted.session.id;
  for (const downstream of [outbound.successor, outbound.admission]) {
    if (link !== linkOf(downstream)) continue;
    const { isJoining: joining } = downstream;
    downstreamUp(step, downstream, { type: 'hello', id, session, viewVersion: view.version, chain, joining });
  }
}

export function outboundDown(step: Step, link: LinkId): void {
  const { successor, admission } = step.state.outbound;
  if (link === linkOf(successor)) redial(step, successor);
  if (link === linkOf(admission)) admissionBroken(step);
}

/** Gives back the new `stable` where the message tells one: the whole chain has executed all below. */
export function onOutboundMessage(step: Step, link: LinkId, message: ChainMessage): number | undefined {
  const { outbound, membership } = step.state;
  const isSuccessor = link === linkOf(outbound.successor);
  const downstream = isSuccessor ? outbound.successor : outbound.admission;
  const giveUp = (detail: string) => {
    breakDownstream(step, downstream, detail);
    return undefined;
  };
  switch (message.type) {
    case 'welcome':
      if (!isSuccessor) outbound.unreachedId = noServer;
      if (isSuccessor && message.member) outbound.memberLink = link;
      onWelcome(step, downstream, message);
      return isSuccessor && message.stable <= sentOver(downstream) ? message.stable : undefined;
    case 'reject':
      // It has read, or will read, what makes it accept this server; or this server has to read why it does not.
      if (message.viewVersion > (adoptedIn(membership)?.view.version ?? 0)) {
        step.emit({ type: 'read-directory' });
      }
      return giveUp('rejected by a server whose view differs');
    case 'progress':
      onProgress(step, downstream, message);
      return undefined;
    case 'ack':
      if (!isSuccessor || message.stable > sentOver(downstream)) {
        return giveUp(`an ACK for ${message.stable}, which was never sent`);
      }
      outbound.memberLink = link;
      return message.stable;
    default:
      return giveUp(`a ${message.type} from a server that is sent updates`);
  }
}

/** Other joining servers have their turn before this one is tried again. */
function admissionBroken(step: Step): void {
  const { outbound } = step.state;
  const session = receiverOf(outbound.admission)?.session;
  outbound.unreachedId = outbound.joining.find((server) => server.session === session)?.id ?? noServer;
  const next = nextToAdmit(outbound);
  if (next === undefined || next.session === session) redial(step, outbound.admission);
  else followReceiver(step, outbound.admission, next);
}

/** The lowest number first; after one that could not be reached, the next ones, and then from the beginning. */
function nextToAdmit({ joining, admission, unreachedId }: Outbound): Receiver | undefined {
  const current = joining.find(({ session }) => session === receiverOf(admission)?.session);
  if (current !== undefined && current.id !== unreachedId) return current;
  return joining.find(({ id }) => id > unreachedId) ?? joining[0];
}
