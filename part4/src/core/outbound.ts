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
  onLogRead,
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
import type { Update } from './update.ts';
import { type ServerId, successorOf } from './view.ts';

/**
 * The servers to which this one sends updates: its successor and, if this is the tail, one joining server. When the
 * joining server enters the chain, it becomes the successor, over the same link.
 */
export interface Outbound {
  successor: Downstream;
  admission: Downstream;
  /** The servers that this one may admit; empty unless it is the tail and a member. */
  joining: readonly JoiningServer[];
  /** The number of the joining server that was last found unreachable: others are tried before it. */
  unreachedId: ServerId;
  /** The link over which a successor has sent a message as a member. */
  memberLink: LinkId | undefined;
  /** The number of links dialled, for unique names. */
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

/** Whether the successor is known to be a member: it can continue the chain when this server is gone. */
export function isFollowed({ memberLink, successor }: Outbound): boolean {
  return memberLink !== undefined && memberLink === linkOf(successor);
}

export function isOutboundLink({ successor, admission }: Outbound, link: LinkId): boolean {
  return link === linkOf(successor) || link === linkOf(admission);
}

/** Follows the view. `joining`: the servers that this one may admit. */
export function followOutbound(step: Step, adopted: Adopted, joining: readonly JoiningServer[]): void {
  const { outbound, history } = step.state;
  assert(
    joining.length === 0 || (adopted.isTail && adopted.isMember),
    'only a tail that is a member admits servers',
  );
  outbound.joining = joining;
  // A server without a chain has nothing to send; this function is called again with the record that makes it a member.
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

/** Sends HANDOVER to a successor that waits for it; for a member that is no longer the tail. */
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

export function onOutboundLog(step: Step, link: LinkId, updates: readonly Update[]): void {
  const { admission } = step.state.outbound;
  if (link === linkOf(admission)) onLogRead(step, admission, updates);
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

/** Returns the new `stable` if the message reports one: the whole chain has executed all updates below it. */
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
      // One of the two servers has read an older view: it will read the newer one, and the link can then be accepted or
      // dropped.
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

/** Other joining servers are tried before this one is tried again. */
function admissionBroken(step: Step): void {
  const { outbound } = step.state;
  const session = receiverOf(outbound.admission)?.session;
  outbound.unreachedId = outbound.joining.find((server) => server.session === session)?.id ?? noServer;
  const next = nextToAdmit(outbound);
  if (next === undefined || next.session === session) redial(step, outbound.admission);
  else followReceiver(step, outbound.admission, next);
}

/** The lowest number first; after an unreachable server, the next ones, and then from the beginning. */
function nextToAdmit({ joining, admission, unreachedId }: Outbound): Receiver | undefined {
  const current = joining.find(({ session }) => session === receiverOf(admission)?.session);
  if (current !== undefined && current.id !== unreachedId) return current;
  return joining.find(({ id }) => id > unreachedId) ?? joining[0];
}
