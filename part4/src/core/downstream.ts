import { assert } from '@tablelab/shared';
import type { Cursor, LinkId } from './effects.ts';
import { epochOf } from './epoch-table.ts';
import { type History, receivedBy, snapshotOf } from './history.ts';
import type { ChainMessage } from './messages.ts';
import type { Step } from './step.ts';
import { sliceOfLog } from './update-log.ts';
import type { SessionId } from './view.ts';

/** A server that this one sends updates to, as a part of its entry in the view or among the joining servers. */
export interface Receiver {
  readonly session: SessionId;
  readonly address: string;
}

/** How much of a snapshot has been sent. */
interface Copying {
  /** Where to read on; undefined when the last chunk has been sent. */
  cursor: Cursor | undefined;
  isReading: boolean;
  chunksSent: number;
  chunksLoaded: number;
  /** The receiver's sessions are whole once it has the updates below. */
  readonly sessionsSeq: number;
}

/** An open link. */
interface Open {
  readonly type: 'open';
  readonly link: LinkId;
  readonly receiver: Receiver;
  /** The sequence number of the next update to send. */
  next: number;
  /** All below it has been executed there, as far as it has said. */
  executed: number;
  /** What was sent and is not known to be executed there: where each batch ends, and its bytes. */
  readonly underWay: { readonly end: number; readonly bytes: number }[];
  bytesUnderWay: number;
  copying: Copying | undefined;
  /** The receiver waits for INVITE. */
  inviteDue: boolean;
  /** The receiver waits for HANDOVER: it is new in the chain. */
  handoverDue: boolean;
}

/** Where the link stands. */
type LinkState =
  /** There is nobody to send to. */
  | { readonly type: 'none' }
  | { readonly type: 'dialing'; readonly link: LinkId; readonly receiver: Receiver }
  /** Our HELLO is on its way. */
  | { readonly type: 'greeting'; readonly link: LinkId; readonly receiver: Receiver }
  | Open;

export interface DownstreamLimits {
  /** Updates in one UPDATES message at most. */
  readonly batchUpdatesMax: number;
  /** Bytes in one UPDATES message, more or less: the update that crosses the limit still goes in. */
  readonly batchBytesMax: number;
  /** The pause before a broken link is dialled anew, in milliseconds. */
  readonly redialDelayMs: number;
  /** Chunks of a snapshot that are under way at once. */
  readonly chunksUnderWayMax: number;
  /** With more updates than this under way no further chunk is read: a copy that lags behind must not lag more. */
  readonly chunkLagUpdatesMax: number;
  /** A joining server that is so far behind, in updates or in bytes, is given up: it would cost memory without end. */
  readonly lagUpdatesMax: number;
  readonly lagBytesMax: number;
}

/**
 * The link to the successor, or to a joining server. Invariant: at most one link at a time, and what
 * goes over it is the history in order, from where the receiver's own ends.
 */
export interface Downstream {
  /** The receiver is joining: it may be sent a snapshot, is invited, and must not fall behind too far. */
  isJoining: boolean;
  state: LinkState;
}

export function newDownstream({ isJoining }: { isJoining: boolean }): Downstream {
  return { isJoining, state: { type: 'none' } };
}

export function copyDownstream({ isJoining, state }: Downstream): Downstream {
  if (state.type !== 'open') return { isJoining, state: { ...state } };
  const copying = state.copying === undefined ? undefined : { ...state.copying };
  return { isJoining, state: { ...state, underWay: [...state.underWay], copying } };
}

/** The link that is in use or on its way, whatever its state. */
export function linkOf({ state }: Downstream): LinkId | undefined {
  return state.type === 'none' ? undefined : state.link;
}

export function receiverOf({ state }: Downstream): Receiver | undefined {
  return state.type === 'none' ? undefined : state.receiver;
}

/** One above the last update that was sent over the link that is open now, or 0 where none is open. */
export function sentOver({ state }: Downstream): number {
  return state.type === 'open' ? state.next : 0;
}

/** Whether the receiver has been told to enter the chain, over a link that is still open. */
export function hasInvited({ state }: Downstream): boolean {
  return state.type === 'open' && !state.inviteDue && state.copying === undefined;
}

