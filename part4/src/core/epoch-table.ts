import { assert } from '@tablelab/shared';
import type { Epoch, WriteName } from './update.ts';

export interface EpochStart {
  readonly epoch: Epoch;
  /** The first sequence number of that epoch. */
  readonly seq: number;
}

/**
 * Which head numbered which part of the history: the epochs in the order of their sequence numbers. Two servers that
 * have the same epoch at a sequence number have the same updates up to it, because an epoch belongs to one head and
 * links deliver in order. There is one entry for each head, so it needs no limit.
 *
 * Invariant: epochs and first sequence numbers both rise.
 */
export type EpochTable = EpochStart[];

/** The newest epoch that has numbered anything, or undefined before the first update. */
export function lastEpoch(table: EpochTable): Epoch | undefined {
  return table.at(-1)?.epoch;
}

/** Records that `name` is the next update of the history. */
export function addEpoch(table: EpochTable, name: WriteName): void {
  const last = table.at(-1);
  if (last?.epoch === name.epoch) return;
  assert(
    last === undefined || (name.epoch > last.epoch && name.seq > last.seq),
    () => `both only rise: epoch ${name.epoch} from ${name.seq} follows ${last?.epoch} from ${last?.seq}`,
  );
  table.push({ epoch: name.epoch, seq: name.seq });
}

/**
 * The epoch of `seq`. Beyond the end, it is the newest epoch, until a newer one begins. Undefined before the first
 * update.
 */
export function epochOf(table: EpochTable, seq: number): Epoch | undefined {
  return table.findLast((start) => start.seq <= seq)?.epoch;
}

/**
 * The gap between the operation numbers of two epochs. When a head dies, at most this many of its numbered writes are lost
 * (logUpdatesMax in limits.ts). So the number of a lost write is never given to another write.
 */
export const lostNumbersMax = 1 << 16;

/** The number of a write that clients see: its sequence number, plus one gap for each id since the first epoch. */
export function operationNumber(table: EpochTable, { epoch, seq }: WriteName): number {
  const first = table[0]?.epoch ?? epoch;
  return seq + lostNumbersMax * (epoch - first);
}

/**
 * The write that has, or may get, an operation number. `epoch` undefined: the original format names a write by the number
 * alone. Undefined where no write has that number, nor ever gets it.
 */
export function writeWithNumber(
  table: EpochTable,
  { number, epoch }: { readonly number: number; readonly epoch: Epoch | undefined },
): WriteName | undefined {
  const owner = epoch ?? table.findLast((start) => operationNumber(table, start) <= number)?.epoch;
  if (owner === undefined) return undefined;
  const seq = number - operationNumber(table, { epoch: owner, seq: 0 });
  const next = table.find((start) => start.epoch > owner);
  return seq < 0 || (next !== undefined && next.seq <= seq) ? undefined : { epoch: owner, seq };
}
