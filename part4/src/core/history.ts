import { assert } from '@tablelab/shared';
import {
  applyToSessions,
  type ClientSessions,
  copySessions,
  newSessions,
  type SessionLimits,
  sessionRecords,
} from './client-sessions.ts';
import { addEpoch, type EpochTable, epochOf, lastEpoch, writeWithNumber } from './epoch-table.ts';
import type { ChainId } from './membership-record.ts';
import type { ChainMessage } from './messages.ts';
import { addedBytes, type Update } from './update.ts';
import {
  appendToLog,
  copyLog,
  type LogWindow,
  logEnd,
  newLog,
  settleLog,
  type UpdateLog,
  updateAt,
} from './update-log.ts';

export type Snapshot = Extract<ChainMessage, { type: 'snapshot' }>;

/**
 * A server's part of the chain's history, without the table: the end of the log, the epochs, and the client sessions.
 *
 * Invariant: `log.start <= stable <= executed <= received`, see {@link receivedBy} and {@link stableIn}.
 */
export interface History {
  /** Undefined for a new server that belongs to no chain yet. */
  chain: ChainId | undefined;
  /** False while the state is being copied from another server. */
  isWhole: boolean;
  log: UpdateLog;
  epochs: EpochTable;
  sessions: ClientSessions;
  /** The sessions reflect the updates below this number. */
  sessionsSeq: number;
  /** Every update below this number has been executed here. */
  executed: number;
  /** The table's last reported logical size, at least as new as `executed`, in bytes. */
  tableBytes: number;
  /** The most that received updates not known to be executed may add to it, in bytes. */
  unexecutedBytes: number;
}

export function newHistory(): History {
  return historyFrom(undefined, { seq: 0, epochs: [], sessions: [], sessionsSeq: 0 });
}

/** Starts over with a chain that has no history yet. */
export function resetHistory(history: History, chain: ChainId): void {
  Object.assign(history, newHistory(), { chain });
}

/** Starts over from a snapshot; its entries and the later updates complete the state. */
export function beginCopy(history: History, chain: ChainId, snapshot: Omit<Snapshot, 'type'>): void {
  assert(snapshot.sessionsSeq >= snapshot.seq, 'the sessions of a snapshot are no older than its table');
  Object.assign(history, historyFrom(chain, snapshot), { isWhole: false });
}

export function copyHistory(history: History): History {
  return {
    ...history,
    log: copyLog(history.log),
    epochs: history.epochs.slice(),
    sessions: copySessions(history.sessions),
  };
}

/** The sequence number that the next update gets. */
export function receivedBy({ log }: History): number {
  return logEnd(log);
}

/** The whole chain is known to have executed every update below it. */
export function stableIn({ log }: History): number {
  return log.settled;
}

export function appendUpdate(history: History, update: Update, limits: SessionLimits): void {
  appendToLog(history.log, update);
  addEpoch(history.epochs, update);
  history.unexecutedBytes += addedBytes(update);
  if (update.seq >= history.sessionsSeq) applyToSessions(history.sessions, update, limits);
}

/** The table has executed all updates below `executed`. `tableBytes`: its logical size, at least as new. */
export function noteExecuted(history: History, executed: number, tableBytes: number): void {
  const received = receivedBy(history);
  assert(
    executed >= history.executed && executed <= received,
    () => `executed ${executed}, after ${history.executed}, of ${received}`,
  );
  assert(tableBytes >= 0, () => `a table of ${tableBytes} bytes`);
  for (let seq = history.executed; seq < executed; seq += 1) {
    history.unexecutedBytes -= addedBytes(updateAt(history.log, seq));
  }
  assert(history.unexecutedBytes >= 0, 'what is executed was counted before');
  assert(executed < received || history.unexecutedBytes === 0, 'nothing is counted twice');
  history.executed = executed;
  history.tableBytes = tableBytes;
}

export function settle(history: History, stable: number, window: LogWindow): void {
  assert(stable <= history.executed, () => `stable ${stable} is executed, of ${history.executed}`);
  settleLog(history.log, stable, window);
}

/** What a new server needs besides the entries, as of `executed`. */
export function snapshotOf(history: History): Snapshot {
  assert(history.isWhole, 'only a whole state is copied');
  const { executed: seq, epochs, sessions } = history;
  return {
    type: 'snapshot',
    seq,
    epochs: epochs.filter((start) => start.seq < seq),
    sessions: sessionRecords(sessions),
    sessionsSeq: receivedBy(history),
  };
}

/** The snapshot with which a copy of another server's state began, or an empty state; before the first update after it. */
export function copiedFrom(history: History): Snapshot {
  const { executed: seq, epochs, sessionsSeq } = history;
  const sessions = sessionRecords(history.sessions);
  return { type: 'snapshot', seq, epochs, sessions, sessionsSeq };
}

/**
 * Whether the write with an operation number has been executed, may still be, or will never be because another head's write
 * has its place (assignment part 4, `verify`). A name without an epoch is the original format's.
 */
export function verifyIn(
  history: History,
  name: { number: number; epoch: number | undefined },
): 'executed' | 'pending' | 'lost' {
  const { epochs, executed } = history;
  if (epochs.length === 0) return 'pending';
  const write = writeWithNumber(epochs, name);
  if (write === undefined) return 'lost';
  // Beyond the end, every number belongs to the newest epoch until a newer one begins, which may be the one in `name`.
  if (write.seq >= receivedBy(history)) return 'pending';
  if (epochOf(epochs, write.seq) !== write.epoch) return 'lost';
  return write.seq < executed ? 'executed' : 'pending';
}

/** Checks the invariants of a history, which hold between two events. */
export function checkHistory(history: History): void {
  const { log, executed, epochs } = history;
  const { start, settled, unsettledBytes } = log;
  const received = receivedBy(history);
  assert(
    start <= settled && settled <= executed && executed <= received,
    () => `log from ${start} <= stable ${settled} <= executed ${executed} <= received ${received}`,
  );
  assert(settled < received || unsettledBytes === 0, 'a settled log has no unsettled bytes');
  assert(executed < received || history.unexecutedBytes === 0, 'an executed history adds nothing');
  assert(received === 0 || lastEpoch(epochs) !== undefined, 'every update has an epoch');
}

function historyFrom(chain: ChainId | undefined, snapshot: Omit<Snapshot, 'type'>): History {
  const { seq, epochs, sessions, sessionsSeq } = snapshot;
  return {
    chain,
    isWhole: true,
    log: newLog(seq),
    epochs: [...epochs],
    sessions: newSessions(sessions),
    sessionsSeq,
    executed: seq,
    tableBytes: 0,
    unexecutedBytes: 0,
  };
}
