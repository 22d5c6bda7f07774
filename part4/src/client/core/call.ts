import { assert, unreachable } from '@tablelab/shared';
import type { CallId, ClientOperation, ClientResult, ConnectionId } from './client-effects.ts';

/** Which end of the chain a call is for. */
export type Role = 'head' | 'tail';

export const roles: readonly Role[] = ['head', 'tail'];

/**
 * One call of the user, through all its attempts. It either waits in the queue of its role, or has been sent and waits
 * for the answer to that attempt.
 */
export interface Call {
  readonly id: CallId;
  readonly operation: ClientOperation;
  readonly role: Role;
  readonly begunAt: number;
  readonly deadline: number;
  /** The number of a write in a client session, from its first attempt on. */
  numbered: NumberedIn | undefined;
  /** The connection on which the answer is expected; undefined: the call is in the queue. */
  sentOver: ConnectionId | undefined;
  /** An earlier attempt may have been executed, or may still be. Never true for a read, which changes nothing. */
  isInDoubt: boolean;
  /** Why the last attempt failed. */
  trouble: string | undefined;
}

export interface NumberedIn {
  /** See OpenSession.serial. */
  readonly session: number;
  readonly request: number;
}

export function roleOf({ op }: ClientOperation): Role {
  switch (op) {
    case 'put':
    case 'putIfAbsent':
    case 'putIfEquals':
    case 'del':
      return 'head';
    case 'get':
    case 'has':
    case 'size':
    case 'keys':
    case 'scan':
    case 'verify':
    case 'dump':
      return 'tail';
    default:
      return unreachable(op);
  }
}

/** Whether any attempt of the call may have been executed, or may still be. */
export function mayHaveHappened({ role, sentOver, isInDoubt }: Call): boolean {
  assert(role === 'head' || !isInDoubt, 'a read is never in doubt');
  return isInDoubt || (role === 'head' && sentOver !== undefined);
}

const resultTypes: Readonly<Record<ClientOperation['op'], ClientResult['type']>> = {
  put: 'written',
  putIfAbsent: 'written',
  putIfEquals: 'written',
  del: 'written',
  get: 'value',
  has: 'presence',
  size: 'size',
  keys: 'keys',
  scan: 'page',
  verify: 'verified',
  dump: 'dumped',
};

/** Whether `result` is of the type that `operation` expects. */
export function fits(operation: ClientOperation, result: ClientResult): boolean {
  return resultTypes[operation.op] === result.type;
}
