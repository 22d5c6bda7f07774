import { assert } from '@tablelab/shared';
import type { Cursor, LinkId } from './effects.ts';
import { epochOf } from './epoch-table.ts';
import { type History, receivedBy, snapshotOf } from './history.ts';
import type { ChainMessage } from './messages.ts';
import type { Step } from './step.ts';
import { type Update, updateBytes } from './update.ts';
import { sliceOfLog } from './update-log.ts';
import type { SessionId } from './view.ts';

/** A server to which this one sends updates: a part of its entry in the view or among the joining servers. */
export interface Receiver {
  readonly session: SessionId;
  readonly address: string;
}

/** The progress of sending a snapshot. */
interface Copying {
  /** Where to read on; undefined when the last chunk has been sent. */
  cursor: Cursor | undefined;
  isReading: boolean;
  chunksSent: number;
  chunksLoaded: number;
  /** The receiver's sessions are complete once it has the updates below this number. */
  readonly sessionsSeq: number;
}

/** An open link. */
interface Open {
  readonly type: 'open';
  readonly link: LinkId;
  readonly receiver: Receiver;
  /** The sequence numbers of the first update that was sent over it, and of the next one to send. */
  readonly first: number;
  next: number;
  /** The receiver has reported that it has executed all updates below this number. */
  executed: number;
  /** Batches that were sent and are not known to be executed: the end of each, and its bytes. */
  readonly underWay: { readonly end: number; readonly bytes: number }[];
  bytesUnderWay: number;
  copying: Copying | undefined;
  /** Older updates than the log in memory has are being read from the disk. */
  isReadingLog: boolean;
  /** The receiver waits for INVITE. */
  inviteDue: boolean;
  /** The receiver is new in the chain and waits for HANDOVER. */
  handoverDue: boolean;
}

/** The state of the link. */
type LinkState =
  /** There is no receiver. */
  | { readonly type: 'none' }
  | { readonly type: 'dialing'; readonly link: LinkId; readonly receiver: Receiver }
  /** HELLO has been sent. */
  | { readonly type: 'greeting'; readonly link: LinkId; readonly receiver: Receiver }
  | Open;

export interface DownstreamLimits {
  /** The largest number of updates in one UPDATES message. */
  readonly batchUpdatesMax: number;
  /** The size limit of one UPDATES message; the update that exceeds the limit is still included. */
  readonly batchBytesMax: number;
  /** The pause before a broken link is dialled again, in milliseconds. */
  readonly redialDelayMs: number;
  /** The largest number of snapshot chunks under way. */
  readonly chunksUnderWayMax: number;
  /** While more updates than this are under way, no chunk is read: a copy that lags behind must not lag further. */
  readonly chunkLagUpdatesMax: number;
  /**
   * A joining server that lags behind this far, in updates or in bytes, is given up, because it would need unlimited
   * memory.
   */
  readonly lagUpdatesMax: number;
  readonly lagBytesMax: number;
}

/**
 * The link to the successor, or to a joining server. Invariant: there is at most one link at a time, and it carries the
 * history in order, from the end of the receiver's history.
 */
export interface Downstream {
  /** The receiver is joining: it may get a snapshot, gets an INVITE, and must not lag too far behind. */
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

/** The current link, whatever its state. */
export function linkOf({ state }: Downstream): LinkId | undefined {
  return state.type === 'none' ? undefined : state.link;
}

export function receiverOf({ state }: Downstream): Receiver | undefined {
  return state.type === 'none' ? undefined : state.receiver;
}

/** One above the last update sent over the open link, or 0 if no link is open. */
export function sentOver({ state }: Downstream): number {
  return state.type === 'open' ? state.next : 0;
}

/** Whether the receiver has been invited over the open link. */
export function hasInvited({ state }: Downstream): boolean {
  return state.type === 'open' && !state.inviteDue && state.copying === undefined;
}

/** Closes a link to any other server, and dials `receiver`. */
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

/** Dials again after the link broke or an invalid message arrived. */
export function redial(step: Step, downstream: Downstream): void {
  const { state } = downstream;
  if (state.type === 'none') return;
  const delayMs = step.config.limits.redialDelayMs;
  dial(step, downstream, { receiver: state.receiver, delayMs });
}

/** Closes the link, with a reason, and dials again. */
export function breakDownstream(step: Step, downstream: Downstream, detail: string): void {
  const { state } = downstream;
  if (state.type === 'none') return;
  step.emit({ type: 'close', link: state.link, detail });
  redial(step, downstream);
}

/**
 * Handles the receiver's answer to HELLO: sends the missing updates, or a snapshot, or REFUSE if its state does not
 * fit.
 */
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
  const isOlder = welcome.received < history.log.start;
  if (mismatch === undefined && (!isOlder || (isJoining && step.config.hasLog === true))) {
    const next = welcome.received;
    open(downstream, state, { next, copying: undefined, handoverDue: !welcome.member && !isJoining });
  } else if (isJoining) {
    sendSnapshot(step, downstream, state);
  } else {
    const detail = mismatch ?? `it needs update ${welcome.received}, the oldest here is ${history.log.start}`;
    step.emit({ type: 'send', link, message: { type: 'refuse', detail } });
    const line = `refusing the successor at ${state.receiver.address}: ${detail}`;
    step.emit({ type: 'log', level: 'warn', detail: line });
    breakDownstream(step, downstream, detail);
  }
}

