import { must, TableError, unreachable } from '@tablelab/shared';
import zookeeper, { type Client, type OperationResult, type Transaction } from 'node-zookeeper-client';
import type { CreateMode, TransactionStep } from '../../ports.ts';
import { refusalOf, type ZooKeeperRefusal } from './pending-calls.ts';

export const createFlags: Readonly<Record<CreateMode, number>> = {
  persistent: zookeeper.CreateMode.PERSISTENT,
  ephemeral: zookeeper.CreateMode.EPHEMERAL,
  'ephemeral-sequential': zookeeper.CreateMode.EPHEMERAL_SEQUENTIAL,
};

/** A step of a transaction. `version` must match exactly, also 0; without it, any version matches. */
export type ZooKeeperStep =
  | Extract<TransactionStep, { op: 'create' }>
  | { readonly op: 'check' | 'remove'; readonly path: string; readonly version?: number }
  | { readonly op: 'setData'; readonly path: string; readonly data: Uint8Array; readonly version?: number };

export type ZooKeeperOutcome =
  /** `paths`: for each step, the path that a create has made. */
  | { readonly committed: true; readonly paths: readonly (string | undefined)[] }
  /** Nothing was done: `refused` is the index of the step that ZooKeeper refused. */
  | { readonly committed: false; readonly refused: number; readonly refusal: ZooKeeperRefusal };

export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function buildTransaction(client: Client, steps: readonly ZooKeeperStep[]): Transaction {
  const transaction = client.transaction();
  for (const step of steps) {
    addStep(transaction, step);
    if (step.op !== 'create' && step.version !== undefined) {
      must(transaction.ops.at(-1), 'the step has just been added').version = step.version;
    }
  }
  return transaction;
}

function addStep(transaction: Transaction, step: ZooKeeperStep): void {
  switch (step.op) {
    case 'check':
      transaction.check(step.path);
      return;
    case 'create':
      transaction.create(step.path, asBuffer(step.data), createFlags[step.mode]);
      return;
    case 'setData':
      transaction.setData(step.path, asBuffer(step.data));
      return;
    case 'remove':
      transaction.remove(step.path);
      return;
    default:
      unreachable(step);
  }
}

/**
 * In the results of a failed transaction each step has a code: 0 before the failed step, its error code, and
 * RUNTIME_INCONSISTENCY after it.
 *
 * @throws TableError INTERNAL for a code that is no {@link ZooKeeperRefusal}; nothing was done then either.
 */
export function transactionOutcome(what: string, results: readonly OperationResult[]): ZooKeeperOutcome {
  const refused = results.findIndex((result) => (result.err ?? 0) !== 0);
  if (refused === -1) return { committed: true, paths: results.map((result) => result.path) };
  const code = must(results[refused]?.err, 'a refused step has a code');
  const refusal = refusalOf(code);
  if (refusal === undefined) throw new TableError('INTERNAL', `${what}: ZooKeeper says ${code}`);
  return { committed: false, refused, refusal };
}
