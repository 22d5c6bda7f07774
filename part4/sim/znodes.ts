import { must, unreachable } from '@tablelab/shared';
import type { TransactionStep } from '../src/ports.ts';

export interface Znode {
  readonly data: Uint8Array;
  readonly version: number;
  /** The session that owns an ephemeral znode; zeros for a persistent one. */
  readonly owner: string;
  /** The number of children that it has ever had, which is the number of the next sequential one. */
  readonly childrenCreated: number;
  /** Rises with each child that is created or removed. */
  readonly childrenVersion: number;
}

/** All znodes by path, at one moment. Immutable: a transaction creates a new map. */
export type Znodes = ReadonlyMap<string, Znode>;

const noOwner = '0'.repeat(16);

const noData = new Uint8Array(0);

export function emptyZnodes(): Znodes {
  return new Map([['/', newZnode(noData, noOwner, 0)]]);
}

export type Transacted =
  | { readonly committed: true; readonly znodes: Znodes }
  | { readonly committed: false; readonly refusal: string };

/** `firstNumber`: the number of a persistent znode's first sequential child, as if there had been others before. */
export function transacted(
  before: Znodes,
  session: string,
  steps: readonly TransactionStep[],
  firstNumber: number,
): Transacted {
  const znodes = new Map(before);
  let isChanged = false;
  for (const step of steps) {
    const refusal = carryOut(znodes, session, step, firstNumber);
    if (refusal !== undefined) return { committed: false, refusal };
    isChanged ||= step.op !== 'check';
  }
  return { committed: true, znodes: isChanged ? znodes : before };
}

/** The znodes after the end of a session, without its ephemeral ones. */
export function withoutSession(before: Znodes, session: string): Znodes {
  const own = [...before].filter(([, { owner }]) => owner === session);
  if (own.length === 0) return before;
  const znodes = new Map(before);
  for (const [path] of own) remove(znodes, path);
  return znodes;
}

/** Names of the children, without the path. */
export function childrenOf(znodes: Znodes, parent: string): string[] {
  const prefix = parent === '/' ? '/' : `${parent}/`;
  const names: string[] = [];
  for (const path of znodes.keys()) {
    if (path.length > prefix.length && path.startsWith(prefix) && !path.includes('/', prefix.length)) {
      names.push(path.slice(prefix.length));
    }
  }
  return names;
}

function carryOut(
  znodes: Map<string, Znode>,
  session: string,
  step: TransactionStep,
  firstNumber: number,
): string | undefined {
  const znode = znodes.get(step.path);
  switch (step.op) {
    case 'check':
      return znode === undefined ? 'absent' : undefined;
    case 'create':
      return create(znodes, session, step, firstNumber);
    case 'setData':
      if (znode === undefined) return 'absent';
      if (znode.version !== step.version) return 'version-differs';
      znodes.set(step.path, { ...znode, data: step.data, version: znode.version + 1 });
      return undefined;
    case 'remove':
      if (znode === undefined) return 'absent';
      if (childrenOf(znodes, step.path).length > 0) return 'not-empty';
      remove(znodes, step.path);
      return undefined;
    default:
      return unreachable(step);
  }
}

function create(
  znodes: Map<string, Znode>,
  session: string,
  { path, data, mode }: Extract<TransactionStep, { op: 'create' }>,
  firstNumber: number,
): string | undefined {
  const parentPath = parentOf(path);
  const parent = znodes.get(parentPath);
  if (parent === undefined) return 'absent';
  const number = mode === 'ephemeral-sequential' ? String(parent.childrenCreated).padStart(10, '0') : '';
  if (znodes.has(path + number)) return 'exists';
  const isPersistent = mode === 'persistent';
  znodes.set(path + number, newZnode(data, isPersistent ? noOwner : session, isPersistent ? firstNumber : 0));
  znodes.set(parentPath, {
    ...parent,
    childrenCreated: parent.childrenCreated + 1,
    childrenVersion: parent.childrenVersion + 1,
  });
  return undefined;
}

function remove(znodes: Map<string, Znode>, path: string): void {
  const parentPath = parentOf(path);
  const parent = must(znodes.get(parentPath), 'a znode has a parent');
  znodes.delete(path);
  znodes.set(parentPath, { ...parent, childrenVersion: parent.childrenVersion + 1 });
}

function newZnode(data: Uint8Array, owner: string, firstNumber: number): Znode {
  return { data, version: 0, owner, childrenCreated: firstNumber, childrenVersion: 2 * firstNumber };
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}