/** Drops the link to any other server than `receiver`, and dials that one. */
export function followReceiver(step: Step, downstream: Downstream, receiver: Receiver | undefined): void {
  const { state } = downstream;
  if (state.type !== 'none') {
    if (state.receiver.session === receiver?.session) return;
    step.emit({ type: 'close', link: state.link, detail: 'updates go to another server now' });
    downstream.state = { type: 'none' };
  }
  if (receiver !== undefined) dial(step, downstream, { receiver, delayMs: 0 });
}

export function downstreamUp(step: Step, downstream: Downstream, hello: ChainMessage): void {
  const { state } = downstream;
  if (state.type !== 'dialing') return;
  downstream.state = { type: 'greeting', link: state.link, receiver: state.receiver };
  step.emit({ type: 'send', link: state.link, message: hello });
}

/** Dials again: the link broke, or what came over it cannot be right. */
export function redial(step: Step, downstream: Downstream): void {
  const { state } = downstream;
  if (state.type === 'none') return;
  const delayMs = step.config.limits.redialDelayMs;
  dial(step, downstream, { receiver: state.receiver, delayMs });
}

/** Closes the link for a stated reason and dials again. */
export function breakDownstream(step: Step, downstream: Downstream, detail: string): void {
  const { state } = downstream;
  if (state.type === 'none') return;
  step.emit({ type: 'close', link: state.link, detail });
  redial(step, downstream);
}

/** The receiver has answered our HELLO: it gets what it lacks, or a snapshot, or is told that its state does not fit. */
export function onWelcome(
  step: Step,
  downstream: Downstream,
  welcome: Extract<ChainMessage, { type: 'welcome' }>,
): void {
  const { state, isJoining } = downstream;
  if (state.type !== 'greeting') {
    return breakDownstream(step, downstream, 'a WELCOME that no HELLO asked for');
  }
  const { history } = step.state;
  const { link } = state;
  const mismatch = mismatchOf(history, welcome);
  if (mismatch === undefined) {
    const next = welcome.received;
    open(downstream, state, { next, copying: undefined, handoverDue: !welcome.member && !isJoining });
  } else if (isJoining) {
    const snapshot = snapshotOf(history);
    step.emit({ type: 'send', link, message: snapshot });
    const { seq: next, sessionsSeq } = snapshot;
    const copying = { cursor: 0, isReading: false, chunksSent: 0, chunksLoaded: 0, sessionsSeq };
    open(downstream, state, { next, copying, handoverDue: false });
  } else {
    step.emit({ type: 'send', link, message: { type: 'refuse', detail: mismatch } });
    breakDownstream(step, downstream, mismatch);
  }
}

/** The joining server has entered the chain, right behind this one: the link goes on as that to the successor. */
export function hasEntered(downstream: Downstream): void {
  const { state } = downstream;
  assert(downstream.isJoining, 'a server enters once');
  downstream.isJoining = false;
  if (state.type !== 'open') return;
  assert(!state.inviteDue, 'it has been invited');
  state.handoverDue = true;
}

/**
 * Hands the chain over to a successor that waits for it. No tail can have answered for more than this server has
 * received. What it has executed is not enough: its table may be further than the core has been told, and has been read.
 * Gives back who has just been handed the chain, if anybody.
 */
export function handOver(step: Step, { state, isJoining }: Downstream): Receiver | undefined {
  if (state.type !== 'open' || !state.handoverDue) return undefined;
  assert(!isJoining, 'only a server in the chain is handed it over');
  state.handoverDue = false;
  const seq = receivedBy(step.state.history);
  step.emit({ type: 'send', link: state.link, message: { type: 'handover', seq } });
  return state.receiver;
}

/** Sends all that has been executed here and has not been sent over this link; then whatever else is due. */
export function forward(step: Step, downstream: Downstream): void {
  const { state, isJoining } = downstream;
  if (state.type !== 'open') return;
  const { limits } = step.config;
  const { log, executed } = step.state.history;
  const batch = { countMax: limits.batchUpdatesMax, bytesMax: limits.batchBytesMax };
  while (state.next < executed) {
    const { updates, bytes } = sliceOfLog(log, state.next, executed, batch);
    state.next += updates.length;
    if (isJoining) {
      state.underWay.push({ end: state.next, bytes });
      state.bytesUnderWay += bytes;
    }
    step.emit({ type: 'send', link: state.link, message: { type: 'updates', updates } });
  }
  if (!isJoining) return;
  if (state.next - state.executed > limits.lagUpdatesMax || state.bytesUnderWay > limits.lagBytesMax) {
    return breakDownstream(step, downstream, 'the joining server cannot keep up');
  }
  readChunk(step, state);
  invite(step, state);
}

