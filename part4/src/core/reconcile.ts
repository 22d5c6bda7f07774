import { assert, must, unreachable } from '@tablelab/shared';
import { advance } from './advance.ts';
import type { Directory } from './directory.ts';
import type { LastCopy } from './effects.ts';
import { lastEpoch } from './epoch-table.ts';
import { receivedBy, stableIn } from './history.ts';
import { closeInbound, followInbound, isHandedOver, isInvited, startOver } from './inbound.ts';
import { type Decision, decide, isApart, type Situation } from './membership.ts';
import { type MembershipRecord, presentMembers } from './membership-record.ts';
import {
  type Adopted,
  adoptedIn,
  adoptedState,
  heldState,
  idIn,
  joinersIn,
  nextChainName,
  noteAdopted,
  notInChain,
  type Session,
  standingIn,
} from './membership-state.ts';
import { closeOutbound, followOutbound, isFollowed } from './outbound.ts';
import type { Step } from './step.ts';
import { predecessorOf, type SessionId, tailOf } from './view.ts';
import { abandonWrites } from './writes.ts';

/**
 * How long the servers that hold the chain's data may take to appear, in session time-outs. With a record: until their
 * session has ended and another one is open. Without a record, because ZooKeeper has lost it: until they have given up
 * their session, after ten time-outs without a connection, because ZooKeeper does not report that the session is
 * unknown.
 */
const graceSessions = { withRecord: 2.5, withoutRecord: 11 };

/** The largest number of decisions after one event; a few are enough. */
const decisionsMax = 16;

/**
 * Adjusts this server's place in the chain to ZooKeeper's directory and to its state, until nothing more is to be done.
 * {@link decide} makes the decisions.
 */
export function reconcile(step: Step): void {
  let last: Decision | undefined;
  for (let count = 0; ; count += 1) {
    const { membership } = step.state;
    if (membership.type === 'offline' || membership.type === 'over') return;
    const { directory, isChanging } = membership.session;
    if (directory === undefined || isChanging) return;
    assert(count < decisionsMax, 'a server comes to an end of its decisions');
    takeRecovery(step, directory);
    const situation = situationOf(step, membership.session, directory);
    const decision = decide(situation);
    if (last !== undefined && isSame(decision, last)) return;
    carryOut(step, decision, situation);
    advance(step);
    last = decision;
  }
}

/**
 * A head first waits until the whole chain has the writes that it accepted, and the last member waits until the server
 * that it is admitting has everything. Other servers hold no data that is nowhere else.
 */
export function leavingIn({ memory, membership, history, outbound }: Step['state']): Situation['leaving'] {
  if (!memory.isLeaving) return 'no';
  const adopted = adoptedIn(membership);
  if (adopted === undefined || !adopted.isMember) return 'drained';
  if (adopted.isHead && stableIn(history) < receivedBy(history)) return 'draining';
  if (adopted.record.members.length > 1 || isFollowed(outbound)) return 'drained';
  const { directory, id } = adopted.session;
  const isOther = ({ session }: { session: SessionId }) => session !== id;
  const { servers } = directory?.view ?? adopted.view;
  const joiners = directory === undefined ? [] : joinersIn(directory);
  return servers.some(isOther) || joiners.some(isOther) ? 'draining' : 'drained';
}

/** Leaves the chain for good: accepted writes are done, or can no longer be completed here. */
export function finish(step: Step): void {
  const lastCopy = lastCopyIn(step.state);
  resign(step, { type: 'over' }, 'this server has left the chain');
  step.emit({ type: 'left', lastCopy });
}

/**
 * The data that go with this server: no member of their chain is in the chain any more, and no joining server holds them. Of
 * several servers that leave at once, at least the last one sees that.
 */
function lastCopyIn({ membership, memory, history }: Step['state']): LastCopy | undefined {
  const held = heldState(memory, history);
  if (held === undefined || history.tableBytes === 0) return undefined;
  const { chain } = held;
  const session = 'session' in membership ? membership.session : undefined;
  const directory = session?.directory;
  const lastCopy = { chain, bytes: history.tableBytes, isSure: directory !== undefined };
  if (directory === undefined) return lastCopy;
  const { record, view, joining } = directory;
  const isServed = record?.chain === chain && presentMembers(record, view).length > 0;
  const isHeld = joining.some((other) => other.session !== session?.id && other.state?.chain === chain);
  return isServed || isHeld ? undefined : lastCopy;
}

/** Ends for good, with a text for the log. */
export function stop(step: Step, detail: string): void {
  resign(step, { type: 'over' }, detail);
  step.emit({ type: 'stop', detail });
}

/** The session with ZooKeeper has ended, and with it this server's place in the chain. */
export function goOffline(step: Step, detail: string): void {
  resign(step, { type: 'offline' }, `the session with ZooKeeper has ended: ${detail}`);
  if (step.state.memory.isLeaving) finish(step);
}

