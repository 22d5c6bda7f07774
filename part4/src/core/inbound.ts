import { assert, must } from '@tablelab/shared';
import { noRoomReason } from './disk-room.ts';
import type { LinkId } from './effects.ts';
import { lastEpoch } from './epoch-table.ts';
import { appendUpdate, beginCopy, type History, receivedBy, resetHistory, stableIn } from './history.ts';
import type { ChainId } from './membership-record.ts';
import { adoptedIn, forgetHeld, heldState } from './membership-state.ts';
import type { ChainMessage } from './messages.ts';
import type { Step } from './step.ts';
import type { Update } from './update.ts';
import {
  breakUpstream,
  closeUpstream,
  copyUpstream,
  followSender,
  type Hello,
  judgeHello,
  newUpstream,
  type Sender,
  type Upstream,
  upstreamDown,
} from './upstream.ts';

/**
 * The server from which updates come, and its permissions for this server: to enter the chain once everything sent is
 * in the table (INVITE), and to answer as tail once everything is executed that an earlier tail may have answered
 * (HANDOVER). They are valid while the link over which they came is open.
 */
export interface Inbound {
  upstream: Upstream;
  /** From INVITE and HANDOVER: the updates that must be executed first. */
  invited: number | undefined;
  handedOver: number | undefined;
  /** The predecessor has found that their states do not match. */
  isRefused: boolean;
  /** Since the last wipe. */
  chunksReceived: number;
  chunksLoaded: number;
  /**
   * A message has arrived over the present link. Before that, a snapshot may be on its way, which will replace this
   * server's state.
   */
  hasHeard: boolean;
  /** What has been acknowledged over the present link. */
  told: Told;
}

interface Told {
  readonly stable: number;
  readonly executed: number;
  readonly chunks: number;
}

const toldNothing: Told = { stable: 0, executed: -1, chunks: -1 };

export function newInbound(): Inbound {
  return {
    upstream: newUpstream(),
    invited: undefined,
    handedOver: undefined,
    isRefused: false,
    chunksReceived: 0,
    chunksLoaded: 0,
    hasHeard: false,
    told: toldNothing,
  };
}

export function copyInbound(inbound: Inbound): Inbound {
  return { ...inbound, upstream: copyUpstream(inbound.upstream) };
}

export function isInboundLink({ upstream }: Inbound, link: LinkId): boolean {
  return link === upstream.current?.link;
}

/** This server has a copy of the chain's state and keeps it up to date. */
export function isInvited(inbound: Inbound, history: History): boolean {
  return inbound.upstream.current !== undefined && isCopied(inbound, history);
}

/** This server has executed everything that an earlier tail may have answered. */
export function isHandedOver({ handedOver }: Inbound, { isWhole, executed }: History): boolean {
  // It may have entered after an invitation, and then had its state replaced again over another link.
  if (!isWhole) return false;
  return handedOver !== undefined && handedOver <= executed;
}

export function followInbound(step: Step, sender: Sender): void {
  const { inbound } = step.state;
  const before = inbound.upstream.current;
  const hellos = followSender(inbound.upstream, sender, step.emit);
  if (inbound.upstream.current !== before) dropPromises(inbound);
  if (sender.joining) inbound.isRefused = false;
  for (const [link, hello] of hellos) onHello(step, link, hello);
}

export function closeInbound({ state: { inbound }, emit }: Step, detail: string): void {
  closeUpstream(inbound.upstream, detail, emit);
  dropPromises(inbound);
}

export function inboundDown({ state: { inbound } }: Step, link: LinkId): void {
  if (isInboundLink(inbound, link)) dropPromises(inbound);
  upstreamDown(inbound.upstream, link);
}

/** Discards this server's state, and starts over with a chain that has no history yet. */
export function startOver(step: Step, chain: ChainId): void {
  const { history } = step.state;
  const isEmpty = receivedBy(history) === 0 && history.isWhole;
  resetHistory(history, chain);
  if (!isEmpty) wipe(step, 0);
}

export function onLoaded(
  { state: { inbound, history } }: Step,
  event: { chunks: number; tableBytes: number },
): void {
  const { chunksLoaded, chunksReceived } = inbound;
  const { chunks, tableBytes } = event;
  assert(
    chunks >= chunksLoaded && chunks <= chunksReceived,
    () => `${chunks} chunks are loaded, after ${chunksLoaded}, of ${chunksReceived}`,
  );
  inbound.chunksLoaded = chunks;
  history.tableBytes = tableBytes;
}

export function onHello(step: Step, link: LinkId, hello: Hello): void {
  const { history, inbound, membership, memory } = step.state;
  const isForeign = history.chain !== hello.chain;
  // This check comes first: such a link must not replace the present one.
  if (isForeign && heldState(memory, history) !== undefined) {
    const detail = `server ${hello.id} is of chain ${hello.chain}, this one holds chain ${history.chain}`;
    return step.emit({ type: 'close', link, detail });
  }
  if (!judgeHello(inbound.upstream, link, hello, step.emit)) return;
  inbound.hasHeard = false;
  dropPromises(inbound);
  if (isForeign) startOver(step, hello.chain);
  assert(history.chain === hello.chain, 'a link is within one chain');
  const { isWhole } = history;
  const member = adoptedIn(membership)?.isMember ?? false;
  assert(isWhole || !member, 'a member’s state is whole');
  const stable = member ? stableIn(history) : 0;
  inbound.told = { ...toldNothing, stable };
  const received = isWhole ? receivedBy(history) : 0;
  const epoch = isWhole ? lastEpoch(history.epochs) : undefined;
  send(step, { type: 'welcome', received, lastEpoch: epoch, whole: isWhole, stable, member });
}