/** What the receiver says it has done. */
export function onProgress(
  step: Step,
  downstream: Downstream,
  { executed, chunks }: { executed: number; chunks: number },
): void {
  const { state } = downstream;
  if (state.type !== 'open') return;
  if (executed > state.next || chunks > (state.copying?.chunksSent ?? chunks)) {
    const detail = `PROGRESS beyond what was sent: ${executed} updates, ${chunks} chunks`;
    return breakDownstream(step, downstream, detail);
  }
  state.executed = executed;
  while (state.underWay[0] !== undefined && state.underWay[0].end <= executed) {
    state.bytesUnderWay -= state.underWay.shift()?.bytes ?? 0;
  }
  assert(state.underWay.length > 0 || state.bytesUnderWay === 0, 'what is under way is counted right');
  if (state.copying !== undefined) state.copying.chunksLoaded = chunks;
  forward(step, downstream);
}

/** A chunk has been read, and all updates that it shows the effect of have been sent. */
export function onChunk(
  step: Step,
  downstream: Downstream,
  { entries, next }: { entries: Uint8Array; next: Cursor | undefined },
): void {
  const { state } = downstream;
  if (state.type !== 'open' || state.copying === undefined) return;
  assert(state.copying.isReading, 'a chunk was asked for');
  assert(state.next === step.state.history.executed, 'the updates before it have been sent');
  state.copying.isReading = false;
  state.copying.cursor = next;
  state.copying.chunksSent += 1;
  step.emit({ type: 'send', link: state.link, message: { type: 'chunk', entries } });
  forward(step, downstream);
}

function readChunk({ config, emit }: Step, { link, next, executed, copying }: Open): void {
  if (copying === undefined || copying.cursor === undefined || copying.isReading) return;
  const { chunksUnderWayMax, chunkLagUpdatesMax } = config.limits;
  if (copying.chunksSent - copying.chunksLoaded >= chunksUnderWayMax) return;
  if (next - executed > chunkLagUpdatesMax) return;
  copying.isReading = true;
  emit({ type: 'read-chunk', link, cursor: copying.cursor });
}

function invite({ emit }: Step, state: Open): void {
  const { copying } = state;
  if (!state.inviteDue) return;
  if (copying !== undefined && (copying.cursor !== undefined || state.next < copying.sessionsSeq)) return;
  assert(copying?.isReading !== true, 'the last chunk is sent before the invitation');
  state.inviteDue = false;
  state.copying = undefined;
  emit({ type: 'send', link: state.link, message: { type: 'invite', seq: state.next } });
}

/** Why the receiver's state cannot be continued with updates alone, or undefined where it can. */
function mismatchOf(
  history: History,
  { received, lastEpoch, whole }: Extract<ChainMessage, { type: 'welcome' }>,
): string | undefined {
  const { executed, log, epochs } = history;
  if (!whole) return 'its state is not whole';
  if (received > executed) return `it has ${received} updates, its predecessor ${executed}`;
  if (received < log.start) return `it needs update ${received}, the oldest here is ${log.start}`;
  if (received > 0 && epochOf(epochs, received - 1) !== lastEpoch) {
    return `its update ${received - 1} is of epoch ${lastEpoch}, here it is of ${epochOf(epochs, received - 1)}`;
  }
  return undefined;
}

function open(
  downstream: Downstream,
  { link, receiver }: { link: LinkId; receiver: Receiver },
  { next, copying, handoverDue }: Pick<Open, 'next' | 'copying' | 'handoverDue'>,
): void {
  const { isJoining } = downstream;
  assert(isJoining || copying === undefined, 'only a joining server is sent a copy');
  assert(!isJoining || !handoverDue, 'a joining server is not handed the chain');
  downstream.state = {
    type: 'open',
    link,
    receiver,
    next,
    executed: next,
    underWay: [],
    bytesUnderWay: 0,
    copying,
    inviteDue: isJoining,
    handoverDue,
  };
}

function dial(
  { state: { outbound }, emit }: Step,
  downstream: Downstream,
  { receiver, delayMs }: { receiver: Receiver; delayMs: number },
): void {
  outbound.links += 1;
  const link = `to-${outbound.links}`;
  downstream.state = { type: 'dialing', link, receiver };
  emit({ type: 'dial', link, address: receiver.address, delayMs });
}