/** By an operator's decision, what this server holds of another chain becomes data of the record's chain. */
function takeRecovery(step: Step, { record }: Directory): void {
  const { config, state } = step;
  const { history, membership, memory } = state;
  const held = heldState(memory, history);
  if (membership.type !== 'joining' || held === undefined || record === undefined) return;
  const { recovery, chain } = record;
  if (recovery?.from !== held.chain || !recovery.members.includes(config.member)) return;
  history.chain = chain;
  memory.lastRecord = record;
  memory.pendingSuccessor = undefined;
  const detail = `an operator has decided that the data of chain ${held.chain} that this server holds is chain ${chain} from now on`;
  step.emit({ type: 'log', level: 'warn', detail });
}

function situationOf(step: Step, session: Session, directory: Directory): Situation {
  const { config, state } = step;
  const { history, inbound, memory } = state;
  return {
    directory,
    session: session.id,
    member: config.member,
    address: config.address,
    held: heldState(memory, history),
    hasHeardOfChain: memory.hasSeenChain || history.chain !== undefined,
    standing: standingIn(state.membership),
    isInvited: isInvited(inbound, history),
    isHandedOver: isHandedOver(inbound, history),
    isRefused: inbound.isRefused,
    leaving: leavingIn(state),
    mayGiveUp: mayGiveUp(step, session, directory),
    newChain: memory.newChain,
    nextEpoch: (lastEpoch(history.epochs) ?? -1) + 1,
    capacityBytes: config.capacityBytes,
    heldCapacityBytes: memory.lastRecord?.capacityBytes,
  };
}

function isSame(one: Decision, other: Decision): boolean {
  const changeOf = (decision: Decision) => ('change' in decision ? decision.change : undefined);
  const idOf = (decision: Decision) => ('id' in decision ? decision.id : undefined);
  return one.type === other.type && idOf(one) === idOf(other) && changeOf(one) === changeOf(other);
}

function carryOut(step: Step, decision: Decision, situation: Situation): void {
  switch (decision.type) {
    case 'left':
      return finish(step);
    case 'unfit':
      return stop(step, decision.detail);
    case 'outside':
      goOutside(step, decision, situation);
      break;
    case 'pending':
      goPending(step, decision);
      break;
    case 'adopt':
      adopt(step, decision, situation.directory);
      break;
    default:
      return unreachable(decision);
  }
  const { change } = decision;
  if (change === undefined) return;
  if (change.type === 'record') warnOfLoss(step, situation.directory, change.record);
  // The change goes out last; no other decision is made before its outcome is known.
  const session = sessionIn(step);
  assert(!session.isChanging, 'one change at a time');
  session.isChanging = true;
  step.emit({ type: 'change-directory', change });
}

/** Before another chain is begun where there was one. */
function warnOfLoss(step: Step, { record }: Directory, next: MembershipRecord): void {
  if (record === undefined || record.chain === next.chain) return;
  const names = record.members.map(({ member }) => member).join(', ');
  const detail = `beginning chain ${next.chain} anew: all that chain ${record.chain} had answered is given up. Its members were ${names}; one that comes back keeps its data, and has no part in the new chain`;
  step.emit({ type: 'log', level: 'warn', detail });
}

function goOutside(step: Step, decision: Extract<Decision, { type: 'outside' }>, situation: Situation): void {
  const { directory } = situation;
  const { membership } = step.state;
  const session = sessionIn(step);
  const reason = apartReason(situation);
  const isNews = reason !== undefined && !(membership.type === 'joining' && membership.reason === reason);
  const joining = { type: 'joining', session, reason: reason ?? notInChain } as const;
  resign(step, joining, joining.reason);
  if (isNews) {
    const { held } = situation;
    const detail = `${reason}. To go on with chain ${held?.chain}, stop the servers of the other one, and then choose with: table-admin <zookeeper> recover. To give its data up, start this server again`;
    step.emit({ type: 'log', level: 'warn', detail });
  }
  if (decision.hasMembers || reason !== undefined) session.absence = undefined;
  else if (decision.change === undefined) watchAbsence(step, session, directory);
  // While this server is joining, the tail sends it updates.
  const { view, record } = directory;
  const tail = tailOf(view);
  followInbound(step, {
    viewVersion: view.version,
    id: tail?.id,
    session: tail?.session,
    joining: true,
    // Of a record whose members are all gone it is not known yet what comes next.
    chain: decision.hasMembers ? record?.chain : undefined,
  });
}

function goPending(step: Step, { id }: { readonly id: number }): void {
  const { membership } = step.state;
  const session = sessionIn(step);
  heartbeats(step, id);
  // The adopted view stays valid until a newer one is adopted.
  if (membership.type === 'adopted' && membership.id === id) return;
  resign(step, { type: 'pending', session, id }, `this server is number ${id} of the chain now`);
}