/** Returns a reason if this server cannot go on. */
export function onInboundMessage(step: Step, message: ChainMessage): string | undefined {
  const { history, inbound, membership, memory, room } = step.state;
  assert(inbound.upstream.current !== undefined, 'there is a link that it came over');
  inbound.hasHeard = true;
  switch (message.type) {
    case 'updates':
      if (room === 'none') return noRoomReason;
      return onUpdates(step, message.updates);
    case 'snapshot':
      if (adoptedIn(membership) !== undefined) {
        return breakLink(step, 'a snapshot for a server that is in the chain');
      }
      if (message.sessionsSeq < message.seq || (message.seq > 0 && message.epochs.length === 0)) {
        return breakLink(step, `a snapshot up to ${message.seq} that is not whole`);
      }
      // A copy of everything needs more than a few updates.
      if (room !== 'enough') return noRoomReason;
      forgetHeld(memory);
      beginCopy(history, must(history.chain, 'the HELLO named it'), message);
      return wipe(step, message.seq);
    case 'chunk':
      if (history.isWhole) return breakLink(step, 'a chunk of no snapshot');
      if (room === 'none') return noRoomReason;
      inbound.chunksReceived += 1;
      step.emit({ type: 'load', entries: message.entries });
      return undefined;
    case 'invite':
      inbound.invited = message.seq;
      return undefined;
    case 'handover':
      inbound.handedOver = message.seq;
      return undefined;
    case 'refuse':
      if (adoptedIn(membership)?.isMember === true) {
        return `a member of the chain is refused by its predecessor: ${message.detail}`;
      }
      step.emit({
        type: 'log',
        level: 'warn',
        detail: `refused by the predecessor, joining the chain anew: ${message.detail}`,
      });
      inbound.isRefused = true;
      return undefined;
    default:
      return breakLink(step, `a ${message.type} from the server that sends updates`);
  }
}

/** Records whether the copy has become complete, and reports this server's progress to the sender. */
export function acknowledge(step: Step): void {
  const { history, inbound, membership } = step.state;
  if (isCopied(inbound, history)) history.isWhole = true;
  if (inbound.upstream.current === undefined) return;
  const { told, hasHeard, chunksLoaded: chunks } = inbound;
  const { executed } = history;
  const stable = stableIn(history);
  if (membership.type === 'adopted' && membership.isMember) {
    if (stable <= told.stable) return;
    inbound.told = { ...told, stable };
    send(step, { type: 'ack', stable });
  } else if (hasHeard && (executed !== told.executed || chunks !== told.chunks)) {
    inbound.told = { ...told, executed, chunks };
    send(step, { type: 'progress', executed, chunks });
  }
}

function onUpdates(step: Step, updates: readonly Update[]): undefined {
  const { history } = step.state;
  const received = receivedBy(history);
  // A resend may repeat updates, which are skipped.
  const fresh = updates.filter((update) => update.seq >= received);
  let expected = received;
  let epoch = lastEpoch(history.epochs) ?? 0;
  for (const update of fresh) {
    if (update.seq !== expected)
      return breakLink(step, `update ${update.seq} where ${expected} was expected`);
    if (update.epoch < epoch)
      return breakLink(step, `update ${update.seq} of epoch ${update.epoch}, which is over`);
    expected += 1;
    epoch = update.epoch;
  }
  if (fresh.length === 0) return;
  for (const update of fresh) appendUpdate(history, update, step.config.limits);
  step.emit({ type: 'execute', updates: fresh });
}

/** A copy is complete when everything sent before the invitation is in the table. */
function isCopied({ invited, chunksLoaded, chunksReceived }: Inbound, { executed }: History): boolean {
  return invited !== undefined && executed >= invited && chunksLoaded === chunksReceived;
}

/** Empties the table, and cancels pending loads. */
function wipe({ state: { inbound }, emit }: Step, seq: number): undefined {
  inbound.chunksReceived = 0;
  inbound.chunksLoaded = 0;
  emit({ type: 'wipe', seq });
}

function breakLink({ state: { inbound }, emit }: Step, detail: string): undefined {
  breakUpstream(inbound.upstream, detail, emit);
  dropPromises(inbound);
}

function dropPromises(inbound: Inbound): void {
  inbound.invited = undefined;
  inbound.handedOver = undefined;
  inbound.told = toldNothing;
}

function send({ state: { inbound }, emit }: Step, message: ChainMessage): void {
  const { link } = must(inbound.upstream.current, 'there is a link to send over');
  emit({ type: 'send', link, message });
}
