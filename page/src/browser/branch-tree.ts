import type { Edit, EditList } from '@tablelab/part4/sim/edit-list';
import { type RunName, runQuery } from './run-name.ts';

/** A course that a chain has taken: a run with what a person did in it. */
export interface Branch {
  /** Branches are numbered in the order in which they were made. */
  readonly id: number;
  readonly run: RunName;
  /** The name that a person has given it. */
  readonly name: string | undefined;
}

/** Where a branch leaves the one that it was made from. */
export interface Fork {
  readonly parent: Branch;
  /** The first edit that the one has and the other has not. */
  readonly edit: Edit;
  /** How many edits the branch has after it. */
  readonly more: number;
  /** The edit is the parent's: the branch is its course without it, as after an undo. */
  readonly isWithout: boolean;
}

export interface PlacedBranch {
  readonly branch: Branch;
  readonly fork: Fork | undefined;
  /** How far it is indented: a branch goes on where its parent's first child does, and others beside it. */
  readonly depth: number;
}

/** The branches as a tree: after each one those that were made from it. */
export function treeOf(branches: readonly Branch[]): PlacedBranch[] {
  const children = new Map<Branch | undefined, { branch: Branch; fork: Fork | undefined }[]>();
  for (const branch of branches) {
    const fork = forkOf(branch, branches);
    const siblings = children.get(fork?.parent) ?? [];
    children.set(fork?.parent, [...siblings, { branch, fork }]);
  }
  const placed: PlacedBranch[] = [];
  const place = (parent: Branch | undefined, depth: number) => {
    const [first, ...others] = children.get(parent) ?? [];
    if (first === undefined) return;
    // The others come first, so that they stand below the branch that they leave.
    const inOrder = parent === undefined ? [first, ...others] : [...others, first];
    for (const one of inOrder) {
      const own = parent === undefined || one === first ? depth : depth + 1;
      placed.push({ ...one, depth: own });
      place(one.branch, own);
    }
  };
  place(undefined, 0);
  return placed;
}

/** Undefined if no earlier branch is of the same run. */
export function forkOf(branch: Branch, branches: readonly Branch[]): Fork | undefined {
  const own = editsOf(branch);
  let found: { readonly parent: Branch; readonly shared: number; readonly edits: number } | undefined;
  for (const parent of branches) {
    if (parent.id >= branch.id || !isOfSameRun(parent, branch)) continue;
    const edits = editsOf(parent);
    const shared = sharedBy(branch, parent);
    const isBetter =
      found === undefined || shared > found.shared || (shared === found.shared && edits.length < found.edits);
    if (isBetter) found = { parent, shared, edits: edits.length };
  }
  if (found === undefined) return undefined;
  const { parent, shared } = found;
  const edit = own[shared] ?? editsOf(parent)[shared];
  const isWithout = shared === own.length;
  return edit === undefined
    ? undefined
    : { parent, edit, isWithout, more: Math.max(0, own.length - 1 - shared) };
}

function isOfSameRun(one: Branch, other: Branch): boolean {
  return contentOf(one).base === contentOf(other).base;
}

export function editsOf(branch: Branch): readonly Edit[] {
  return contentOf(branch).edits;
}

/** With how many servers it begins; undefined: with those of the seed. */
export function serversOf(branch: Branch): number | undefined {
  return contentOf(branch).servers;
}

/** With how many equal edits both begin. */
function sharedBy(one: Branch, other: Branch): number {
  const [own, others] = [contentOf(one).texts, contentOf(other).texts];
  const first = own.findIndex((text, index) => text !== others[index]);
  return first === -1 ? own.length : first;
}

interface Content {
  readonly servers: number | undefined;
  readonly edits: readonly Edit[];
  /** The same as text, to be compared. */
  readonly texts: readonly string[];
  /** What is the same in all branches of a run. */
  readonly base: string;
}

/** Each branch is compared with all others, so it is read once. */
const contents = new WeakMap<Branch, Content>();

function contentOf(branch: Branch): Content {
  const known = contents.get(branch);
  if (known !== undefined) return known;
  const { run } = branch;
  // The simulator has played it, so its edits are right.
  const list: EditList = run.edits === undefined ? { edits: [] } : JSON.parse(run.edits);
  const { servers, edits } = list;
  const query = runQuery({ ...run, edits: undefined }, undefined);
  const content: Content = {
    servers,
    edits,
    texts: edits.map((edit) => JSON.stringify(edit)),
    base: `${query} ${servers}`,
  };
  contents.set(branch, content);
  return content;
}