function sendSnapshot(
  { state: { history }, emit }: Step,
  downstream: Downstream,
  { link, receiver }: { link: LinkId; receiver: Receiver },
): void {
  const snapshot = snapshotOf(history);
  emit({ type: 'send', link, message: snapshot });
  const { seq: next, sessionsSeq } = snapshot;
  const copying = { cursor: 0, isReading: false, chunksSent: 0, chunksLoaded: 0, sessionsSeq };
  open(downstream, { link, receiver }, { next, copying, handoverDue: false });
}

/** The joining server has entered the chain right behind this one: its link becomes the link to the successor. */
export function hasEntered(downstream: Downstream): void {
  const { state } = downstream;
  assert(downstream.isJoining, 'a server enters once');
  downstream.isJoining = false;
  if (state.type !== 'open') return;
  assert(!state.inviteDue, 'it has been invited');
  state.handoverDue = true;
}

/**
 * Sends HANDOVER to a successor that waits for it, and returns that successor. No tail can have answered for more than
 * this server has received. `executed` would be too low: the table may be ahead of the reports to the core, and may
 * have been read.
 */
export function handOver(step: Step, { state, isJoining }: Downstream): Receiver | undefined {
  if (state.type !== 'open' || !state.handoverDue) return undefined;
  assert(!isJoining, 'only a server in the chain is handed it over');
  state.handoverDue = false;
  const seq = receivedBy(step.state.history);
  step.emit({ type: 'send', link: state.link, message: { type: 'handover', seq } });
  return state.receiver;
}

/** Sends all executed updates that have not been sent over this link, and then any other message that is due. */
export function forward(step: Step, downstream: Downstream): void {
  const { state, isJoining } = downstream;
  if (state.type !== 'open') return;
  const { limits } = step.config;
  const { log, executed } = step.state.history;
  const batch = { countMax: limits.batchUpdatesMax, bytesMax: limits.batchBytesMax };
  if (state.next < log.start) return readLog(step, state);
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
  if (lagsTooFar(step, state)) return breakDownstream(step, downstream, 'the joining server cannot keep up');
  readChunk(step, state);
  invite(step, state);
}

function lagsTooFar({ config: { limits } }: Step, { next, executed, bytesUnderWay }: Open): boolean {
  return next - executed > limits.lagUpdatesMax || bytesUnderWay > limits.lagBytesMax;
}

/** Reads on while little is under way: the disk is faster than the receiver. */
function readLog({ config: { limits }, state: { history }, emit }: Step, state: Open): void {
  const { link, next: seq, executed, bytesUnderWay, isReadingLog } = state;
  const isEnough = seq - executed > limits.chunkLagUpdatesMax || bytesUnderWay > limits.lagBytesMax / 2;
  if (isReadingLog || isEnough) return;
  state.isReadingLog = true;
  const { batchUpdatesMax: countMax, batchBytesMax: bytesMax } = limits;
  emit({ type: 'read-log', link, seq, end: history.log.start, countMax, bytesMax });
}

/** Sends what was read from the log on disk. A snapshot, if that does not reach back. */
export function onLogRead(step: Step, downstream: Downstream, updates: readonly Update[]): void {
  const { state } = downstream;
  if (state.type !== 'open' || !state.isReadingLog) return;
  state.isReadingLog = false;
  const [first] = updates;
  if (first === undefined) {
    const isBegun = state.next > state.first;
    if (!isBegun) return sendSnapshot(step, downstream, state);
    // The receiver says on the next link what it has by then.
    return breakDownstream(step, downstream, 'the log on disk cannot be read on');
  }
  assert(first.seq === state.next, () => `update ${first.seq} was read where ${state.next} was asked for`);
  let bytes = 0;
  for (const update of updates) bytes += updateBytes(update);
  state.next += updates.length;
  assert(state.next <= step.state.history.executed, 'what is sent is executed here');
  state.underWay.push({ end: state.next, bytes });
  state.bytesUnderWay += bytes;
  step.emit({ type: 'send', link: state.link, message: { type: 'updates', updates } });
  if (lagsTooFar(step, state)) return breakDownstream(step, downstream, 'the joining server cannot keep up');
  forward(step, downstream);
}

/** Handles the receiver's report of its progress. */
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

/** Sends a chunk. All updates whose effects it shows have been sent. */
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

/** Why updates alone, however old, cannot bring the receiver's state up to date; undefined if they can. */
function mismatchOf(
  history: History,
  { received, lastEpoch, whole }: Extract<ChainMessage, { type: 'welcome' }>,
): string | undefined {
  const { executed, epochs } = history;
  if (!whole) return 'its state is not whole';
  if (received > executed) return `it has ${received} updates, its predecessor ${executed}`;
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
    first: next,
    next,
    executed: next,
    underWay: [],
    bytesUnderWay: 0,
    copying,
    isReadingLog: false,
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
