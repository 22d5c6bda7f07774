import { assert, must } from '@tablelab/shared';
import { type Admission, admissionOf } from './admission.ts';
import type { TableEntry } from './condition.ts';
import type { ChainEvent, Refusal, RequestToken, WriteReply } from './effects.ts';
import { lastEpoch } from './epoch-table.ts';
import { appendUpdate, type History, receivedBy, stableIn } from './history.ts';
import { type Adopted, absenceReason, adoptedIn, epochIn, leaseRefusal } from './membership-state.ts';
import type { Step } from './step.ts';
import type { Update, WriteName, WriteRequest } from './update.ts';
import { findUpdate, updateAt } from './update-log.ts';
import { headOf } from './view.ts';

/**
 * The head's part in a write (van Renesse & Schneider 2004, section 3): it numbers the write, and answers once the
 * number is known, or once the whole chain has executed it. A repeat gets the answer of the first attempt.
 *
 * `Waiters` are the writes that are answered once they are stable, by sequence number; the log limits their number.
 * Invariant: each write gets exactly one reply.
 */
export type Waiters = Map<number, RequestToken[]>;

export function newWaiters(): Waiters {
  return new Map();
}

export function copyWaiters(waiters: Waiters): Waiters {
  return new Map([...waiters].map(([seq, tokens]) => [seq, [...tokens]]));
}

/** Why this server cannot accept `write` now; undefined if it can. */
export function writeRefusal(
  step: Omit<Step, 'emit'>,
  write: WriteRequest,
  entry: TableEntry,
): Refusal | undefined {
  const admission = admit(step, write, entry);
  return admission.type === 'refused' ? admission.refusal : undefined;
}

/** Numbers a write, refuses it, or answers a repeat. */
export function takeWrite(step: Step, event: Extract<ChainEvent, { type: 'write' }>): void {
  const { token, write, ack, entry } = event;
  const { history, waiters } = step.state;
  const admission = admit(step, write, entry);
  if (admission.type === 'refused') return refuseWrite(step, token, admission.refusal);
  const { isApplied } = admission;
  const name = admission.type === 'known' ? admission.name : numberWrite(step, write, isApplied);
  assert(name.seq < receivedBy(history), 'what has a name is in the history');
  // An `open` is answered only once it is stable: a session that may never be opened is of no use.
  if (ack === 'assigned' && write.op !== 'open')
    return reply(step, token, { type: 'assigned', name, isApplied });
  if (name.seq < stableIn(history)) return reply(step, token, committed(history, name, isApplied));
  const tokens = waiters.get(name.seq);
  if (tokens === undefined) waiters.set(name.seq, [token]);
  else tokens.push(token);
}

/** The whole chain has executed all updates below `stable`. Call this before the history settles them. */
export function answerWrites(step: Step, stable: number): void {
  const { history, waiters } = step.state;
  for (let seq = stableIn(history); seq < stable && waiters.size > 0; seq += 1) {
    const tokens = waiters.get(seq);
    if (tokens === undefined) continue;
    waiters.delete(seq);
    const { epoch, isApplied } = updateAt(history.log, seq);
    for (const token of tokens) reply(step, token, committed(history, { epoch, seq }, isApplied));
  }
}

/** This server is out of the chain: only other servers can know the outcome of the waiting writes. */
export function abandonWrites(step: Step, detail: string): void {
  const { waiters } = step.state;
  for (const tokens of waiters.values()) {
    for (const token of tokens) reply(step, token, { type: 'unknown', detail });
  }
  waiters.clear();
}

export function refuseWrite(step: Step, token: RequestToken, { code, detail }: Refusal): void {
  reply(step, token, { type: 'refused', code, detail });
}

function admit(step: Omit<Step, 'emit'>, write: WriteRequest, entry: TableEntry): Admission {
  const { membership, history, room } = step.state;
  const refusal = headRefusal(step);
  if (refusal !== undefined) return { type: 'refused', refusal };
  const { record } = must(adoptedIn(membership), 'a head is in the chain');
  return admissionOf(write, entry, { history, record, limits: step.config.limits, room });
}

/** Why this server accepts no writes at all. */
function headRefusal({
  state: { membership, memory, history },
  now,
}: Omit<Step, 'emit'>): Refusal | undefined {
  const adopted = adoptedIn(membership);
  if (adopted === undefined) return { code: 'NOT_READY', detail: absenceReason(membership) };
  if (!adopted.isHead) {
    const head = headOf(adopted.view)?.address ?? 'not known yet';
    return { code: 'NOT_HEAD', detail: `writes go to the head, ${head}` };
  }
  if (!adopted.isMember) {
    return { code: 'NOT_READY', detail: 'this server does not hold the chain’s state yet' };
  }
  if (memory.isLeaving) return { code: 'SHUTTING_DOWN', detail: 'this server is leaving the chain' };
  // A new head first executes the history that its predecessor left, and then numbers writes.
  if (history.executed < receivedBy(history) && lastEpoch(history.epochs) !== epochIn(adopted)) {
    return { code: 'NOT_READY', detail: 'the new head is executing what the old one left' };
  }
  return leaseRefusal(adopted, now);
}

function numberWrite(step: Step, write: WriteRequest, isApplied: boolean): WriteName {
  const { history, membership } = step.state;
  const adopted: Adopted = must(adoptedIn(membership), 'a head is in the chain');
  assert(adopted.isMember && adopted.isHead, 'only a head that is a member numbers');
  const { client, request, firstIncomplete, op, key, data, expected } = write;
  const name = { epoch: epochIn(adopted), seq: receivedBy(history) };
  // Built field by field in the decoder's order: all updates have one hidden class, which is fastest to read.
  const update: Update = {
    client,
    request,
    firstIncomplete,
    op,
    key,
    data,
    expected,
    seq: name.seq,
    epoch: name.epoch,
    isApplied,
  };
  const last = lastEpoch(history.epochs) ?? update.epoch;
  assert(update.epoch >= last, () => `epoch ${update.epoch} is not below ${last}`);
  appendUpdate(history, update, step.config.limits);
  step.emit({ type: 'execute', updates: [update] });
  return name;
}

function committed(history: History, name: WriteName, isApplied: boolean): WriteReply {
  // If the log no longer contains it, it was not an `open`, which cannot be repeated because it has no number.
  const update = findUpdate(history.log, name.seq);
  return { type: 'committed', name, isApplied, client: update?.op === 'open' ? update.client : '' };
}

function reply({ emit }: Step, token: RequestToken, answer: WriteReply): void {
  emit({ type: 'reply', token, reply: answer });
}
