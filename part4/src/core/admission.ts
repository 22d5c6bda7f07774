import { lookUpRequest, type SessionLimits } from './client-sessions.ts';
import { isAppliedNext, isConditional, type TableEntry } from './condition.ts';
import type { DiskRoom } from './disk-room.ts';
import type { Refusal, WriteRefusalCode } from './effects.ts';
import { type History, receivedBy, stableIn } from './history.ts';
import type { MembershipRecord } from './membership-record.ts';
import { addedBytes, type WriteName, type WriteRequest } from './update.ts';
import { logEnd, updateAt } from './update-log.ts';

export interface AdmissionLimits extends SessionLimits {
  readonly logUpdatesMax: number;
  readonly logBytesMax: number;
  readonly conditionUpdatesMax: number;
}

export type Admission =
  /** The write is new, and there is room for it. `isApplied`: see {@link Update.isApplied}. */
  | { readonly type: 'new'; readonly isApplied: boolean }
  /** An earlier attempt at this write got this name and this outcome. */
  | { readonly type: 'known'; readonly name: WriteName; readonly isApplied: boolean }
  | { readonly type: 'refused'; readonly refusal: Refusal };

/**
 * Decides whether the chain admits a write. Only the head decides, and only here: the decision depends on replicated
 * state, so no other server ever has to refuse an update.
 *
 * - A repeat of a write that already has a name needs no room.
 * - BUSY: too many updates wait for the rest of the chain; there may be room soon, so the write may wait. Or the client
 *   has too many requests without an answer, and must first report which answers it has; such a write does not wait,
 *   because it would delay other clients.
 * - DISK_FULL: this server's disk has little room left, see {@link DiskRoom}.
 * - FULL: the table will have no room for the write after all received updates, until something is deleted. While some
 *   updates are not executed, their effect on the size is unknown: BUSY, and the write may wait.
 *
 * - A write that changes nothing, because its condition is not met, needs room only in the log. While more updates than
 *   `conditionUpdatesMax` are not executed, such a write waits (BUSY): they are searched for its key.
 */
export function admissionOf(
  write: WriteRequest,
  entry: TableEntry,
  {
    history,
    record,
    limits,
    room,
  }: { history: History; record: MembershipRecord; limits: AdmissionLimits; room: DiskRoom },
): Admission {
  if (write.client !== '' && write.op !== 'open') {
    const found = lookUpRequest(history.sessions, write, limits);
    if (found.type === 'known') return found;
    if (found.type === 'answered')
      return refused('BAD_REQUEST', `request ${write.request} was answered before`);
    if (found.type === 'another-write')
      return refused('BAD_REQUEST', `request ${write.request} was sent before, with another write`);
    if (found.type === 'too-many') return refused('BUSY', 'too many requests of this client are unanswered');
    if (found.type === 'no-session') return refused('LOST', `this chain knows no session ${write.client}`);
  }
  if (room !== 'enough') return refused('DISK_FULL', 'the disk of the head has no room for another write');
  const received = receivedBy(history);
  const unsettled = received - stableIn(history);
  if (unsettled >= limits.logUpdatesMax || history.log.unsettledBytes >= limits.logBytesMax) {
    return busy(`${unsettled} writes wait for the rest of the chain`);
  }
  const { tableBytes, unexecutedBytes, executed } = history;
  if (isConditional(write) && received - executed > limits.conditionUpdatesMax) {
    return busy(`${received - executed} writes are waiting to be executed`);
  }
  const isApplied = isAppliedNext(history, write, entry);
  const newWrite: Admission = { type: 'new', isApplied };
  const added = addedBytes({ ...write, isApplied });
  if (added === 0) return newWrite;
  const { capacityBytes } = record;
  const isExact = executed === received;
  const freed = entry.bytes > 0 && !isUpdated(history, write.key) ? entry.bytes : 0;
  if (tableBytes + unexecutedBytes + added - freed <= capacityBytes) return newWrite;
  const full = `the table has no room for ${added} bytes: ${tableBytes} of ${capacityBytes} are in use`;
  if (isExact) return refused('FULL', full);
  return busy(`${full}, and ${received - executed} writes are waiting to be executed`);
}

/** Whether an update that may not be executed yet changes the value under `key`. */
function isUpdated({ log, executed }: History, key: string): boolean {
  for (let seq = executed; seq < logEnd(log); seq += 1) if (updateAt(log, seq).key === key) return true;
  return false;
}

function busy(detail: string): Admission {
  return { type: 'refused', refusal: { code: 'BUSY', detail, mayWait: true } };
}

function refused(code: WriteRefusalCode, detail: string): Admission {
  return { type: 'refused', refusal: { code, detail } };
}