function adopt(step: Step, decision: Extract<Decision, { type: 'adopt' }>, directory: Directory): void {
  const { memory } = step.state;
  const { id, record } = decision;
  const session = sessionIn(step);
  heartbeats(step, id);
  const adopted = adoptedState(session, { id, view: directory.view, record });
  warnOfOnlyCopy(step, adopted);
  step.state.membership = adopted;
  session.absence = undefined;
  if (adopted.isMember) holdChain(step, record.chain);
  noteAdopted(memory, adopted);
  // A server that the record still names, under the number of a lost session, must not get a new copy yet.
  const isFree = ({ member }: { member: string }) => !record.members.some((other) => other.member === member);
  const isAdmitting = adopted.isMember && adopted.isTail;
  followOutbound(step, adopted, isAdmitting ? joinersIn(directory).filter(isFree) : []);
  const { version } = adopted.view;
  const predecessor = predecessorOf(adopted.view, id);
  const sender = { id: predecessor?.id, session: predecessor?.session };
  followInbound(step, { viewVersion: version, ...sender, joining: false, chain: record.chain });
}

/** While there is still time to start another server. */
function warnOfOnlyCopy(step: Step, { record, isMember }: Adopted): void {
  const { memory, history } = step.state;
  const before = memory.lastRecord?.members.length ?? 0;
  if (!isMember || record.members.length > 1 || before < 2 || history.tableBytes === 0) return;
  const detail = `this server holds the only copy of the chain’s data now (${history.tableBytes} bytes): start another server, which gets a copy`;
  step.emit({ type: 'log', level: 'warn', detail });
}

/** Assigns the state of this server to the chain whose record names it. */
function holdChain(step: Step, chain: string): void {
  const { history, memory } = step.state;
  if (history.chain === chain && history.isWhole) return;
  if (heldState(memory, history) === undefined) {
    startOver(step, chain);
  } else {
    const detail = `going on as chain ${chain} with what this server holds: later writes are lost`;
    step.emit({ type: 'log', level: 'warn', detail });
    history.chain = chain;
  }
  if (chain === memory.newChain) memory.newChain = nextChainName(chain);
}

/**
 * Changes to `next` and gives up the place in the chain: other servers must answer pending requests. A server that has
 * no place and keeps waiting for one has nothing to give up.
 */
function resign(step: Step, next: Step['state']['membership'], detail: string): void {
  const { membership } = step.state;
  const wasInside = membership.type === 'adopted';
  if (next.type !== 'pending') heartbeats(step, undefined);
  if (wasInside) step.emit({ type: 'log', level: 'info', detail });
  step.state.membership = next;
  if (!wasInside && 'session' in next) return;
  closeInbound(step, detail);
  closeOutbound(step);
  abandonWrites(step, detail);
  assert(step.state.waiters.size === 0, 'a server without a place keeps no write waiting');
}

function apartReason(situation: Situation): string | undefined {
  if (!isApart(situation)) return undefined;
  const { held, directory } = situation;
  return `this server holds the data of chain ${held?.chain}, but ZooKeeper knows chain ${directory.record?.chain}: it keeps them, and has no part in that chain`;
}

function watchAbsence(step: Step, session: Session, directory: Directory): void {
  const { record } = directory;
  const serial = record?.serial;
  if (session.absence !== undefined && session.absence.serial === serial) return;
  const { onTotalLoss, totalLossGraceMs } = step.config;
  const sessions = record === undefined ? graceSessions.withoutRecord : graceSessions.withRecord;
  const graceMs = Math.max(totalLossGraceMs, sessions * session.timeoutMs);
  session.absence = { since: step.now, graceMs, serial };
  const missing = missingText(step, directory);
  const next =
    onTotalLoss === 'wait'
      ? 'waiting for them. If they do not come back, see who holds what, and choose how to go on, with: table-admin <zookeeper> recover'
      : `beginning without their data in ${graceMs} ms`;
  step.emit({ type: 'log', level: 'warn', detail: `${missing}; ${next}` });
  if (onTotalLoss === 'start-empty') step.emit({ type: 'wake', delayMs: graceMs });
}

/** Who is missing of those who hold the chain's data. */
function missingText({ config, state }: Step, { record, joining }: Directory): string {
  const { memory, history } = state;
  const members = (record ?? memory.lastRecord)?.members.map(({ member }) => member);
  const isHolder = record === undefined && heldState(memory, history) !== undefined;
  if (members === undefined || !isHolder) {
    return `none of those who hold the chain’s data is there: ${members?.join(', ') ?? 'not known'}`;
  }
  const isThere = (member: string) =>
    member === config.member || joining.some((server) => server.member === member);
  const missing = members.filter((member) => !isThere(member));
  return `ZooKeeper has no record of a chain: its data are lost, or this is another path; this server holds a chain’s data, but others may have more: ${missing.join(', ') || 'all are there by now'}`;
}

function mayGiveUp({ config, now }: Step, { absence }: Session, { record }: Directory): boolean {
  if (config.onTotalLoss === 'wait' || absence === undefined) return false;
  return absence.serial === record?.serial && now - absence.since >= absence.graceMs;
}

/** Heartbeats check the server's znode in the chain. */
function heartbeats(step: Step, id: number | undefined): void {
  if (id !== idIn(step.state.membership)) step.emit({ type: 'heartbeats', id });
}

function sessionIn({ state: { membership } }: Step): Session {
  return must('session' in membership ? membership.session : undefined, 'what is decided is of a session');
}
